/** Our tables against an oracle's. */

import { factsOf, partsOf } from '../../../sidecar/sql/index.ts'
import type { ObjectUse, Parsed, StatementFacts } from '../../../sidecar/sql/index.ts'
import type { TableName } from './tree.ts'

/** Tables on one side only, as `db.s.t`, lower case, sorted. */
export interface TableDifference {
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

/**
 * Which statements are compared, by class and kind. SHOW, DESCRIBE, GRANT and COMMENT name tables as
 * they name any object, and each oracle keeps other objects where it keeps tables.
 */
const compared: Readonly<Record<string, RegExp>> = {
  Query: /./,
  DML: /./,
  Truncate: /./,
  Load: /./,
  Unload: /./,
  Meta: /^Explain$/,
  Script: /^(?!Execute[^I])/,
  DDL: /^(?!Comment).*(?:Table|View)$/,
  Drop: /(?:Table|View)$/,
}

/** The facts of a text whose tables can be compared; undefined where one statement's cannot. */
export function comparableFacts(
  statements: readonly Parsed[],
): readonly StatementFacts[] | undefined {
  const facts = statements.map(({ statement }) => factsOf(statement))
  const all = facts.every(
    ({ structured, class: name, kind }) => structured && compared[name]?.test(kind) === true,
  )
  return all && facts.length > 0 ? facts : undefined
}

/** Every table and view that is read, written or named as the source of another. */
export function ownTables(facts: readonly StatementFacts[]): readonly TableName[] {
  return facts.flatMap(({ reads, writes, uses }) =>
    [...reads, ...[...writes, ...uses].filter(isTable)].map(({ name }) => partsOf(name)),
  )
}

function isTable({ objectClass }: ObjectUse): boolean {
  return /(?:^|\s)(?:TABLE|VIEW|RELATION)$/.test(objectClass)
}

/**
 * A name on one side is the other's if they agree in as many parts as both have: an oracle may keep
 * fewer. Letter case is left out, because oracles do not fold names.
 */
export function compareTables(
  own: readonly TableName[],
  other: readonly TableName[],
): TableDifference | undefined {
  const ours = missing(own, other)
  const theirs = missing(other, own)
  return ours.length + theirs.length === 0 ? undefined : { ours, theirs }
}

function missing(from: readonly TableName[], in_: readonly TableName[]): readonly string[] {
  const names = from.filter((name) => !in_.some((other) => sameTable(name, other)))
  return [...new Set(names.map((name) => name.join('.').toLowerCase()))].sort()
}

function sameTable(a: TableName, b: TableName): boolean {
  const shared = Math.min(a.length, b.length)
  const [last, other] = [a.slice(-shared), b.slice(-shared)]
  return last.every((part, index) => part.toLowerCase() === other[index]?.toLowerCase())
}
