/** What SQLAlchemy is asked, and what must come of it. */

import { maskedPatients, orders, ran, refused, rows, type Judge } from '../../answer.ts'
import type { Scene, Verdict } from '../../suite.ts'
import { addressOf, asDirect, raises, type ToolCheck } from '../support/checks.ts'
import { everyType } from '../support/every-type.ts'
import type { ToolGateway } from '../support/gateway.ts'
import type { Program, Request } from '../support/program.ts'

const execute = (sql: string, name = 'gateway'): Request => ({ operation: 'execute', name, sql })

const engine = (name: string, url: string, token: string, place?: string): ToolCheck => ({
  name: `an engine: ${name}`,
  item: 'connect by token',
  request: { operation: 'engine', name, address: addressOf(url), token, place },
  judge: ran,
})

/** The first connect of an engine also sends the dialect's three probes. */
const connect = (name: string): ToolCheck => ({
  name: `connect, with the dialect's probes: ${name}`,
  item: 'connect by token',
  request: { operation: 'connect', name },
  judge: ran,
})

export function engines(scene: Scene): readonly ToolCheck[] {
  return [
    engine('gateway', scene.gateway, scene.token),
    connect('gateway'),
    engine('direct', scene.direct, scene.directToken),
    connect('direct'),
    engine('holding', scene.holding, scene.holdingToken),
    connect('holding'),
    engine('forged', scene.gateway, `${scene.token.slice(0, -8)}AAAAAAAA`),
    {
      name: 'a token with another signature',
      item: 'bad token',
      request: { operation: 'connect', name: 'forged' },
      judge: raises('DatabaseError', '390303', 'signature'),
      queries: 0,
    },
  ]
}

export function everyTypeCheck(program: Program): Promise<Verdict> {
  return asDirect('every type', program, (place) => execute(everyType, place))
}

const patients = 'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 100'
const allOrders = 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id'

export const reads: readonly ToolCheck[] = [
  {
    name: 'a select of the expression language, with binds',
    item: 'bindings',
    request: { operation: 'select', name: 'gateway', region: 'EMEA', most: 500, rows: 2 },
    judge: regions('EMEA', 2),
    queries: 1,
  },
  {
    name: 'text with a bound value, on a masked column',
    item: 'bindings',
    request: {
      ...execute('SELECT id, ssn FROM health.phi.patients WHERE id = :id'),
      binds: { id: 7 },
    },
    judge: maskedPatients(1),
    queries: 1,
  },
  {
    name: 'a masked column',
    item: 'masked columns',
    request: execute(patients),
    judge: maskedPatients(100),
    queries: 1,
  },
  {
    name: 'a masked column by pandas',
    item: 'masked columns',
    request: { operation: 'frame_rows', name: 'gateway', sql: `${patients.slice(0, -3)}5` },
    judge: maskedPatients(5),
  },
  {
    name: '100,000 rows by pandas.read_sql',
    item: '100,000 rows in chunks',
    request: { operation: 'frame', name: 'gateway', sql: allOrders },
    judge: orders,
  },
  {
    name: 'names of tables',
    item: 'describe',
    request: { operation: 'tables', name: 'gateway', schema: 'health.phi' },
    judge: rows(['patients'], ['visits']),
  },
  {
    name: 'names of views',
    item: 'describe',
    request: { operation: 'views', name: 'gateway', schema: 'health.phi' },
    judge: rows(['patient_directory']),
  },
  {
    name: 'columns of a table',
    item: 'describe',
    request: { operation: 'columns', name: 'gateway', schema: 'health.phi', table: 'visits' },
    judge: rows(
      ['visit_id', 'DECIMAL(38, 0)', 'false'],
      ['patient_id', 'DECIMAL(38, 0)', 'false'],
      ['visited_at', 'TIMESTAMP_NTZ', 'true'],
      ['fee', 'DECIMAL(10, 2)', 'true'],
      ['diagnosis', 'VARCHAR(200)', 'true'],
    ),
  },
  {
    name: 'a table that is there, and one that may not be seen',
    item: 'describe',
    request: { operation: 'has_table', name: 'gateway', schema: 'health.phi', table: 'visits' },
    judge: rows(['True']),
  },
  {
    name: 'a table that may not be seen is not there',
    item: 'describe',
    request: { operation: 'has_table', name: 'gateway', schema: 'staging.public', table: 'events' },
    judge: rows(['False']),
  },
  {
    name: 'a table with its keys, reflected',
    item: 'describe',
    request: { operation: 'reflect', name: 'gateway', schema: 'health.phi', table: 'visits' },
    judge: rows(['visit_id'], ['patient_id'], ['visited_at'], ['fee'], ['diagnosis']),
  },
  {
    name: 'DROP TABLE',
    item: 'blocked: exact error, one request',
    request: execute('DROP TABLE health.phi.patients'),
    judge: refused('"never"', 'Ask #data-platform; agents may not drop.'),
    queries: 1,
  },
  {
    name: 'an insert of the unit of work',
    item: 'blocked: exact error, one request',
    request: { operation: 'add', name: 'gateway', notes: [[1, 'x']] },
    judge: refused('INSERT', 'STAGING.BUILD.NOTES'),
  },
  {
    name: 'rollback',
    item: 'transaction',
    request: { operation: 'rollback', name: 'gateway' },
    judge: ran,
    queries: 1,
  },
  {
    name: 'back to the pool',
    item: 'session and close',
    request: { operation: 'disconnect', name: 'gateway' },
    judge: ran,
  },
  {
    name: 'out of the pool again, after a ping',
    item: 'session and close',
    request: { operation: 'connect', name: 'gateway' },
    judge: ran,
  },
  {
    name: 'a statement on what came out of the pool',
    item: 'session and close',
    request: execute('SELECT CURRENT_ROLE()'),
    judge: rows(['AGENT_READER']),
    queries: 1,
  },
  {
    name: 'the pool closed, its sessions with it',
    item: 'session and close',
    request: { operation: 'dispose', name: 'gateway' },
    judge: ran,
  },
]

