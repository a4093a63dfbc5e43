/** What Snowpark is asked, and what must come of it. */

import { maskedPatients, maskOf, orders, ran, refused, rows, type Judge } from '../../answer.ts'
import type { Item, Scene, Verdict } from '../../suite.ts'
import { addressOf, asDirect, raises, type ToolCheck } from '../support/checks.ts'
import { everyType } from '../support/every-type.ts'
import type { ToolGateway } from '../support/gateway.ts'
import type { Program, Request } from '../support/program.ts'

const on =
  (name: string) =>
  (operation: string, more: Readonly<Record<string, unknown>> = {}): Request => ({
    operation,
    name,
    ...more,
  })

const gateway = on('gateway')
const holding = on('holding')
const builder = on('builder')

const check = (
  item: Item,
  name: string,
  request: Request,
  judge: Judge,
  queries?: number,
): ToolCheck => ({ name, item, request, judge, ...(queries === undefined ? {} : { queries }) })

export function sessions(scene: Scene): readonly ToolCheck[] {
  const open = (name: string, url: string, token: string): Request =>
    on(name)('open', {
      address: addressOf(url),
      token,
      more: { database: 'HEALTH', schema: 'PHI' },
    })
  return [
    check('connect by token', 'a session', open('gateway', scene.gateway, scene.token), ran),
    check('connect by token', 'directly', open('direct', scene.direct, scene.directToken), ran),
    check(
      'connect by token',
      'where statements are held',
      open('holding', scene.holding, scene.holdingToken),
      ran,
    ),
    check(
      'bad token',
      'a token with another signature',
      open('forged', scene.gateway, `${scene.token.slice(0, -8)}AAAAAAAA`),
      raises('DatabaseError', '390303', 'signature'),
      0,
    ),
  ]
}

export function everyTypeCheck(program: Program): Promise<Verdict> {
  return asDirect('every type', program, (place) => on(place)('collect', { sql: everyType }))
}

const allOrders = 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id'
const visits = (note: string): string =>
  `SELECT visit_id, '${note}' AS note FROM health.phi.visits ORDER BY visit_id LIMIT 3`

const patients = { table: 'health.phi.patients', column: 'id', columns: ['id', 'ssn'], most: 20 }

