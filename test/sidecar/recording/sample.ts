/** A small recording with something of everything, for the tests of this folder and of the CLI. */

import { createHash } from 'node:crypto'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { spellLine } from '../../../sidecar/recording/chain.ts'
import type {
  RecordedEvent,
  RecordedLine,
  StatementReceived,
} from '../../../sidecar/recording/events.ts'
import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'

export const chunkBytes = Buffer.from('the bytes of a chunk, as relayed')
export const chunkDigest = createHash('sha256').update(chunkBytes).digest('hex')
const digest = 'ab'.repeat(32)

export function received(statement: string, sql = 'SELECT 1'): StatementReceived {
  return {
    type: 'statement.received',
    session: 's1',
    statement,
    requestId: `request-${statement}`,
    sql,
    sqlDigest: digest,
    binds: 0,
    describeOnly: false,
  }
}

const dropError = {
  name: 'PolicyDenied',
  code: '003001',
  sqlState: '42501',
  message: 'DROP TABLE is denied by rule "never" of AgentPolicy "agents". Ask #data-platform.',
}

export const sampleEvents: readonly RecordedEvent[] = [
  { type: 'gateway.started', version: '0.1.0', connection: 'acme', bundle: `sha256:${digest}` },
  {
    type: 'login.refused',
    claimed: { issuer: 'https://idp.example', subject: 'agent-8' },
    error: {
      name: 'TokenExpired',
      code: '390318',
      sqlState: '28000',
      message: 'The login token of identity provider "local" expired.',
    },
  },
  {
    type: 'login.accepted',
    session: 's1',
    principal: {
      provider: 'local',
      issuer: 'http://127.0.0.1:8088',
      subject: 'agent-7',
      groups: ['ai-coding-agents'],
      run: 'run-42',
    },
    policies: ['agents'],
    role: 'AGENT_READER',
    warehouse: 'AGENT_WH',
    client: { name: 'JavaScript', version: '3.3.0' },
  },
  received('q1', 'SELECT id, name, ssn\nFROM health.phi.patients\nLIMIT 3'),
  {
    type: 'statement.decided',
    session: 's1',
    statement: 'q1',
    verdict: 'allow',
    kind: 'Select',
    class: 'Query',
    objects: ['HEALTH.PHI.PATIENTS'],
    maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
    maskingRules: ['ssn'],
    rules: ['agents/read-analytics'],
    observed: [],
    emitted: 'SELECT id, name, ssn FROM (…)',
    error: null,
  },
  {
    type: 'statement.finished',
    session: 's1',
    statement: 'q1',
    upstreamQueryId: '01b2-0000',
    columns: [
      { name: 'ID', type: 'fixed' },
      { name: 'NAME', type: 'text' },
      { name: 'SSN', type: 'text' },
    ],
    totalRows: 3,
    rows: [
      ['1', 'Ada Æ', '*******6789'],
      ['2', null, '*******0001'],
      ['3', 'Zoë\u001b[31m', '*******1234'],
    ],
    rowsDigest: digest,
    chunks: 1,
    milliseconds: 12.4,
  },
  { type: 'chunk.requested', session: 's1', statement: 'q1', chunk: 0 },
  {
    type: 'chunk.relayed',
    session: 's1',
    statement: 'q1',
    chunk: 0,
    bytes: chunkBytes.length,
    sha256: chunkDigest,
    stored: true,
    complete: true,
  },
  received('q2', 'DROP TABLE health.phi.patients'),
  {
    type: 'statement.decided',
    session: 's1',
    statement: 'q2',
    verdict: 'deny',
    kind: 'DropTable',
    class: 'Drop',
    objects: ['HEALTH.PHI.PATIENTS'],
    maskedColumns: [],
    maskingRules: [],
    rules: ['agents/never'],
    observed: [],
    emitted: null,
    error: dropError,
  },
  {
    type: 'request.refused',
    session: 's1',
    method: 'POST',
    path: '/api/v2/statements',
    error: {
      name: 'RouteUnknown',
      code: '390404',
      sqlState: '08P01',
      message: 'POST /api/v2/statements is not an endpoint of this gateway.',
    },
  },
  { type: 'session.closed', session: 's1', reason: 'logout' },
  { type: 'gateway.stopped', reason: 'SIGTERM' },
]

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'frostgate-recording-'))
}

/** A clock that goes on by a quarter of a second at each look. */
export function steadyClock(): () => number {
  let time = Date.parse('2026-03-01T09:14:02.000Z')
  return () => (time += 250)
}

/** Records the sample, with its blob, and returns the path of the file. */
export async function recordSample(events = sampleEvents): Promise<string> {
  const path = join(await temporaryFolder(), 'sample.jsonl')
  const recorder = await openFileRecorder({ path, now: steadyClock() })
  const blob = await recorder.blob('Full')
  await blob?.write(chunkBytes)
  await blob?.commit(chunkDigest)
  for (const event of events) await recorder.record(event)
  await recorder.close()
  return path
}

export function serialiseLine(line: RecordedLine): string {
  return spellLine(line).text
}

export async function linesOf(path: string): Promise<readonly string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1)
}

export async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(path, lines.map((line) => `${line}\n`).join(''))
}
