/** The few lines that connect a client, as docs/clients.md shows them and as the suite runs them. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { runProgram } from './client.ts'

export interface Snippet {
  /** Path of the `.snippet` file. Its address and its path of a token file are those below. */
  readonly file: string
  /** For the fence in the page: `js`, `python`, … */
  readonly language: string
  /** Name under which a copy is run; the toolchain may want its own ending. */
  readonly as: string
  /** Working directory; the folder of the copy, if not given. */
  readonly cwd?: string
  /** Runs the copy at `path`. Its output has the role of the session, AGENT_READER. */
  readonly command: (path: string) => readonly [string, ...(readonly string[])]
}

/** What a snippet says, and what the suite puts in its place. */
const shown = { port: '8080', tokenFile: '/run/frostgate/token' }

/** Why it does not work; undefined if it does. */
export async function runSnippet(
  { file, as, cwd, command }: Snippet,
  at: { readonly gateway: string; readonly tokenFile: string; readonly folder: string },
): Promise<string | undefined> {
  const text = await readFile(file, 'utf8')
  const { port } = new URL(at.gateway)
  const missing = Object.values(shown).find((word) => !text.includes(word))
  if (missing !== undefined) return `the snippet does not name ${missing}`
  await mkdir(at.folder, { recursive: true })
  const path = join(at.folder, as)
  const placed = text.replaceAll(shown.port, port).replaceAll(shown.tokenFile, at.tokenFile)
  // Some tools refuse a file of settings that others may read.
  await writeFile(path, placed, { mode: 0o600 })
  const { stdout, stderr, exit } = await runProgram(command(path), at.folder, cwd)
  if (exit !== 0) return `it ended with ${exit}: ${stderr.slice(-600)}`
  return stdout.includes('AGENT_READER') ? undefined : `it printed ${stdout.slice(0, 300)}`
}
