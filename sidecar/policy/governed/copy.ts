/**
 * COPY INTO, both ways between tables and named stages. Where files lie, and how they are reached
 * and encrypted, is the stage's to say: addresses, credentials and integrations are not governed.
 */

import type { Expression, Property, Query, StageRelation } from '../../sql/ast.ts'
import { walk } from '../../sql/index.ts'
import type { Node } from '../../sql/index.ts'
import { namedStage } from '../../sql/stage/name.ts'
import type { Location } from '../../sql/stage/location.ts'
import type { CopyIntoLocation, CopyIntoTable } from '../../sql/statements.ts'
import { first } from './create.ts'
import { isFileFormat, isPlainValue, isText, isTextList, wordOf } from './file-format.ts'
import { inQueries, type Obstacles } from './obstacle.ts'

export const copies: Obstacles = { CopyIntoTable: inLoad, CopyIntoLocation: inUnload }

// ── Options ───────────────────────────────────────────────────────────────────────────────────

type Fits = (value: Property['value']) => boolean

const isFlag: Fits = (value) => value?.kind === 'Literal' && value.type === 'boolean'
const isNumber: Fits = (value) => value?.kind === 'Literal' && value.type === 'number'

/** Names of files behind the stage's path, which may not lead elsewhere. */
const isFileList: Fits = (value) =>
  value?.kind === 'PropertyList' &&
  isTextList(value) &&
  value.items.every(
    (item) =>
      item.kind === 'Literal' && !item.value.includes('://') && namedStage(`@s/${item.value}`),
  )

/** Not here: VALIDATION_MODE, which gives rows of files. PURGE would remove other people's files. */
const loading: Readonly<Record<string, Fits>> = {
  FILE_FORMAT: isFileFormat,
  FILES: isFileList,
  PATTERN: isText,
  ON_ERROR: isPlainValue,
  SIZE_LIMIT: isNumber,
  PURGE: (value) => isFlag(value) && value?.kind === 'Literal' && value.value === 'FALSE',
  RETURN_FAILED_ONLY: isFlag,
  MATCH_BY_COLUMN_NAME: isPlainValue,
  ENFORCE_LENGTH: isFlag,
  TRUNCATECOLUMNS: isFlag,
  FORCE: isFlag,
  LOAD_UNCERTAIN_FILES: isFlag,
}

const unloading: Readonly<Record<string, Fits>> = {
  FILE_FORMAT: isFileFormat,
  OVERWRITE: isFlag,
  SINGLE: isFlag,
  MAX_FILE_SIZE: isNumber,
  INCLUDE_QUERY_ID: isFlag,
  DETAILED_OUTPUT: isFlag,
  HEADER: (value) => value === undefined || isFlag(value),
}

/** In FROM, behind a stage. */
const reading: Readonly<Record<string, Fits>> = {
  FILE_FORMAT: (value) => value?.kind !== 'PropertyList' && isFileFormat(value),
  PATTERN: isText,
}

function inOptions(
  given: readonly Property[],
  known: Readonly<Record<string, Fits>>,
): string | undefined {
  return first(given, ({ name, value }) =>
    Object.hasOwn(known, name) && known[name]?.(value) === true
      ? undefined
      : `COPY INTO with ${name}`,
  )
}

/** Columns are found by what files call them; otherwise they go in order. NONE is the default. */
export function matchesByName({ options }: CopyIntoTable): boolean {
  const option = options.find(({ name }) => name === 'MATCH_BY_COLUMN_NAME')
  return option !== undefined && wordOf(option.value) !== 'NONE'
}

// ── Places ────────────────────────────────────────────────────────────────────────────────────

function inLoad({ source, options }: CopyIntoTable): string | undefined {
  if (source === undefined) return 'COPY INTO without FROM'
  const place = source.kind === 'Query' ? transformed(source)?.stage : source
  if (place === undefined) return 'COPY INTO from a query of anything but one stage'
  const inSource = source.kind === 'Query' ? inTransformation(source) : undefined
  return inPlace(place) ?? inSource ?? inOptions(options, loading)
}

function inUnload(statement: CopyIntoLocation): string | undefined {
  const { location, source, partitionBy, options } = statement
  const inPartition = partitionBy && inKey(partitionBy)
  return (
    inPlace(location) ??
    inOptions(options, unloading) ??
    (inPartition === undefined ? undefined : `COPY INTO with PARTITION BY of ${inPartition}`) ??
    inQueries(source)
  )
}

function inPlace(place: Location): string | undefined {
  if (place.kind !== 'Stage') return 'COPY INTO'
  return namedStage(place.text) === undefined ? 'COPY INTO' : undefined
}

// ── Queries over files ────────────────────────────────────────────────────────────────────────

/** `SELECT … FROM @s`, and nothing more. */
export function transformed(query: Query): StageRelation | undefined {
  const { body, orderBy, orderByAll } = query
  if (body.kind !== 'Select' || orderBy.length > 0 || orderByAll) return undefined
  const { distinct, into, from } = body
  const clauses = [query.with, query.limit, query.offset, body.top, body.connectBy, body.where]
  const further = [...clauses, body.groupBy, body.having, body.qualify]
  if (distinct || into.length > 0 || further.some((clause) => clause !== undefined)) {
    return undefined
  }
  const [only, ...more] = from
  if (only?.kind !== 'StageRelation' || more.length > 0) return undefined
  return only.sample.length + only.columnAliases.length === 0 ? only : undefined
}

function inTransformation({ body }: Query): string | undefined {
  if (body.kind !== 'Select') return undefined
  const [from] = body.from
  const options = from?.kind === 'StageRelation' ? inOptions(from.options, reading) : undefined
  if (options !== undefined) return options
  const odd = first(body.items, ({ expression }) => inValue(expression))
  return odd === undefined ? undefined : `COPY INTO from a query with ${odd}`
}

/** Of one row, and of that alone: no value that another statement set, or that other rows have. */
function inValue(value: Node): string | undefined {
  let found: string | undefined
  const refuse = (what: string) => () => {
    found ??= what
    return undefined
  }
  walk(value, {
    Star: refuse('*'),
    Query: refuse('a sub-query'),
    TableArgument: refuse('a table argument'),
    Variable: refuse('a variable'),
    Bind: refuse('a bind'),
  })
  return found
}

/** Names there are the output's, whatever stands in for a table. */
function inKey(key: Expression): string | undefined {
  let found = inValue(key)
  walk(key, {
    ColumnReference: ({ parts }) => {
      if (parts.length > 1) found ??= 'a qualified name'
      return undefined
    },
    Positional: () => {
      found ??= 'a column by its number'
      return undefined
    },
  })
  return found
}
