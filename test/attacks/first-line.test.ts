import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startIssuer, type Issuer } from '../../examples/oidc/issuer.ts'
import { startWarehouse, type Warehouse } from '../../examples/warehouse/warehouse.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { RecordedLine } from '../../sidecar/recording/events.ts'
import { openFileRecorder, type FileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { startGateway, type RunningGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { GatewayClient, type ClientAnswer, type ClientSession } from '../support/client.ts'
import { attacks, views, type Attack, type Outcome } from './attacks.ts'

const quickstart = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))

/** The table is longer than a minute of statements may be. */
const unlimited = { rowsPerStatement: undefined, statementsPerMinute: undefined }

let folder: string
let issuer: Issuer
let warehouse: Warehouse
let recorder: FileRecorder
let gateway: RunningGateway
let session: ClientSession
/** Every raw SSN of the database, as written and as bare digits. */
const raw = new Set<string>()

beforeAll(async () => {
  const compiled = await compileDirectory(quickstart)
  if ('problems' in compiled) throw new Error('the quickstart does not compile')
  const { connection, policies } = compiled.bundle
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  folder = await mkdtemp(join(tmpdir(), 'frostgate-attacks-'))
  issuer = await startIssuer({ port: 0 })
  warehouse = await startWarehouse({
    account: connection.account,
    users: [
      {
        name: connection.user,
        publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        defaultRole: connection.role,
        roles: [connection.role],
        defaultWarehouse: connection.warehouse,
        warehouses: [connection.warehouse],
      },
    ],
    seed: { orders: 100 },
    // All rows inline, so that all of them are looked at.
    chunkRows: 1_000_000,
  })
  for (const [name, { body }] of Object.entries(views)) {
    await warehouse.execute(`CREATE VIEW health.phi.${name} AS ${body}`)
  }
  for (const [ssn] of await warehouse.execute('SELECT ssn FROM health.phi.patients')) {
    if (typeof ssn === 'string') raw.add(ssn).add(ssn.replaceAll('-', ''))
  }
  recorder = await openFileRecorder({ path: join(folder, 'recording.jsonl') })
  gateway = await startGateway({
    bundle: sealBundle({
      ...compiled.bundle,
      policies: policies.map((policy) => ({ ...policy, limits: unlimited })),
      connection: {
        ...connection,
        url: warehouse.url,
        identityProviders: connection.identityProviders.map((each) => ({
          ...each,
          issuer: issuer.url,
        })),
      },
    }),
    recorder,
    signer: keyPairSigner({ account: connection.account, user: connection.user, privateKey }),
    log: pino({ level: 'silent' }),
    port: 0,
  })
  const token = await issuer.mint({ subject: 'agent-7', groups: ['ai-coding-agents'] })
  const query = { databaseName: 'HEALTH', schemaName: 'PHI' }
  session = await new GatewayClient(gateway.url).open(token, { query })
}, 30_000)

afterAll(async () => {
  await gateway.close('test')
  await recorder.close()
  await Promise.all([warehouse.close(), issuer.close()])
  await rm(folder, { recursive: true, force: true })
})

/** SSNs of the database in a text, as written or as bare digits. */
function rawIn(text: string): readonly string[] {
  return (text.match(/\d{3}-\d{2}-\d{4}|\d{9,}/g) ?? []).filter((run) =>
    run.length <= 11 && run.includes('-')
      ? raw.has(run)
      : Array.from({ length: run.length - 8 }, (_, at) => run.slice(at, at + 9)).some((nine) =>
          raw.has(nine),
        ),
  )
}

function outcomeOf({ success, message, text }: ClientAnswer): Outcome {
  const entry = /\[Frostgate (\w+)\]$/.exec(message)?.[1]
  if (!success) return `deny:${entry ?? `no entry: ${message}`}` as Outcome
  return /\*{7}\d{4}/.test(text) ? 'mask' : 'rows'
}

async function expectOutcome({ sql, outcome, body }: Attack): Promise<void> {
  const answer = await session.query(sql, body === undefined ? {} : { body })
  expect(rawIn(answer.text)).toEqual([])
  expect(outcomeOf(answer)).toBe(outcome)
}

test('the database holds thousands of SSNs to look for, and the search finds one in any form', () => {
  expect(raw.size).toBeGreaterThan(15_000)
  const [ssn = ''] = raw
  const digits = ssn.replaceAll('-', '')
  expect([ssn, `"${digits}"`, `12${digits}34`].map((text) => rawIn(text).length)).toEqual([1, 1, 1])
})

describe('no statement shows a raw SSN or does what policy does not allow', () => {
  test.each(attacks)('$outcome: $sql', expectOutcome)
})

describe('nor does a view, however it is written', () => {
  test.each(Object.entries(views))('%s', async (name, { outcome }) => {
    await expectOutcome({ sql: `SELECT * FROM ${name} LIMIT 500`, outcome })
  })
})

test('every one of them was recorded, decided and finished, refused or failed', async () => {
  const text = await readFile(join(folder, 'recording.jsonl'), 'utf8')
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as RecordedLine).event)
  const count = (type: string) => events.filter((event) => event.type === type).length
  const asked = attacks.length + Object.keys(views).length
  expect(count('statement.received')).toBe(asked)
  expect(count('statement.decided')).toBe(asked)
  const allowed = events.filter(
    (event) => event.type === 'statement.decided' && event.verdict === 'allow',
  )
  expect(count('statement.finished') + count('statement.failed')).toBe(allowed.length)
  expect(rawIn(text)).toEqual([])
})