const visits = (note: string): Request =>
  execute(
    `SELECT visit_id, '${note}' AS note FROM health.phi.visits ORDER BY visit_id LIMIT 3`,
    'holding',
  )

export const holds: readonly ToolCheck[] = [
  {
    name: 'a held statement, released',
    item: 'hold then release',
    request: visits('release after 2 s'),
    judge: rows(...['1', '2', '3'].map((id) => [id, 'release after 2 s'])),
  },
  {
    name: 'a held statement, denied',
    item: 'hold then deny',
    request: visits('deny after 1 s'),
    judge: refused('denied'),
  },
]

/** Under a policy that lets it write STAGING.BUILD. */
export async function writes(gateway: ToolGateway): Promise<readonly ToolCheck[]> {
  const name = 'builder'
  return [
    engine(name, gateway.url, await gateway.token('builders'), 'STAGING/BUILD'),
    connect(name),
    step('a table is created', { operation: 'create', name }, ran),
    step(
      'an insert of the unit of work is committed',
      {
        operation: 'add',
        name,
        notes: [
          [1, 'one'],
          [2, "it's two"],
        ],
      },
      ran,
    ),
    step(
      'an insert that is rolled back',
      { operation: 'add', name, notes: [[3, 'three']], undo: true },
      ran,
    ),
    step(
      'what is there after both',
      { operation: 'notes', name },
      rows(['1', 'one'], ['2', "it's two"]),
    ),
    {
      name: 'many rows at once',
      item: 'array binding without staging',
      request: {
        operation: 'many',
        name,
        sql: 'INSERT INTO staging.build.notes (id, body) VALUES (:id, :body)',
        binds: Array.from({ length: 500 }, (_, index) => ({ id: index + 10, body: `n${index}` })),
      },
      judge: rows(['500']),
    },
    step('they are undone', { operation: 'rollback', name }, ran),
    step(
      'protected columns are not copied',
      execute('INSERT INTO staging.build.notes SELECT id, ssn FROM health.phi.patients', name),
      refused('HEALTH.PHI.PATIENTS.SSN'),
    ),
    step(
      'what is there at the end',
      { operation: 'notes', name },
      rows(['1', 'one'], ['2', "it's two"]),
    ),
  ]
}

const step = (name: string, request: Request, judge: Judge): ToolCheck => ({
  name,
  item: 'transaction',
  request,
  judge,
})

/** So many rows, all of this region. */
function regions(region: string, count: number): Judge {
  return ({ rows: given = [], error }) => {
    if (error) return error.message
    const good = given.length === count && given.every((row) => row[1] === region)
    return good ? undefined : JSON.stringify(given)
  }
}
