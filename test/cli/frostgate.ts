/** Runs the command line as a shell does. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const main = join(import.meta.dirname, '../../cli/main.ts')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function frostgate(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Outcome> {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  child.stdin.end(input)
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: exit[0] as number | null, stdout, stderr }
}
