/** Names as Snowflake completes, matches and shows them. Pure. */

import type { ColumnPattern, ObjectPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { printName } from '../sql/names.ts'
import type { NameContext, QualifiedName } from './types.ts'

/** The schema that every database has, and whose views Snowflake itself defines. */
export const informationSchema = 'INFORMATION_SCHEMA'

/**
 * Completes a stored name of one to three parts from where the session stands.
 * @throws FrostgateError ObjectUnqualified where the context lacks a part that the name needs.
 */
export function qualify(parts: readonly string[], context: NameContext): QualifiedName {
  const known = complete(parts, context)
  const missing = known.database === null ? 'database' : known.schema === null ? 'schema' : null
  if (missing !== null || known.database === null || known.schema === null) {
    const object = printName(parts)
    throw FrostgateError.of('ObjectUnqualified', { object, missing: missing ?? 'schema' })
  }
  return { database: known.database, schema: known.schema, name: known.name }
}

export type Candidates = readonly [QualifiedName, ...QualifiedName[]]

/**
 * What a name in a query or DML may mean, first choice first. An unqualified one is looked up along
 * the search path, which cannot be set through the gateway: `$current, $public`, the schema PUBLIC
 * of the current database. (https://docs.snowflake.com/en/sql-reference/name-resolution)
 * @throws FrostgateError as `qualify`
 */
export function candidates(parts: readonly string[], context: NameContext): Candidates {
  const current = qualify(parts, context)
  return parts.length > 1 || current.schema === publicSchema
    ? [current]
    : [current, { ...current, schema: publicSchema }]
}

const publicSchema = 'PUBLIC'

/** As `qualify`, but leaves null what the context does not know. */
export function complete(
  parts: readonly string[],
  context: NameContext,
): NameContext & { readonly name: string } {
  const [first, second, third, ...more] = parts
  if (first === undefined || more.length > 0) {
    throw FrostgateError.of('ObjectUnqualified', {
      object: printName(parts),
      missing: 'name of one to three parts',
    })
  }
  if (third !== undefined && second !== undefined) {
    return { database: first, schema: second, name: third }
  }
  if (second !== undefined) return { database: context.database, schema: first, name: second }
  // A current schema means nothing without the database it lies in.
  const schema = context.database === null ? null : context.schema
  return { database: context.database, schema, name: first }
}

export function matchesObject(pattern: ObjectPattern, name: QualifiedName): boolean {
  return (
    matchesPart(pattern.database, name.database) &&
    matchesPart(pattern.schema, name.schema) &&
    matchesPart(pattern.name, name.name)
  )
}

export function matchesColumn(
  pattern: ColumnPattern,
  name: QualifiedName,
  column: string,
): boolean {
  return matchesObject(pattern, name) && matchesPart(pattern.column, column)
}

/** A null part of a pattern is `*`. */
export function matchesPart(pattern: string | null, part: string): boolean {
  return pattern === null || pattern === part
}

export function isInformationSchema(name: QualifiedName): boolean {
  return name.schema === informationSchema
}

/** For people: quoted only where it has to be. */
export function displayObject(name: {
  readonly database: string | null
  readonly schema: string | null
  readonly name: string | null
}): string {
  const parts = [name.database, name.schema, name.name]
  return printName(parts.filter((part) => part !== null))
}

/** A pattern as a policy would write it. */
export function displayPattern(pattern: ObjectPattern): string {
  return [pattern.database, pattern.schema, pattern.name]
    .map((part) => (part === null ? '*' : printName([part])))
    .join('.')
}
