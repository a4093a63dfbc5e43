/** Runs a driver's client over a plan, in a process that has nothing but the plan. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import type { Answer } from './answer.ts'
import type { Driver } from './driver.ts'
import type { Login, TokenKind } from './logins.ts'

export interface PlanOptions {
  readonly gateway: string
  readonly tokens: Readonly<Record<TokenKind, string>>
  readonly logins: readonly Login[]
  /** Home of the process, and where its files are. */
  readonly folder: string
}

const timeoutMs = 180_000

/** Rejects where the client itself fails: what a statement does is in the answers. */
export async function runClient(
  { command }: Driver,
  options: PlanOptions,
): Promise<readonly Answer[]> {
  const plan = await writePlan(options)
  const [program, ...words] = command
  const child = spawn(program, [...words, plan], {
    cwd: options.folder,
    env: {
      PATH: process.env['PATH'],
      HOME: options.folder,
      SNOWFLAKE_HOME: options.folder,
      // Else drivers ask cloud metadata services where they run.
      SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
      NO_PROXY: '127.0.0.1,localhost',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  if (exit[0] !== 0)
    throw new Error(`the client ended with ${String(exit[0] ?? exit[1])}: ${stderr.slice(-2000)}`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Answer)
}

async function writePlan({ gateway, tokens, logins, folder }: PlanOptions): Promise<string> {
  const { hostname, port } = new URL(gateway)
  await mkdir(folder, { recursive: true })
  const tokenFile = join(folder, 'token')
  // Ends with a newline, as `frostgate token > token` leaves it.
  await writeFile(tokenFile, `${tokens.good}\n`, { mode: 0o600 })
  const plan = {
    host: hostname,
    port: Number(port),
    logins: logins.map((login) => ({ ...login, token: tokens[login.token], tokenFile })),
  }
  const file = join(folder, 'plan.json')
  await writeFile(file, JSON.stringify(plan), { mode: 0o600 })
  return file
}
