/** Tables that change between the gateway's look at them and the statement that reads them. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { emptyRule } from '../../support/rules.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

const table = 'HEALTH.PHI.SWAPPED'

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 10, orders: 10 } })
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    rules: [{ ...emptyRule, name: 'all', action: 'Allow' as const }],
  }))
  const masks = world.bundle.masks.map((mask) => ({
    ...mask,
    columns: [{ database: 'HEALTH', schema: null, name: null, column: 'SSN' }],
  }))
  gateway = await world.gateway({ bundle: sealBundle({ ...world.bundle, policies, masks }) })
  session = await gateway.login({ query: { databaseName: 'HEALTH', schemaName: 'PHI' } })
})

afterAll(async () => {
  await world.close()
})

let under: Promise<unknown> = Promise.resolve()

/** One at a time, though the gateway may ask several things at once. */
function create(columns: string): Promise<unknown> {
  under = under.then(async () => {
    await world.warehouse.execute(`CREATE OR REPLACE TABLE ${table} (${columns})`)
    await world.warehouse.execute(`INSERT INTO ${table} VALUES ('secret-9', 'city')`)
  })
  return under
}

/** Just before Snowflake runs one of the agent's next statements, `times` times over. */
function changeBefore(times: number, columns = 'city VARCHAR(20), ssn VARCHAR(20)'): void {
  let left = times
  world.upstream.script = async (request) => {
    if (isAgentStatement(request) && request.sql.includes('SWAPPED') && left > 0) {
      left -= 1
      await create(columns)
    }
    return undefined
  }
}

beforeEach(async () => {
  world.upstream.script = undefined
  await create('ssn VARCHAR(20), city VARCHAR(20)')
  const warm = await session.query('SELECT * FROM swapped')
  expect(warm.success).toBe(true)
})

test('a query over a table that was replaced is planned again, and shows masks of what is there', async () => {
  changeBefore(1)
  const answer = await session.query('SELECT * FROM swapped')
  expect(answer.success).toBe(true)
  expect(answer.data['rowset']).toEqual([['secret-9', '****']])
})

test('one over a table that is replaced again and again gives nothing', async () => {
  changeBefore(9, 'ssn VARCHAR(20), city VARCHAR(20)')
  const answer = await session.query('SELECT * FROM swapped')
  expectRefusal(answer, 'CatalogChanged')
  expect(answer.text).not.toContain('secret')
})

test('a write that reads a table which changed before it is planned for what is there now', async () => {
  await create('city VARCHAR(20), ssn VARCHAR(20)')
  const answer = await session.query('INSERT INTO patients (id, name) SELECT 99, city FROM swapped')
  expect(answer.success).toBe(true)
  const copied = await world.warehouse.execute('SELECT name FROM health.phi.patients WHERE id = 99')
  expect(copied).toEqual([['secret-9']])
})

test('one over a table that is replaced before each look at it is not run', async () => {
  let written = 0
  world.upstream.script = async ({ sql }) => {
    if (/LAST_DDL/.test(sql) && /SCHEMA/.test(sql))
      await create('ssn VARCHAR(20), city VARCHAR(20)')
    if (sql.startsWith('INSERT')) written += 1
    return undefined
  }
  await create('ssn VARCHAR(20), city VARCHAR(20)')
  const answer = await session.query('INSERT INTO patients (id, name) SELECT 98, city FROM swapped')
  expectRefusal(answer, 'CatalogChanged')
  expect(written).toBe(0)
})

test('one that changed while a write ran is an incident that names the object', async () => {
  changeBefore(1)
  const answer = await session.query('INSERT INTO patients (id, name) SELECT 99, city FROM swapped')
  expectRefusal(answer, 'CatalogChangedLate')
  expect(answer.message).toContain(table)
  expect(gateway.log()).toContain('incident')
})

test('each plan of a statement that was planned twice is recorded', async () => {
  changeBefore(1)
  const seen = (await gateway.events()).length
  await session.query('SELECT * FROM swapped')
  const events = (await gateway.events()).slice(seen)
  expect(events.map(({ type }) => type)).toEqual([
    'statement.received',
    'statement.decided',
    'statement.decided',
    'statement.finished',
  ])
})

// Last, because the gateway believes for a while that the table is gone.
test('a table that was dropped meanwhile gives nothing', async () => {
  world.upstream.script = async (request, forward) => {
    if (!isAgentStatement(request) || !request.sql.includes('SWAPPED')) return undefined
    const answer = JSON.stringify(await forward())
    await world.warehouse.execute(`DROP TABLE ${table}`)
    return { text: answer }
  }
  expectRefusal(await session.query('SELECT * FROM swapped'), 'ObjectUnknown')
})
