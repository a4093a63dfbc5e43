/** CREATE of tables, views and schemas. */

import type { ColumnDefinition, Constraint, Property } from '../../sql/ast.ts'
import type { Create } from '../../sql/statements.ts'
import { inQueries, type Obstacles } from './obstacle.ts'

export const creations: Obstacles = { Create: inCreate }

interface CreatedClass {
  readonly modifiers: ReadonlySet<string>
  readonly properties: ReadonlySet<string>
}

const temporary = ['LOCAL', 'GLOBAL', 'TEMP', 'TEMPORARY', 'VOLATILE']
const retention = ['DATA_RETENTION_TIME_IN_DAYS', 'MAX_DATA_EXTENSION_TIME_IN_DAYS']

/**
 * What is not here is not governed: OR ALTER, which changes what is there; SECURE, whose body is
 * hidden; READ ONLY, which clones; places of files, policies and tags.
 */
const created: Readonly<Record<string, CreatedClass>> = {
  TABLE: {
    modifiers: new Set(['OR REPLACE', ...temporary, 'TRANSIENT']),
    properties: new Set([
      ...['COMMENT', 'COPY GRANTS', 'CHANGE_TRACKING', 'DEFAULT_DDL_COLLATION'],
      ...retention,
    ]),
  },
  VIEW: {
    modifiers: new Set(['OR REPLACE', ...temporary]),
    properties: new Set(['COMMENT', 'COPY GRANTS', 'CHANGE_TRACKING']),
  },
  SCHEMA: {
    modifiers: new Set(['OR REPLACE', 'TRANSIENT']),
    properties: new Set(['COMMENT', 'DEFAULT_DDL_COLLATION', ...retention]),
  },
}

function inCreate(statement: Create): string | undefined {
  const { verb, objectClass, modifiers, source, attachments = [], properties = [] } = statement
  const what = `${verb} ${objectClass}`
  const rules = created[objectClass]
  if (rules === undefined || verb === 'DEFINE') return what
  const modifier = modifiers.find((each) => !rules.modifiers.has(each))
  if (modifier !== undefined) return `CREATE ${modifier} ${objectClass}`
  if (source !== undefined) return `${what} … ${source.type}`
  if (attachments.length > 0) return `${what} with a policy, tag or contact`
  const { columns = [], constraints = [] } = statement
  return (
    inProperties(what, properties, rules.properties) ??
    first(columns, (column) => inColumn(what, column)) ??
    first(constraints, (constraint) => inConstraint(what, constraint)) ??
    inQueries(statement)
  )
}

// ── Parts that ALTER TABLE has too ────────────────────────────────────────────────────────────

const columnProperties: ReadonlySet<string> = new Set([
  ...['NULL', 'COLLATE', 'COMMENT', 'AUTOINCREMENT'],
])

export function inColumn(what: string, column: ColumnDefinition): string | undefined {
  if (column.attachments.length > 0) return `${what} with a policy or tag on a column`
  return (
    first(column.constraints, (constraint) => inConstraint(what, constraint)) ??
    inProperties(what, column.properties, columnProperties)
  )
}

const constraintTypes: ReadonlySet<string> = new Set(['PRIMARY KEY', 'UNIQUE', 'NOT NULL'])

/** A foreign key names another table, and a check is run over rows. */
function inConstraint(what: string, { type }: Constraint): string | undefined {
  return constraintTypes.has(type) ? undefined : `${what} with ${type}`
}

/** The options that are known to change no more than they say; their values are written out. */
export function inProperties(
  what: string,
  properties: readonly Property[],
  known: ReadonlySet<string>,
): string | undefined {
  const odd = properties.find(({ name, value }) => !known.has(name) || !isPlain(value))
  return odd === undefined ? undefined : `${what} with ${odd.name}`
}

function isPlain(value: Property['value']): boolean {
  return value === undefined || value.kind === 'Literal' || value.kind === 'ObjectName'
}

export function first<T>(
  items: readonly T[],
  obstacle: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = obstacle(item)
    if (found !== undefined) return found
  }
  return undefined
}
