/** Each judge of the soak, shown something that is wrong: one that cannot say so is worth nothing. */

import { describe, expect, test } from 'vitest'

import type { Warehouse } from '../../examples/warehouse/warehouse.ts'
import type { SeenRequest } from '../support/upstream.ts'
import { answersIn, faultsOf, leaksIn, type RawAnswer } from './answer-shape.ts'
import { judge, watched } from './faults/run.ts'
import { masked, type Work } from './faults/workload.ts'
import { judgeRecorded, judgeUpstream } from './requests/run.ts'
import { table, Tally } from './tally.ts'
import { strayIn, unlistedIn } from './upstream-rules.ts'
import { markerOf } from './values.ts'

const id = '01234567-89ab-cdef-0123-456789abcdef'

const statement: SeenRequest = {
  method: 'POST',
  path: '/queries/v1/query-request',
  query: new URLSearchParams({ requestId: id }),
  headers: { accept: 'application/json', authorization: 'Snowflake Token="t"' },
  body: {
    sqlText: `SELECT '${markerOf(1)}'`,
    asyncExec: false,
    describeOnly: false,
    parameters: { MULTI_STATEMENT_COUNT: 1 },
    bindings: { 1: { type: 'TEXT', value: markerOf(1) } },
  },
  sql: '',
  token: 't',
}

const withBody = (more: object): SeenRequest => ({
  ...statement,
  body: { ...statement.body, ...more },
})

describe('what may reach Snowflake', () => {
  test('a statement of the listed fields may', () => {
    expect(strayIn(statement)).toEqual([])
  })

  test.each<[string, SeenRequest]>([
    ['another endpoint', { ...statement, path: '/api/v2/statements' }],
    ['another method', { ...statement, method: 'PUT' }],
    ['a field that is not listed', withBody({ dataframeAst: 'x' })],
    ['an internal statement', withBody({ isInternal: false })],
    ['an asynchronous one', withBody({ asyncExec: true })],
    ['a parameter that is not listed', withBody({ parameters: { SEARCH_PATH: 'x' } })],
    ['several statements in one', withBody({ parameters: { MULTI_STATEMENT_COUNT: 0 } })],
    ['a bind with a schema', withBody({ bindings: { 1: { type: 'TEXT', value: 'x', schema: {} } } })],
    ['a query parameter', { ...statement, query: new URLSearchParams({ requestId: id, token: 'x' }) }],
    ["the client's requestId", { ...statement, query: new URLSearchParams({ requestId: 'mine' }) }],
    ['a header', { ...statement, headers: { ...statement.headers, cookie: 'x' } }],
    ["the gateway's own token", { ...statement, headers: { authorization: 'Snowflake Token="fg-session-x"' } }],
  ])('%s may not', (_what, seen) => {
    expect(unlistedIn(seen)).not.toEqual([])
  }) // prettier-ignore

  test('a planted text may not, where no text of a client belongs', () => {
    const context = {
      entries: [{ id: 0, timestamp: 1, priority: 0, context: { base64Data: markerOf(7) } }],
    }
    const seen = withBody({ queryContextDTO: context })
    expect(strayIn(seen)).toEqual(['a planted text'])
    const tally = new Tally()
    judgeUpstream({ upstream: { seen: [seen] } as never }, [3], tally)
    expect(tally.violations).toHaveLength(1)
  })
})

const envelope = (more: object = {}, data: object = {}): RawAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ data, code: null, message: null, success: true, headers: null, ...more })),
}) // prettier-ignore

const failure = (code: unknown, data: object = { sqlState: '42501' }) =>
  envelope({ success: false, code }, data)

