/** What an attack is, and how it must end. */

import type { ErrorName } from '../../sidecar/errors.ts'
import type { JsonObject } from '../../sidecar/json.ts'

/** `mask`: rows with masks in them. `rows`: an answer in which no mask need stand. */
export type Outcome = 'mask' | 'rows' | `deny:${ErrorName}`

export interface Attack {
  readonly sql: string
  readonly outcome: Outcome
  readonly body?: JsonObject
}

export const mask = (sql: string, body?: JsonObject): Attack => attack(sql, 'mask', body)
export const rows = (sql: string, body?: JsonObject): Attack => attack(sql, 'rows', body)
export const deny =
  (entry: ErrorName) =>
  (sql: string, body?: JsonObject): Attack =>
    attack(sql, `deny:${entry}`, body)

function attack(sql: string, outcome: Outcome, body: JsonObject | undefined): Attack {
  return { sql, outcome, ...(body === undefined ? {} : { body }) }
}
