/** The gateway under test: `frostgate up`, started as a user starts it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { RecordedEvent, RecordedLine } from '../../sidecar/recording/events.ts'
import { frostgate } from '../cli/frostgate.ts'

const root = join(import.meta.dirname, '../..')

/** Milliseconds, on a machine that has much else to do. */
const longestReload = 20_000

export interface Addresses {
  readonly gateway: string
  readonly issuer: string
  readonly recording: string
}

export interface GatewayProcess extends Addresses {
  /** Folder of requests and decisions. */
  readonly approvals?: string
  /** By SIGHUP; resolves once the gateway has said so on stderr, in whichever of its reloads. */
  reload?: (said: string) => Promise<void>
  /** As Ctrl-C does. Rejects if it does not end well. */
  stop(): Promise<void>
}

export interface ProcessOptions {
  /** Of configuration; the quickstart's. */
  readonly directory?: string
}

export async function startGatewayProcess(
  recording: string,
  { directory = 'examples/quickstart' }: ProcessOptions = {},
): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'cli/main.ts'), 'up', directory, '--json',
      '--port', '0', '--issuer-port', '0', '--recording', recording,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  ) // prettier-ignore
  const exit = once(child, 'close')
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaints += piece))
  let printed = ''
  const addresses = new Promise<Addresses>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString('utf8')
      if (printed.trimEnd().endsWith('}')) resolve(JSON.parse(printed) as Addresses)
    })
  })
  const ended = exit.then(() => {
    throw new Error(`frostgate up did not start: ${complaints}`)
  })
  const started = await Promise.race([addresses, ended])
  // From here on its end is waited for in stop().
  ended.catch(() => undefined)
  return {
    ...started,
    reload: async (said) => {
      child.kill('SIGHUP')
      const end = Date.now() + longestReload
      while (!complaints.includes(said)) {
        if (Date.now() > end) throw new Error(`frostgate up never said ${said}: ${complaints}`)
        await delay(50)
      }
    },
    stop: async () => {
      child.kill('SIGINT')
      const [code] = (await exit) as [number | null]
      if (code !== 0)
        throw new Error(`frostgate up ended with ${code ?? 'a signal'}: ${complaints}`)
    },
  }
}

/** As `frostgate token` prints it. `expiresIn` as that command takes it: `1h`, `-1m`. */
export async function tokenOf(
  issuer: string,
  expiresIn: string,
  { group = 'ai-coding-agents', subject = 'agent' } = {},
): Promise<string> {
  const { code, stdout, stderr } = await frostgate([
    'token', '--group', group, '--subject', subject,
    '--issuer', issuer, `--expires-in=${expiresIn}`,
  ]) // prettier-ignore
  if (code !== 0) throw new Error(`frostgate token failed: ${stderr}`)
  return stdout.trim()
}

export async function recordedEvents(recording: string): Promise<readonly RecordedEvent[]> {
  const lines = (await readFile(recording, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as RecordedLine).event)
}