describe('what a client may get', () => {
  test('an envelope', () => {
    expect(faultsOf(envelope())).toEqual([])
    expect(faultsOf(failure('003001'))).toEqual([])
  })

  test.each<[string, RawAnswer]>([
    ['a 500', { ...envelope(), status: 500 }],
    ['a redirect', { ...envelope(), status: 307 }],
    ['a header', { ...envelope(), headers: { ...envelope().headers, 'set-cookie': 'x' } }],
    ['no JSON', { ...envelope(), body: Buffer.from('<html>') }],
    ['a name in the data', envelope({}, { stageInfo: {} })],
    ['a name in the envelope', envelope({ hostile: 1 })],
    ['a number for a code', failure(3001)],
    ['a failure without SQLSTATE', failure('003001', {})],
    ['an internal error', envelope({ success: false, code: '000603', message: '[Frostgate InternalError]' }, { sqlState: 'XX000' })],
    ['a page that is no refusal', { status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('x') }],
  ])('not %s', (_what, answer) => {
    expect(faultsOf(answer)).not.toEqual([])
  }) // prettier-ignore

  test('no raw value, and nothing that was planted', () => {
    expect(leaksIn(Buffer.from('"*******1234"'), ['planted'])).toEqual([])
    expect(leaksIn(Buffer.from('"912-34-1234"'))).toEqual(['a raw SSN'])
    expect(leaksIn(Buffer.from('x planted x'), ['planted'])).toEqual(['"planted"'])
  })

  test('no half of an answer', () => {
    const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')
    expect(answersIn(whole, false)).toMatchObject({ answers: [{ status: 200 }], rest: 0 })
    expect(answersIn(whole.subarray(0, -1), false)).toMatchObject({ answers: [] })
    expect(answersIn(whole.subarray(0, -1), false).rest).toBeGreaterThan(0)
  })
})

test('a refusal that was told and not recorded is found', () => {
  const answered = new Map([['RouteUnknown', 3]])
  const good = new Tally()
  judgeRecorded({ recorded: new Map([['RouteUnknown', 3]]) }, answered, 0, good)
  expect(good.violations).toEqual([])
  const bad = new Tally()
  judgeRecorded({ recorded: new Map([['RouteUnknown', 2]]) }, answered, 0, bad)
  expect(bad.violations).toHaveLength(1)
  expect(table(bad)).toMatch(/refusals recorded +3 .* 1 /)
})

describe('after a fault script', () => {
  /** A warehouse that ran the marker so many times, and has so many rows of it. */
  const having = (runs: number, rows: readonly (string | null)[][]) => ({
    warehouse: {
      executions: () => Array.from({ length: runs }, () => ({ sqlText: '', requestId: '', queryId: '' })),
      execute: (sql) => Promise.resolve(sql.startsWith('SELECT COUNT') ? [[String(rows.length)]] : rows),
    } as Partial<Warehouse> as Warehouse,
  }) // prettier-ignore
  const insert: Work = { kind: 'insert', body: {}, inserts: ['m'], truth: undefined }
  const read: Work = { kind: 'chunks', body: {}, inserts: [], truth: 'SELECT order_id' }
  const done = { rows: [], error: undefined }
  const refused = { rows: undefined, error: 'x' }

  const harms = async (...[site, work, taken]: [ReturnType<typeof having>, Work, typeof done | typeof refused]) => {
    const found: string[] = []
    await judge(site, work, taken, { wrong: (harm) => found.push(harm), lost: () => found.push('lost') })
    return found
  } // prettier-ignore

  test('an insert that ran once and was told so is good', async () => {
    expect(await harms(having(1, [['m']]), insert, done)).toEqual([])
    expect(await harms(having(0, []), insert, refused)).toEqual([])
  })

  test('one that ran twice, or not at all, or unknown to its client, is found', async () => {
    expect(await harms(having(2, [['m'], ['m']]), insert, done)).toContain('doubled')
    expect(await harms(having(2, [['m']]), insert, done)).toContain('doubled')
    expect(await harms(having(0, []), insert, done)).toEqual(['other'])
    expect(await harms(having(1, [['m']]), insert, refused)).toEqual(['lost'])
  })

  test('a result that lacks a row is found', async () => {
    const rows = [['1'], ['2']]
    expect(await harms(having(1, rows), read, { rows: rows as never, error: undefined })).toEqual([])
    expect(await harms(having(1, rows), read, { rows: [['1']] as never, error: undefined })).toEqual(['cut'])
  }) // prettier-ignore

  test('true rows are masked as the rule says', () => {
    expect(masked([['1', '912-34-5678'], ['2', null]], 'SELECT id, ssn FROM t')).toEqual([['1', '*******5678'], ['2', null]])
    expect(masked([['1', 'OPEN']], 'SELECT order_id, status FROM t')).toEqual([['1', 'OPEN']])
  }) // prettier-ignore

  test('a statement that comes before its decision is on disk is found', () => {
    const found: string[] = []
    const hook = watched(() => undefined, { allowed: new Set(['SELECT 1']) }, (sql) => found.push(sql))
    const query = { route: 'query', method: 'POST', path: '/' }
    for (const sqlText of ['SELECT 1', 'USE SECONDARY ROLES NONE', 'SELECT 2']) hook({ ...query, sqlText })
    expect(found).toEqual(['SELECT 2'])
  }) // prettier-ignore
})
