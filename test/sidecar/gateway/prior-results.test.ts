import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 20, orders: 20 }, chunkRows: 500 })
  gateway = await world.gateway()
})

afterAll(() => world.close())

const patients = 'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 3'

async function rowsOf(sql: string, own = session): Promise<readonly (string | null)[][]> {
  const answer = await own.query(sql)
  expect(answer.message).toBe('')
  return answer.data['rowset'] as (string | null)[][]
}

/** Runs a query, and gives the id that the client knows it by. */
async function idOf(sql: string, own = session): Promise<string> {
  const answer = await own.query(sql)
  expect(answer.message).toBe('')
  return textIn(answer.data, 'queryId')
}

describe('RESULT_SCAN', () => {
  beforeAll(async () => {
    session = await gateway.login()
  })

  test('shows the masks that the query gave', async () => {
    const given = await rowsOf(patients)
    const again = await rowsOf('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')
    expect(again).toEqual(given)
    expect(again.every(([, ssn]) => /^\*{7}\d{4}$/.test(ssn ?? ''))).toBe(true)
  })

  test.each([
    ['by its id', (id: string) => `'${id}'`],
    ['by its id in upper case', (id: string) => `'${id.toUpperCase()}'`],
    ['as the last but one', () => 'LAST_QUERY_ID(-2)'],
  ])('finds an earlier result %s', async (_how, argument) => {
    const id = await idOf('SELECT 7 AS n')
    await rowsOf('SELECT 8')
    expect(await rowsOf(`SELECT n FROM TABLE(RESULT_SCAN(${argument(id)}))`)).toEqual([['7']])
  })

  test('runs upstream with the id that Snowflake gave, never with the client\'s', async () => {
    const id = await idOf('SELECT 9 AS n')
    await rowsOf(`SELECT n FROM TABLE(RESULT_SCAN('${id}')) AS r WHERE r.n > 1`)
    const [sent] = world.upstream.statements().filter((sql) => sql.includes('RESULT_SCAN')).slice(-1)
    expect(sent).not.toContain(id)
    expect(sent).toMatch(/RESULT_SCAN ?\( ?'01[\da-f-]+' ?\)/)
  })

  test.each([
    ['in WHERE', "SELECT * FROM TABLE(RESULT_SCAN('{}')) WHERE ssn = '*******0001'"],
    ['under an alias', "SELECT 1 FROM TABLE(RESULT_SCAN('{}')) AS r (a, b) WHERE r.b LIKE '%1'"],
    ['in GROUP BY', "SELECT COUNT(*) FROM TABLE(RESULT_SCAN('{}')) GROUP BY ssn"],
    ['in a join', "SELECT 1 FROM TABLE(RESULT_SCAN('{}')) r JOIN (SELECT 'x' AS g) ON r.ssn = g"],
    ['by its place', "SELECT * FROM TABLE(RESULT_SCAN('{}')) ORDER BY 2"],
  ])('does not widen the use of a masked column: %s', async (_where, sql) => {
    const id = await idOf(patients)
    expectRefusal(await session.query(sql.replace('{}', id)), 'ColumnUseRefused')
  })

  test('nor through two scans, nor of a column computed from it', async () => {
    await rowsOf("SELECT id, 'x' || ssn AS t FROM health.phi.patients")
    await rowsOf('SELECT t AS u FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')
    const sql = "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE u = 'x'"
    expectRefusal(await session.query(sql), 'ColumnUseRefused')
  })

  test('leaves the other columns free', async () => {
    await rowsOf(patients)
    const sql = 'SELECT COUNT(*) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE id > 0'
    expect(await rowsOf(sql)).toEqual([['3']])
  })

  test("refuses another identity's result", async () => {
    const token = await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] })
    const id = await idOf(patients, await gateway.client.open(token))
    expectRefusal(await session.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`), 'ResultUnknown')
  })

  test("refuses Snowflake's own ids, which the client was never given", async () => {
    const before = world.upstream.seen.length
    await rowsOf(patients)
    const upstream = (await gateway.events()).findLast((e) => e.type === 'statement.finished')
    const id = upstream?.type === 'statement.finished' ? upstream.upstreamQueryId : ''
    expect(id).toMatch(/^01/)
    expectRefusal(await session.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`), 'ResultUnknown')
    expect(world.upstream.seen.length).toBeGreaterThan(before)
  })

  test('refuses the result of a statement that was refused', async () => {
    const refused = await session.query("SELECT 1 FROM health.phi.patients WHERE ssn = '1'")
    expectRefusal(refused, 'ColumnUseRefused')
    const id = textIn(refused.data, 'queryId')
    const scan = await session.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`)
    expectRefusal(scan, 'ResultNotReady')
    expect(scan.message).toContain('it was refused or failed (003001)')
  })

  test('refuses what was only described', async () => {
    const described = await session.query(patients, { body: { describeOnly: true } })
    const id = textIn(described.data, 'queryId')
    expectRefusal(await session.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`), 'ResultUnknown')
  })

  test.each(['SHOW TABLES IN SCHEMA health.phi', 'DESCRIBE TABLE health.phi.patients'])(
    'refuses the rows that the gateway took out of %s',
    async (listing) => {
      await rowsOf(listing)
      const scan = await session.query('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')
      expectRefusal(scan, 'ResultUnknown')
      expect(scan.message).toContain('was no query')
    },
  )

  test.each([
    ['a bind', 'SELECT * FROM TABLE(RESULT_SCAN(?))', 'DynamicRefused'],
    ['an expression', "SELECT * FROM TABLE(RESULT_SCAN('a' || 'b'))", 'DynamicRefused'],
    ['a computed place', 'SELECT LAST_QUERY_ID(1 - 2)', 'DynamicRefused'],
    ['another name', "SELECT * FROM TABLE(health.phi.RESULT_SCAN('x'))", 'ResultUnknown'],
    ['no argument', 'SELECT * FROM TABLE(RESULT_SCAN())', 'ResultUnknown'],
    ['another place', "SELECT RESULT_SCAN('x')", 'ResultUnknown'],
    ['a place before the first', 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-999)))', 'ResultUnknown'],
  ])('refuses %s', async (_what, sql, entry) => {
    const bindings = { 1: { type: 'TEXT', value: 'x' } }
    expectRefusal(
      await session.query(sql, sql.includes('?') ? { body: { bindings } } : {}),
      entry,
    )
  })
}) // prettier-ignore

describe('LAST_QUERY_ID', () => {
  beforeAll(async () => {
    session = await gateway.login()
  })

  test('is the id that the client knows, under the name that Snowflake gives it', async () => {
    const id = await idOf('SELECT 1')
    const answer = await session.query('SELECT LAST_QUERY_ID()')
    expect(answer.data['rowset']).toEqual([[id]])
    expect(answer.data['rowtype']).toMatchObject([{ name: 'LAST_QUERY_ID()', type: 'text' }])
  })

  test('counts from either end', async () => {
    const own = await gateway.login()
    const first = await idOf('SELECT 1', own)
    const second = await idOf('SELECT 2', own)
    const sql = 'SELECT LAST_QUERY_ID(1), LAST_QUERY_ID(-1), LAST_QUERY_ID(-2), LAST_QUERY_ID(9)'
    expect(await rowsOf(sql, own)).toEqual([[first, second, first, null]])
  })

  test('is NULL before the first statement', async () => {
    expect(await rowsOf('SELECT LAST_QUERY_ID()', await gateway.login())).toEqual([[null]])
  })
})
