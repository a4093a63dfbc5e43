/** Results of every shape: chunks, binds, descriptions, frames, several at once, asynchronous. */

import {
  all, asDirect, columns, fails, fallsWithin, maskedPatients, maskedPatientsSum, orders, refused, resultsAre, rows,
  type Judge,
} from '../answer.ts' // prettier-ignore
import { query, type Check } from '../check.ts'

const ordersSql = 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id'
const patients = (count: number): string =>
  `SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT ${count}`

/** What is in the table the warehouse itself has said: no driver needs to ask it again. */
const orderColumns = columns(['ORDER_ID', 'fixed'], ['AMOUNT', 'fixed'])

const noRows: Judge = ({ rows: given = [] }) => (given.length === 0 ? undefined : 'rows came')

const large: readonly Check[] = [
  {
    name: '100,000 rows through chunks',
    item: '100,000 rows in chunks',
    sql: ordersSql,
    operation: 'checksum',
    judge: all(orders, orderColumns),
  },
  {
    name: '100,000 rows as a frame',
    item: 'columnar fetch',
    sql: ordersSql,
    operation: 'frame',
    judge: all(orders, orderColumns),
  },
  {
    name: 'masked columns as a frame',
    item: 'columnar fetch',
    sql: patients(500),
    operation: 'frame',
    judge: maskedPatientsSum(500),
  },
]

const bound: readonly Check[] = [
  {
    ...query('bindings', 'bound values', 'SELECT ? + 1 AS a, ? AS b, ? AS c', rows(['42', "it's", null])),
    binds: [41, "it's", null],
  },
  {
    ...query('bindings', 'a bound value in a predicate', 'SELECT id, ssn FROM health.phi.patients WHERE id = ?', maskedPatients(1)),
    binds: [7],
  },
  {
    ...query(
      'bindings',
      'a bound value of every type',
      'SELECT CAST(? AS NUMBER(38,0)) AS a, CAST(? AS FLOAT) AS b, CAST(? AS BOOLEAN) AS c, CAST(? AS VARCHAR) AS d, CAST(? AS DATE) AS e, CAST(? AS TIME) AS f, CAST(? AS TIMESTAMP_NTZ) AS g, CAST(? AS TIMESTAMP_TZ) AS h, CAST(? AS BINARY) AS i, CAST(? AS VARCHAR) AS j',
      asDirect,
    ),
    binds: [-7, 0.25, true, "Zürich, it's", '2024-02-29', '12:34:56', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789 +0530', '00AB01FF', null],
    bindTypes: ['number', 'number', 'boolean', 'text', 'date', 'time', 'timestamp', 'timestampWithZone', 'binary', 'text'],
    direct: true,
  },
  {
    ...query('bindings', 'a bound name is refused', 'SELECT event_id FROM IDENTIFIER(?)', refused('bind 1')),
    binds: ['staging.public.events'],
    refused: true,
  },
] // prettier-ignore

const described: readonly Check[] = [
  {
    name: 'a description without running',
    item: 'describe',
    sql: 'SELECT id, ssn, dob FROM health.phi.patients',
    operation: 'describe',
    judge: all(columns(['ID', 'fixed'], ['SSN', 'text'], ['DOB', 'date']), noRows),
  },
  {
    name: 'a description as direct',
    item: 'describe',
    sql: 'SELECT * FROM analytics.public.orders',
    operation: 'describe',
    direct: true,
    judge: asDirect,
  },
  {
    name: 'a description of what is refused',
    item: 'describe',
    sql: 'SELECT event_id FROM staging.public.events ORDER BY 1',
    operation: 'describe',
    judge: refused('STAGING.PUBLIC.EVENTS'),
    refused: true,
  },
  query(
    'describe',
    'an empty result has its columns',
    'SELECT id, name FROM health.phi.patients WHERE id < 0',
    all(rows(), columns(['ID', 'fixed'], ['NAME', 'text'])),
  ),
]

const several: readonly Check[] = [
  {
    name: 'three statements at once',
    item: 'multi-statement',
    sql: 'SELECT CURRENT_ROLE() AS r; SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id LIMIT 3; SELECT NULL::DATE AS d',
    operation: 'several',
    statements: 3,
    direct: true,
    judge: asDirect,
  },
  {
    name: 'masks in several statements at once',
    item: 'multi-statement',
    sql: `${patients(3)}; ${patients(5)}`,
    operation: 'several',
    statements: 2,
    judge: resultsAre(maskedPatients(3), maskedPatients(5)),
  },
  {
    name: 'one refused statement among several refuses all',
    item: 'multi-statement',
    sql: 'SELECT 1 AS a; DROP TABLE analytics.public.orders',
    operation: 'several',
    statements: 2,
    judge: refused('"never"'),
  },
  query(
    'multi-statement',
    'after it the table is still there',
    'SELECT COUNT(*) AS n FROM analytics.public.orders WHERE order_id <= 10',
    rows(['10']),
  ),
  {
    ...query('multi-statement', 'two statements where one was announced', 'SELECT 1 AS a; SELECT 2 AS b', fails({ code: 8, sqlState: '0A000' }, 'Actual statement count 2')),
  },
] // prettier-ignore

const asynchronous: readonly Check[] = [
  {
    name: 'an asynchronous statement',
    item: 'asynchronous',
    sql: `${ordersSql} LIMIT 100`,
    operation: 'async',
    direct: true,
    judge: all(asDirect, succeeded),
  },
  {
    name: 'an asynchronous statement in chunks',
    item: 'asynchronous',
    sql: `${ordersSql} LIMIT 20000`,
    operation: 'async',
    direct: true,
    judge: all(asDirect, succeeded),
  },
  {
    name: 'masks in an asynchronous statement',
    item: 'asynchronous',
    sql: patients(20),
    operation: 'async',
    judge: maskedPatients(20),
  },
  {
    name: 'an asynchronous statement that is refused',
    item: 'asynchronous',
    sql: 'SELECT event_id AS asynchronously FROM staging.public.events',
    operation: 'async',
    // As at Snowflake, it fails after it was accepted: drivers have no code or state for that.
    judge: fallsWithin(10_000, 'STAGING.PUBLIC.EVENTS'),
    refused: true,
  },
]

function succeeded({ status }: { readonly status?: string }): string | undefined {
  return status === undefined || status === 'SUCCESS' ? undefined : `its last status is ${status}`
}

const errors: readonly Check[] = [
  query(
    'blocked: exact error, one request',
    "Snowflake's own error keeps its code and state",
    'SELECT 1 / 0 AS x',
    fails({ code: 100051, sqlState: '22012' }),
  ),
  { name: 'the connection is valid', item: 'session and close', sql: '', operation: 'ping', judge: rows(['true']) },
] // prettier-ignore

export const results: readonly Check[] = [
  ...bound, ...large, ...described, ...several, ...asynchronous, ...errors,
] // prettier-ignore
