/** Other parsers, asked which tables a text names. They are wrong in known ways: see `reasons.ts`. */

import type { TableName } from './tree.ts'

export const oracleNames = ['node-sql-parser', 'polyglot', 'sqlparser-ts'] as const

export type OracleName = (typeof oracleNames)[number]

/**
 * The tables that a text names, one entry for each mention; undefined when the oracle cannot read
 * the text to its end, or keeps it, or part of it, as text.
 */
export type Oracle = (sql: string) => readonly TableName[] | undefined
