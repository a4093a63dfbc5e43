/** Statements of a script, each with a text of its own by which it is found again. */

import type { JsonObject } from '../../../sidecar/json.ts'
import type { Random } from '../../fuzz/random.ts'

export interface Work {
  readonly kind: 'masked' | 'chunks' | 'masked chunks' | 'insert' | 'held' | 'several' | 'asynchronous'
  readonly body: JsonObject
  /** Markers that it inserts. */
  readonly inserts: readonly string[]
  /** What it should give, for the warehouse itself; the column SSN is to be masked. */
  readonly truth: string | undefined
} // prettier-ignore

const insert = (marker: string, table = 'SOAK'): string =>
  `INSERT INTO analytics.public.${table} VALUES ('${marker}')`

const select = (kind: Work['kind'], sqlText: string): Work => ({
  kind, body: { sqlText }, inserts: [], truth: sqlText,
}) // prettier-ignore

const makers: Readonly<Record<Work['kind'], (marker: string) => Work>> = {
  masked: (m) => select('masked', `SELECT id, ssn, '${m}' AS m FROM health.phi.patients ORDER BY id LIMIT 20`),
  chunks: (m) => select('chunks', `SELECT order_id, status, '${m}' AS m FROM analytics.public.orders ORDER BY order_id`),
  'masked chunks': (m) => select('masked chunks', `SELECT id, ssn, name, '${m}' AS m FROM health.phi.patients ORDER BY id`),
  insert: (m) => ({ kind: 'insert', body: { sqlText: insert(m) }, inserts: [m], truth: undefined }),
  held: (m) => ({ kind: 'held', body: { sqlText: insert(m, 'SOAK_HELD') }, inserts: [m], truth: undefined }),
  several: (m) => ({
    kind: 'several',
    body: { sqlText: `${insert(`${m}a`)}; SELECT '${m}c'; ${insert(`${m}b`)}`, parameters: { MULTI_STATEMENT_COUNT: 3 } },
    inserts: [`${m}a`, `${m}b`],
    truth: undefined,
  }),
  asynchronous: (m) => ({ kind: 'asynchronous', body: { sqlText: insert(m), asyncExec: true }, inserts: [m], truth: undefined }),
} // prettier-ignore

const kinds = Object.keys(makers) as readonly Work['kind'][]

/** `wanted`: kinds that must be among them, so that the script's fault has something to strike. */
export function workOf(index: number, count: number, choices: Random, wanted: readonly Work['kind'][]): readonly Work[] {
  return Array.from({ length: count }, (_, number) =>
    makers[wanted[number] ?? choices.pick(kinds)](`soak-${index}-${number}-z`),
  )
} // prettier-ignore

export function wantedFor(name: string): readonly Work['kind'][] {
  // What holds no mask passes unread: that its rows are whole, the driver sees and the store answers for.
  if (name.includes('wrongRows')) return ['masked chunks', 'masked chunks']
  if (name.includes('chunk')) return ['chunks', 'masked chunks', 'chunks', 'masked chunks']
  if (name.includes('hold')) return ['held', 'held', 'held']
  return ['insert', 'insert', 'several', 'asynchronous']
}

/** Stars but for the last four characters: the rule of the quickstart. */
export function masked(rows: readonly (readonly (string | null)[])[], sql: string): readonly unknown[] {
  const column = sql.startsWith('SELECT id, ssn') ? 1 : -1
  return rows.map((row) =>
    row.map((cell, at) => (at === column && cell !== null ? '*'.repeat(cell.length - 4) + cell.slice(-4) : cell)),
  )
} // prettier-ignore
