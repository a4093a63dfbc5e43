/** Which objects a principal may see listed: those it may query. */

import { matchesObject, matchesPart } from '../catalog/names.ts'
import type { QualifiedName } from '../catalog/types.ts'
import type { ObjectPattern } from '../control/bundle.ts'
import type { RuleOf } from './authority.ts'

export const anyObject: ObjectPattern = { database: null, schema: null, name: null }

/**
 * Snowflake's own database. Its ACCOUNT_USAGE holds the text of everybody's statements, literals
 * and all, so an Allow rule reaches it only by name: `*` means the customer's databases.
 */
const accountDatabase = 'SNOWFLAKE'

/** Whether a pattern of an Allow rule covers an object. Deny rules match wider. */
export function grants(pattern: ObjectPattern, object: QualifiedName): boolean {
  return grantsDatabase(pattern, object.database) && matchesObject(pattern, object)
}

function grantsDatabase(pattern: ObjectPattern, database: string): boolean {
  return pattern.database === null
    ? database !== accountDatabase
    : matchesPart(pattern.database, database)
}

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
      grantsDatabase(pattern, listed.database) &&
      (listed.schema === undefined || matchesPart(pattern.schema, listed.schema)) &&
      (listed.name === undefined || matchesPart(pattern.name, listed.name)),
  )
}

/** Patterns of the Allow rules under which objects may be queried. */
export function queryable(allowing: readonly RuleOf[]): readonly ObjectPattern[] {
  return allowing
    .filter(({ rule }) => rule.statements.length === 0 || rule.statements.includes('Query'))
    .flatMap(({ rule }) => objectsOf(rule))
}

/** Patterns of the Allow rules, whatever the statement. */
export function reachable(allowing: readonly RuleOf[]): readonly ObjectPattern[] {
  return allowing.flatMap(({ rule }) => objectsOf(rule))
}

/**
 * What an Allow rule covers. A rule that only lists functions covers no object, and one with
 * columns, which the compiler refuses, nothing: reading it as "any object" would open everything.
 */
export function objectsOf(rule: RuleOf['rule']): readonly ObjectPattern[] {
  if (rule.columns.length > 0) return []
  if (rule.objects.length > 0) return rule.objects
  return rule.functions.length > 0 ? [] : [anyObject]
}