export const reads: readonly ToolCheck[] = [
  check(
    'masked columns',
    'table, filter, select, collect',
    gateway('filtered', patients),
    maskedPatients(20),
  ),
  check(
    'masked columns',
    'table, filter, select, to_pandas',
    gateway('filtered', { ...patients, pandas: true }),
    maskedPatients(20),
  ),
  check(
    'masked columns',
    'show',
    gateway('shown', { sql: 'SELECT id, ssn FROM health.phi.patients ORDER BY id' }),
    showsMasks,
  ),
  check('columnar fetch', 'to_pandas', gateway('frame', { sql: allOrders }), orders),
  check('columnar fetch', 'to_pandas_batches', gateway('batches', { sql: allOrders }), orders),
  check(
    '100,000 rows in chunks',
    'to_local_iterator',
    gateway('iterated', { sql: allOrders }),
    orders,
  ),
  check(
    'describe',
    'schema of a table',
    gateway('schema', { table: 'health.phi.visits' }),
    rows(
      ['VISIT_ID', 'LongType()'],
      ['PATIENT_ID', 'LongType()'],
      ['VISITED_AT', "TimestampType(timezone=TimestampTimeZone('ntz'))"],
      ['FEE', 'DecimalType(10, 2)'],
      ['DIAGNOSIS', 'StringType(200)'],
    ),
  ),
  check(
    'describe',
    'count',
    gateway('counted', { table: 'analytics.public.customers' }),
    rows(['1000']),
  ),
  check('describe', 'group_by and agg', gateway('grouped'), sumsTo(1000)),
  check(
    'bindings',
    'bound values',
    gateway('collect', { sql: 'SELECT ? + 1, ?', binds: [41, "it's"] }),
    rows(['42', "it's"]),
  ),
  check(
    'bindings',
    'create_dataframe of a few rows, written as literals',
    gateway('literals', {
      rows: [
        [1, 'a'],
        [2, "it's"],
        [3, null],
      ],
    }),
    rows(['2', "it's"], ['3', null]),
  ),
  check(
    'array binding without staging',
    'create_dataframe of many rows wants a temporary table',
    gateway('created', { rows: 2_000 }),
    // Both are refused; what it tells is the refusal of the one that cleans up.
    refused('DROP TABLE'),
  ),
  check(
    'PUT refused',
    'create_dataframe of a pandas frame wants a temporary stage',
    gateway('from_pandas', { rows: 10 }),
    raises('ProgrammingError', '003001', 'STAGE'),
  ),
  check('PUT refused', 'session.file.put', gateway('put'), refused('PUT')),
  check(
    'blocked: exact error, one request',
    'a statement',
    gateway('collect', { sql: 'DROP TABLE health.phi.patients' }),
    refused('"never"', 'Ask #data-platform; agents may not drop.'),
    1,
  ),
  check(
    'blocked: exact error, one request',
    'save_as_table',
    gateway('saved', { sql: 'SELECT 1 AS a', table: 'staging.build.t' }),
    refused('STAGING.BUILD.T'),
  ),
  check(
    'asynchronous',
    'collect_nowait',
    gateway('submitted', { sql: 'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 5' }),
    maskedPatients(5),
  ),
  check('session and close', 'query_tag', gateway('tag', { tag: 'mine' }), rows(['mine'])),
  check(
    'session and close',
    'use_schema',
    gateway('use', { schema: 'health.phi' }),
    rows(['"HEALTH"."PHI"']),
  ),
  check(
    'hold then release',
    'collect',
    holding('collect', { sql: visits('release after 2 s') }),
    rows(...['1', '2', '3'].map((id) => [id, 'release after 2 s'])),
  ),
  check(
    'hold then deny',
    'collect',
    holding('collect', { sql: visits('deny after 1 s') }),
    refused('denied'),
  ),
  check('session and close', 'close', gateway('close'), ran),
  check('session and close', 'local testing needs no gateway', on('local')('local'), ran, 0),
  check(
    'session and close',
    'a frame of local testing',
    on('local')('literals', {
      rows: [
        [1, 'a'],
        [2, 'b'],
      ],
    }),
    rows(['2', 'b']),
    0,
  ),
]

/** Under a policy that lets it write STAGING.BUILD. */
export async function writes(building: ToolGateway): Promise<readonly ToolCheck[]> {
  const token = await building.token('builders')
  const address = addressOf(building.url)
  const more = { database: 'STAGING', schema: 'BUILD' }
  return [
    check(
      'connect by token',
      'a session that may write',
      builder('open', { address, token, more }),
      ran,
    ),
    check(
      'transaction',
      'save_as_table',
      builder('saved', {
        sql: 'SELECT customer_id, region FROM analytics.public.customers',
        table: 'staging.build.customers',
      }),
      ran,
    ),
    check(
      'transaction',
      'it is there',
      builder('counted', { table: 'staging.build.customers' }),
      rows(['1000']),
    ),
    check(
      'transaction',
      'save_as_table of protected columns',
      builder('saved', {
        sql: 'SELECT id, ssn FROM health.phi.patients',
        table: 'staging.build.people',
      }),
      refused('HEALTH.PHI.PATIENTS.SSN'),
    ),
    check(
      'array binding without staging',
      'create_dataframe of many rows, through a temporary table',
      builder('created', { rows: 2_000 }),
      rows(['2000', '1999000']),
    ),
    check('session and close', 'close', builder('close'), ran),
  ]
}

function showsMasks(
  { rows: given = [], error }: Parameters<Judge>[0],
  { truth }: Parameters<Judge>[1],
) {
  if (error) return error.message
  const said = given[0]?.[0] ?? ''
  const wanted = ['1', '2', '3'].map((id) => maskOf(truth.ssns.get(id) ?? null) ?? 'NULL')
  return wanted.every((mask) => said.includes(mask)) ? undefined : said
}

function sumsTo(sum: number): Judge {
  return ({ rows: given = [], error }) => {
    if (error) return error.message
    const found = given.reduce((before, row) => before + Number(row[1]), 0)
    return found === sum && given.length === 4 ? undefined : JSON.stringify(given)
  }
}
