/** Which objects a principal may see listed: those it may query. */

import { matchesPart } from '../catalog/names.ts'
import type { ObjectPattern } from '../control/bundle.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import { coveredBy, speaksOfClass } from './rule-set.ts'
import type { StatementCase } from './statement-case.ts'
import { mayApply } from './when.ts'

/**
 * Snowflake's own database. Its ACCOUNT_USAGE holds the text of everybody's statements, literals
 * and all, so a rule reaches it only by name: `*` means the customer's databases. Deny rules match
 * wider.
 */
export const accountDatabase = 'SNOWFLAKE'

/** An object as far as a row of a listing names it. */
export interface ListedObject {
  readonly database: string
  readonly schema?: string | undefined
  readonly name?: string | undefined
}

/** True if some pattern can match an object there: a database is seen for the sake of one table. */
export function visible(patterns: readonly ObjectPattern[], listed: ListedObject): boolean {
  return patterns.some(
    (pattern) =>
      (pattern.database === null
        ? listed.database !== accountDatabase
        : matchesPart(pattern.database, listed.database)) &&
      (listed.schema === undefined || matchesPart(pattern.schema, listed.schema)) &&
      (listed.name === undefined || matchesPart(pattern.name, listed.name)),
  )
}

/** Patterns of the rules under which objects may be queried. */
export function queryable(statementCase: StatementCase): readonly ObjectPattern[] {
  return statementCase.rules.querying
    .filter((ranked) => mayApply(statementCase, ranked))
    .flatMap(({ rule }) => coveredBy(rule))
}

/** Whether a rule gives anything there: of a class, or of any where that is left out. */
export function gives(
  statementCase: StatementCase,
  { database, schema }: Pick<ListedObject, 'database' | 'schema'>,
  ofClass?: StatementClass,
): boolean {
  const there = { database, schema: schema ?? null, name: null }
  const { byObject } = statementCase.rules.covering
  return byObject
    .find(there, 'any', database === accountDatabase)
    .some((list) =>
      list.some(
        (ranked) =>
          (ofClass === undefined || speaksOfClass(ranked.rule, ofClass)) &&
          mayApply(statementCase, ranked),
      ),
    )
}
