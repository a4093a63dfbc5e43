/** Runs a tool as a user does, in a process that knows loopback and its own home only. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Surroundings {
  /** Home, and where it is started. */
  readonly folder: string
  /** A proxy that refuses: what is not for loopback goes there. */
  readonly outside: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Ended {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const timeoutMs = 180_000

/** Until it ends, whatever its exit code. */
export async function runTool(
  command: readonly [program: string, ...words: readonly string[]],
  surroundings: Surroundings,
): Promise<Ended> {
  const child = start(command, surroundings, 'ignore')
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the tool has no pipes')
  const [out, err, exit] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')])
  return { code: exit[0] as number | null, stdout: out, stderr: err }
}

export function start(
  [program, ...words]: readonly [program: string, ...words: readonly string[]],
  { folder, outside, env = {} }: Surroundings,
  stdin: 'ignore' | 'pipe',
): ChildProcess {
  return spawn(program, words, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      SNOWFLAKE_HOME: folder,
      // Else drivers ask cloud metadata services where they run.
      SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
      HTTP_PROXY: outside,
      HTTPS_PROXY: outside,
      NO_PROXY: '127.0.0.1,localhost',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUTF8: '1',
      // Output is for a reader that has no terminal.
      NO_COLOR: '1',
      COLUMNS: '200',
      ...env,
    },
    stdio: [stdin, 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
}
