import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../sidecar/control/digest.ts'
import type { ClientAnswer, ClientSession } from '../support/client.ts'
import { noLimits } from '../support/limits.ts'
import { startWorld, type TestGateway, type World } from '../support/gateway.ts'
import type { Attack, Outcome } from './attack.ts'
import { attacks, views } from './attacks.ts'
import { constructs } from './constructs.ts'

let world: World
let gateway: TestGateway
let session: ClientSession
/** Every raw SSN of the database, as written and as bare digits. */
const raw = new Set<string>()

beforeAll(async () => {
  // All rows inline, so that all of them are looked at.
  world = await startWorld({ seed: { orders: 100 }, chunkRows: 1_000_000 })
  const { warehouse, bundle } = world
  for (const [name, { body }] of Object.entries(views)) {
    await warehouse.execute(`CREATE VIEW health.phi.${name} AS ${body}`)
  }
  for (const [ssn] of await warehouse.execute('SELECT ssn FROM health.phi.patients')) {
    if (typeof ssn === 'string') raw.add(ssn).add(ssn.replaceAll('-', ''))
  }
  const policies = bundle.policies.map((policy) => ({ ...policy, limits: noLimits }))
  gateway = await world.gateway({ bundle: sealBundle({ ...bundle, policies }) })
  session = await gateway.login({ query: { databaseName: 'HEALTH', schemaName: 'PHI' } })
}, 30_000)

afterAll(async () => {
  await world.close()
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
  test.each([...attacks, ...constructs])('$outcome: $sql', expectOutcome)
})

describe('nor does a view, however it is written', () => {
  test.each(Object.entries(views))('%s', async (name, { outcome }) => {
    await expectOutcome({ sql: `SELECT * FROM ${name} LIMIT 500`, outcome })
  })
})

test('every one of them was recorded, decided and finished, refused or failed', async () => {
  const events = await gateway.events()
  const count = (type: string) => events.filter((event) => event.type === type).length
  const asked = attacks.length + constructs.length + Object.keys(views).length
  expect(count('statement.received')).toBe(asked)
  expect(count('statement.decided')).toBe(asked)
  const allowed = events.filter(
    (event) => event.type === 'statement.decided' && event.verdict === 'allow',
  )
  expect(count('statement.finished') + count('statement.failed')).toBe(allowed.length)
  expect(rawIn(JSON.stringify(events))).toEqual([])
})
