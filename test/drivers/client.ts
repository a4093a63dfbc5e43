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

const timeoutMs = 300_000

/** What the file holds that a PUT names: it must not leave. */
export const fileContent = 'this line must not leave the machine'

/** Rejects where the client itself fails: what a statement does is in the answers. */
export async function runClient(
  { command }: Driver,
  options: PlanOptions,
): Promise<readonly Answer[]> {
  const plan = await writePlan(options)
  const [program, ...words] = command
  const { stdout, stderr, exit } = await runProgram([program, ...words, plan], options.folder)
  const answers = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Answer)
  if (exit !== 0)
    throw new Error(
      `the client ended with ${exit} after "${answers.at(-1)?.check ?? 'nothing'}": ${stderr.slice(-2000)}`,
    )
  return answers
}

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** Exit code, or the signal that ended it. */
  readonly exit: number | string
}

/** `home` is its working directory too, unless another one is given. */
export async function runProgram(
  [program, ...words]: readonly [string, ...(readonly string[])],
  home: string,
  cwd = home,
): Promise<Ended> {
  const child = spawn(program, words, {
    cwd,
    env: clientEnvironment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { stdout, stderr, exit: (exit[0] ?? exit[1]) as number | string }
}

/** Loopback, its own home, and nothing else. */
export function clientEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    SNOWFLAKE_HOME: home,
    // Else drivers ask cloud metadata services where they run.
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    // Else they refuse a workload identity anywhere but at Snowflake's own hosts.
    SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: '127.0.0.1',
    NO_PROXY: '127.0.0.1,localhost',
    PYTHONDONTWRITEBYTECODE: '1',
  }
}

/** Gives its path. */
export async function writePlan({ gateway, tokens, logins, folder }: PlanOptions): Promise<string> {
  const { hostname, port } = new URL(gateway)
  await mkdir(folder, { recursive: true })
  const tokenFile = join(folder, 'token')
  const file = join(folder, 'record.csv')
  // Ends with a newline, as `frostgate token > token` leaves it.
  await writeFile(tokenFile, `${tokens.good}\n`, { mode: 0o600 })
  await writeFile(file, `${fileContent}\n`)
  const placed = (sql: string): string =>
    sql.replaceAll('{file}', file).replaceAll('{folder}', folder)
  const plan = {
    host: hostname,
    port: Number(port),
    logins: logins.map((login) => ({
      ...login,
      token: tokens[login.token],
      tokenFile,
      checks: login.checks.map((check) => ({
        ...check,
        sql: typeof check.sql === 'string' ? placed(check.sql) : check.sql,
        ...(check.operation === 'file' ? { file } : {}),
      })),
    })),
  }
  const path = join(folder, 'plan.json')
  await writeFile(path, JSON.stringify(plan), { mode: 0o600 })
  return path
}
