/** One thing that every driver does in a session, and what must come of it. */

import type { Judge } from './answer.ts'
import type { Item } from './suite.ts'

export interface Check {
  readonly name: string
  readonly item: Item
  /**
   * `{file}` is a file on the client's side, `{folder}` the folder that it is in; `{foreign}` the
   * query id of a statement that somebody else has run.
   */
  readonly sql: string | readonly string[]
  readonly operation: Operation
  readonly binds?: readonly Bound[]
  /** For each bind its type, for drivers that bind more than text and numbers. */
  readonly bindTypes?: readonly string[]
  /** Of `many`: one list for each row. */
  readonly bindRows?: readonly (readonly Bound[])[]
  /** Of `several`: how many statements the text holds. */
  readonly statements?: number
  /** To wait, until the cancel, or of the driver's own timeout. */
  readonly seconds?: number
  /** Cells in the driver's own notation, to the last digit, instead of one for all drivers. */
  readonly exact?: true
  /** Asked of the warehouse itself as well; the judge gets what came there. */
  readonly direct?: true
  readonly judge: Judge
  /** Refused by the gateway: it must have come there once, and never have been sent again. */
  readonly refused?: true
  /** Its request is sent twice under one id, on purpose; of `cut off` the line breaks meanwhile. */
  readonly twice?: 'replayed' | 'cut off'
  /** Recorded as cancelled, whatever the driver makes of it; `withdrawn`: while it was held. */
  readonly ends?: 'canceled' | 'withdrawn'
}

/** In the text of a statement whose connection breaks while it is held. */
export const cutMark = 'the line breaks'

type Bound = string | number | boolean | null

/**
 * `checksum` gives one row, the count and digest of all; `describe` the columns without running;
 * `async` submits, asks for the status and fetches by query id; `several` is one text with several
 * statements; `cancel` is cancelled by the driver's API, `timeout` by its own timeout; `many` an
 * array bind; `file` a PUT or GET; `frame` a columnar fetch, answered as `checksum`; `transaction`
 * a list of statements that is rolled back; `ping` asks whether the connection is valid; `byId`
 * fetches the result of the query id in `sql`; `replay` runs two statements under one request id, and
 * answers with the second.
 */
export type Operation =
  | 'rows'
  | 'checksum'
  | 'describe'
  | 'wait'
  | 'async'
  | 'several'
  | 'cancel'
  | 'timeout'
  | 'many'
  | 'file'
  | 'frame'
  | 'transaction'
  | 'ping'
  | 'byId'
  | 'replay'
  // Of one driver only: its own way to prepare, and its catalogue functions.
  | 'prepare'
  | 'metadata'

export function query(item: Item, name: string, sql: string, judge: Judge): Check {
  return { name, item, sql, operation: 'rows', judge }
}
