/** What tools ask about tables before they read one: keys, columns, parameters of the session. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal, type ClientAnswer, type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 20 }, chunkRows: 100 })
  for (const sql of [
    'CREATE TABLE STAGING.PUBLIC.HIDDEN (ID NUMBER PRIMARY KEY, CODE NUMBER UNIQUE)',
    `CREATE TABLE HEALTH.PHI.LINKS (
      ID NUMBER PRIMARY KEY, H NUMBER REFERENCES STAGING.PUBLIC.HIDDEN, P NUMBER REFERENCES HEALTH.PHI.PATIENTS)`,
    `CREATE TABLE STAGING.PUBLIC.SPIES (ID NUMBER, P NUMBER REFERENCES HEALTH.PHI.PATIENTS)`,
  ]) {
    await world.warehouse.execute(sql)
  }
  gateway = await world.gateway()
  session = await gateway.login()
})

afterAll(() => world.close())

function cells({ data, message }: ClientAnswer, ...wanted: readonly string[]): readonly string[] {
  expect(message).toBe('')
  const names = (data['rowtype'] as { name: string }[]).map(({ name }) => name)
  const rows = data['rowset'] as (string | null)[][]
  return rows.map((row) => wanted.map((name) => row[names.indexOf(name)] ?? 'null').join('.'))
}

describe('SHOW of keys', () => {
  const own = ['schema_name', 'table_name', 'column_name'] as const
  const foreign = ['pk_table_name', 'pk_column_name', 'fk_table_name', 'fk_column_name'] as const

  test.each([
    ['SHOW PRIMARY KEYS IN TABLE health.phi.visits', ['PHI.VISITS.VISIT_ID']],
    [
      'SHOW PRIMARY KEYS IN ACCOUNT',
      [
        'PHI.PATIENTS.ID',
        'PHI.VISITS.VISIT_ID',
        'PHI.LINKS.ID',
        'PUBLIC.CUSTOMERS.CUSTOMER_ID',
        'PUBLIC.ORDERS.ORDER_ID',
      ],
    ],
    ['SHOW UNIQUE KEYS IN ACCOUNT', []],
  ])('%s', async (sql, expected) => {
    expect(cells(await session.query(sql), ...own)).toEqual(expected)
  })

  test.each([
    ['SHOW IMPORTED KEYS IN TABLE health.phi.links', ['PATIENTS.ID.LINKS.P']],
    [
      'SHOW EXPORTED KEYS IN TABLE health.phi.patients',
      ['PATIENTS.ID.VISITS.PATIENT_ID', 'PATIENTS.ID.LINKS.P'],
    ],
  ])('%s tells of no table that the client may not see', async (sql, expected) => {
    const answer = await session.query(sql)
    expect(cells(answer, ...foreign)).toEqual(expected)
    expect(answer.text).not.toMatch(/HIDDEN|SPIES/)
  })

  test('in a place that no rule speaks of is refused', async () => {
    const answer = await session.query('SHOW PRIMARY KEYS IN SCHEMA staging.public')
    expectRefusal(answer, 'PolicyUncovered')
  })

  test('has no neighbours: other listings stay refused', async () => {
    for (const sql of ['SHOW FUNCTIONS', 'SHOW PROCEDURES', 'SHOW INDEXES IN TABLE t']) {
      expectRefusal(await session.query(sql), 'StatementUnsupported')
    }
  })
})

describe('SHOW PARAMETERS', () => {
  test("tells the client's own tag, and no other that the gateway sends", async () => {
    const own = await gateway.login()
    const show = "SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION"
    expect(cells(await own.query(show), 'value', 'level')).toEqual(['.'])
    await own.query("ALTER SESSION SET QUERY_TAG = 'dbt'")
    expect(cells(await own.query(show), 'value', 'level')).toEqual(['dbt.SESSION'])
  })

  test('tells what the client may set, and nothing else of the account', async () => {
    const answer = await session.query('SHOW PARAMETERS')
    expect(cells(answer, 'key')).toEqual(expect.arrayContaining(['TIMEZONE', 'QUERY_TAG']))
    expect(cells(answer, 'key')).not.toContain('CLIENT_TELEMETRY_ENABLED')
    expectRefusal(await session.query('SHOW PARAMETERS IN ACCOUNT'), 'StatementUnsupported')
  })
})

describe('INFORMATION_SCHEMA', () => {
  test('is asked for no column that the statement does not name', async () => {
    const from = world.upstream.seen.length
    const answer = await session.query(
      "SELECT column_name, is_identity, data_type_alias FROM health.information_schema.columns WHERE table_name = 'VISITS'",
    )
    expect(cells(answer, 'COLUMN_NAME', 'IS_IDENTITY')).toContain('FEE.NO')
    const sent = world.upstream.seen.slice(from).find(({ sql }) => sql.includes('IS_IDENTITY'))
    expect(sent?.sql).not.toContain('DOMAIN_CATALOG')
  })

  test('lists by * what Snowflake documents, with definitions withheld', async () => {
    const answer = await session.query(
      "SELECT * FROM health.information_schema.tables WHERE table_name = 'VISITS'",
    )
    const shown = cells(answer, 'TABLE_OWNER', 'IS_DYNAMIC', 'CLUSTERING_KEY', 'LAST_DDL_BY')
    expect(shown).toEqual(['ACCOUNTADMIN.NO.null.null'])
  })

  test('knows no column that Snowflake does not document', async () => {
    const sql = 'SELECT secret_column FROM health.information_schema.tables'
    const answer = await session.query(sql)
    expectRefusal(answer, 'UpstreamFailedRedacted')
    expect(answer.message).toContain('invalid identifier SECRET_COLUMN')
  })
})
