/** The quickstart's agent as a process that can be looked into. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { agentEnvironment, type AgentAnswer, type AgentOptions } from '../../cli/demo/agent.ts'

const program = join(import.meta.dirname, '../../examples/quickstart/agent.mjs')

export interface InspectedAgent {
  readonly answers: readonly AgentAnswer[]
  /** As the kernel shows it (Linux), else as it was given. */
  readonly environment: string
  /** Of its home and working folder, after it has ended. */
  readonly files: ReadonlyMap<string, string>
  readonly stdout: string
  readonly stderr: string
}

export async function runInspectedAgent(
  options: AgentOptions,
  token: string,
  statements: readonly string[],
): Promise<InspectedAgent> {
  await writeFile(join(options.folder, 'token'), token, { mode: 0o600 })
  const env = agentEnvironment(options)
  const child = spawn(process.execPath, [program, ...statements], {
    cwd: options.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  // The first line is printed well after exec: until then /proc shows the parent's environment.
  await once(child.stdout, 'readable')
  const environment =
    process.platform === 'linux'
      ? await readFile(`/proc/${child.pid ?? 0}/environ`, 'latin1')
      : JSON.stringify(env)
  const [stdout, stderr] = await output
  return {
    answers: stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as AgentAnswer),
    environment,
    files: await filesOf(options.folder),
    stdout,
    stderr,
  }
}

/** Every file below the folder, as latin1, so that no byte is lost. */
export async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = new Map<string, string>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) files.set(path, await readFile(path, 'latin1'))
  }
  return files
}
