/** Statements that take their time, or wait for a person; and statements that write. */

import {
  all, asDirect, atLeast, fallsWithin, orders, ran, refused, rows,
} from '../answer.ts' // prettier-ignore
import { cutMark, query, type Check } from '../check.ts'
import { importedTexts } from '../imported.ts'

/** Held there, until what stands in the note. */
const visits = (note: string): string =>
  `SELECT visit_id, '${note}' AS note FROM health.phi.visits ORDER BY visit_id LIMIT 3`

const released = (seconds: number): Check['judge'] => all(asDirect, atLeast(seconds * 1000))

const holds: readonly Check[] = [
  {
    ...query('hold then release', 'a held statement is released', visits('release after 2 s'), released(2)),
    direct: true,
  },
  query(
    'hold then deny',
    'a held statement is denied',
    visits('deny after 1 s'),
    all(refused('HEALTH.PHI.VISITS'), atLeast(1_000)),
  ),
  {
    name: 'an asynchronous statement is held and released',
    item: 'hold then release',
    sql: visits('release after 1 s'),
    operation: 'async',
    direct: true,
    judge: released(1),
  },
  {
    ...query(
      'connection lost in a hold',
      'the line breaks in a hold',
      `SELECT visit_id, 'release after 3 s' AS note, '${cutMark}' AS line FROM health.phi.visits ORDER BY visit_id LIMIT 3`,
      released(3),
    ),
    direct: true,
    twice: 'cut off',
  },
  {
    name: 'a held statement is cancelled',
    item: 'hold then cancel',
    sql: visits('never, cancelled'),
    operation: 'cancel',
    seconds: 2,
    judge: fallsWithin(30_000),
    ends: 'withdrawn',
  },
  {
    name: 'a held statement meets the timeout of its driver',
    item: 'own timeout',
    sql: visits('never, timed out'),
    operation: 'timeout',
    seconds: 2,
    judge: fallsWithin(30_000),
    ends: 'withdrawn',
  },
] // prettier-ignore

const running: readonly Check[] = [
  {
    name: 'a running statement is cancelled',
    item: 'cancel',
    sql: "SELECT SYSTEM$WAIT(60) AS waited, 'cancelled' AS how",
    operation: 'cancel',
    seconds: 2,
    judge: fallsWithin(30_000),
    ends: 'canceled',
  },
  query('cancel', 'the session goes on after a cancel', 'SELECT CURRENT_ROLE() AS r', rows(['AGENT_READER'])),
  {
    name: 'a running statement meets the timeout of its driver',
    item: 'own timeout',
    sql: "SELECT SYSTEM$WAIT(60) AS waited, 'timed out' AS how",
    operation: 'timeout',
    seconds: 2,
    judge: fallsWithin(30_000),
    ends: 'canceled',
  },
  query('own timeout', 'the session goes on after a timeout', 'SELECT CURRENT_ROLE() AS r', rows(['AGENT_READER'])),
  {
    name: 'a slow statement',
    item: 'asynchronous',
    sql: 'SELECT SYSTEM$WAIT(2) AS waited',
    operation: 'rows',
    direct: true,
    judge: all(asDirect, atLeast(2_000)),
  },
  {
    name: 'a slow asynchronous statement',
    item: 'asynchronous',
    sql: "SELECT SYSTEM$WAIT(2) AS waited, 'asynchronously' AS how",
    operation: 'async',
    direct: true,
    judge: all(asDirect, atLeast(2_000)),
  },
] // prettier-ignore

/** Written by ordinary arithmetic, so that what arrived can be told from its sums. */
/** 100,000 cells: more than the 65,280 from which drivers stage by themselves. Few rows: the warehouse takes one by one. */
const imported = Array.from(
  { length: 2_500 },
  (_, index): [number, string, number | null, ...string[]] => [
    index,
    `name ${index}, "quoted" 東京`,
    index % 7 === 0 ? null : index / 4,
    ...importedTexts.map((name) => `${name} of ${index}: Zürich`),
  ],
)

const table = 'analytics.public.imported'
const sums = `SELECT COUNT(*) AS n, SUM(id) AS ids, SUM(amount) AS amounts, COUNT(amount) AS filled, COUNT(DISTINCT name) AS names, COUNT(DISTINCT ${importedTexts.at(-1) ?? ''}) AS last FROM ${table}`
const amounts = imported.flatMap(([, , amount]) => amount ?? [])

const writes: readonly Check[] = [
  // Another client may have failed half way.
  query('array binding without staging', 'a table that is emptied', `DELETE FROM ${table}`, ran),
  {
    name: 'an array of 2,500 rows and 40 columns is inserted',
    item: 'array binding without staging',
    sql: `INSERT INTO ${table} (id, name, amount, ${importedTexts.join(', ')}) VALUES (?, ?, ?${', ?'.repeat(importedTexts.length)})`,
    operation: 'many',
    bindRows: imported,
    judge: rows([String(imported.length)]),
  },
  query(
    'array binding without staging',
    'all of them arrived',
    sums,
    rows([
      String(imported.length),
      String(imported.reduce((sum, [id]) => sum + id, 0)),
      String(amounts.reduce((sum, amount) => sum + amount, 0)),
      String(amounts.length),
      String(imported.length),
      String(imported.length),
    ]),
  ),
  {
    name: 'a transaction that is rolled back',
    item: 'transaction',
    sql: [`DELETE FROM ${table} WHERE id >= 10`, `SELECT COUNT(*) AS n FROM ${table}`],
    operation: 'transaction',
    judge: ran,
  },
  query('transaction', 'after it everything is there again', `SELECT COUNT(*) AS n FROM ${table}`, rows([String(imported.length)])),
  query('transaction', 'a statement outside of it stays', `DELETE FROM ${table}`, ran),
  query('transaction', 'and the table is empty', `SELECT COUNT(*) AS n FROM ${table}`, rows(['0'])),
] // prettier-ignore

export const long: readonly Check[] = [...holds, ...running, ...writes]

/** After which a gateway closes sessions that nobody uses: more than a statement of any client takes. */
export const idleSeconds = 12

/** For session tokens that live two seconds. */
export const renewedWhileRunning: Check = {
  ...query(
    'renewal',
    'a statement longer than the session token',
    "SELECT SYSTEM$WAIT(5) AS waited, 'renewed' AS how",
    all(asDirect, atLeast(5_000)),
  ),
  direct: true,
}

export const renewedWhileHeld: Check = {
  ...query(
    'renewal in a hold',
    'a hold longer than the session token',
    visits('release after 5 s'),
    released(5),
  ),
  direct: true,
}

/** Longer than the gateway of these tests lets a session be idle. */
export const leftAlone: readonly Check[] = [
  query('idle session', 'before it is left alone', 'SELECT CURRENT_ROLE() AS r', rows(['AGENT_READER'])),
  { name: 'nobody asks for anything', item: 'idle session', sql: '', operation: 'wait', seconds: idleSeconds * 1.75, judge: ran },
  query('idle session', 'a statement after it', 'SELECT CURRENT_ROLE() AS role_after_all', fallsWithin(10_000)),
] // prettier-ignore

export const renewedInChunks: Check = {
  name: 'chunks after the session token expired',
  item: 'renewal',
  sql: 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id',
  operation: 'checksum',
  judge: orders,
}
