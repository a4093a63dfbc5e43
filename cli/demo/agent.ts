/** Runs the agent: another process, with an environment of its own, that knows one token file. */

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const program = fileURLToPath(new URL('../../examples/quickstart/agent.mjs', import.meta.url))
const run = promisify(execFile)

export interface AgentAnswer {
  /** Null: the login failed. */
  readonly sql: string | null
  readonly columns?: readonly string[]
  /** The first rows. */
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
  readonly total?: number
  readonly error?: {
    readonly code: string
    readonly sqlState: string | null
    readonly message: string
  }
}

export interface AgentOptions {
  readonly gateway: string
  /** Where its files are; also its home and working folder. */
  readonly folder: string
}

export interface AgentRun extends AgentOptions {
  /** Ends it. */
  readonly signal: AbortSignal
}

/** All that the agent is given. Nothing of this process's environment goes along. */
export function agentEnvironment({ gateway, folder }: AgentOptions): Record<string, string> {
  const { hostname, port } = new URL(gateway)
  return {
    HOME: folder,
    SNOWFLAKE_HOST: hostname,
    SNOWFLAKE_PORT: port,
    SNOWFLAKE_ACCOUNT: 'acme-demo',
    SNOWFLAKE_TOKEN_FILE: join(folder, 'token'),
    // Else the driver asks cloud metadata services where it runs.
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    NO_PROXY: '127.0.0.1,localhost',
  }
}

/** One answer per statement, in order; a single one without SQL if the login fails. */
export async function runAgent(
  options: AgentRun,
  token: string,
  statements: readonly string[],
): Promise<readonly AgentAnswer[]> {
  await writeFile(join(options.folder, 'token'), token, { mode: 0o600 })
  const { stdout } = await run(process.execPath, [program, ...statements], {
    cwd: options.folder,
    env: agentEnvironment(options),
    timeout: 50_000,
    signal: options.signal,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: unknown) => {
    // Exit code 2 is a refused login, which the agent has told of.
    const {
      code,
      stdout: printed,
      stderr,
    } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (code === 2 && printed) return { stdout: printed }
    throw new Error(`the agent failed: ${stderr ?? String(error)}`, { cause: error })
  })
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as AgentAnswer)
}
