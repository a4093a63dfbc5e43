import type { OutputColumn } from '../engine/output.ts'
import { fixed, text, type SnowType } from '../engine/types.ts'
import { type Outcome, statementTypes } from './outcome.ts'

export const output = (name: string, type: SnowType = text(), nullable = true): OutputColumn => ({
  name,
  type,
  nullable,
})

/** One row, one column `status`: what DDL, USE and ALTER answer. */
export function status(message: string, statementTypeId: number): Outcome {
  return { columns: [output('status', text(), true)], rows: [[message]], statementTypeId }
}

/** The DDL sentence of Snowflake, `Table T successfully created.` */
export const done = (message: string): Outcome => status(message, statementTypes.ddl)

/** What INSERT, UPDATE and DELETE answer: one row of counts, and the same in `stats`. */
export function counts(
  statementTypeId: number,
  cells: Readonly<Record<string, number>>,
  stats: Readonly<Record<string, number>>,
): Outcome {
  const zero = { numRowsInserted: 0, numRowsUpdated: 0, numRowsDeleted: 0, numDmlDuplicates: 0 }
  return {
    columns: Object.keys(cells).map((name) => output(name, fixed(19), false)),
    rows: [Object.values(cells).map(String)],
    statementTypeId,
    stats: { ...zero, ...stats },
  }
}
