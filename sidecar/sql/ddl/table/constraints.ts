/** Constraints: https://docs.snowflake.com/en/sql-reference/sql/create-table-constraint */

import type { Constraint, Expression, Identifier, Property } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { entryAt, sortedOnce } from '../phrases.ts'
import { property } from '../properties.ts'

type References = NonNullable<Constraint['references']>

interface Parts {
  readonly name: Identifier | undefined
  readonly columns?: readonly Identifier[]
  readonly references?: References
  readonly check?: Expression
  readonly include?: readonly Identifier[]
}

/** Does a constraint with columns of its own come next, not a column? */
export function atTableConstraint(p: Parser): boolean {
  return p.atAny(reservedStarts) || (p.at('KEY', 1) && p.atAny(keyStarts))
}

const reservedStarts: ReadonlySet<string> = new Set(['CONSTRAINT', 'UNIQUE', 'CHECK'])
const keyStarts: ReadonlySet<string> = new Set(['PRIMARY', 'FOREIGN'])

/** Types whose parentheses hold names: `index ARRAY(INT)` is a column. */
const structuredTypes: ReadonlySet<string> = new Set(['ARRAY', 'OBJECT', 'MAP', 'VECTOR'])

/** `INDEX i (a)`, which a column of the name INDEX must not be taken for: `index NUMBER(10)`. */
export function atIndex(p: Parser): boolean {
  const named = p.at('INDEX') && p.atIdentifier(1) && !p.atAny(structuredTypes, 1)
  return named && p.at('(', 2) && p.atIdentifier(3)
}

/** `[CONSTRAINT name] PRIMARY KEY (a, b) …` and the like. */
export function tableConstraint(p: Parser): Constraint {
  const start = p.index
  if (p.accept('INDEX')) {
    const name = p.identifier('the name of an index')
    const columns = columnNames(p)
    const include = p.accept('INCLUDE') ? columnNames(p) : []
    return constraint(p, start, 'INDEX', { name, columns, include })
  }
  const name = constraintName(p)
  if (p.accept('PRIMARY', 'KEY')) {
    return constraint(p, start, 'PRIMARY KEY', { name, columns: columnNames(p) })
  }
  if (p.accept('UNIQUE')) return constraint(p, start, 'UNIQUE', { name, columns: columnNames(p) })
  if (p.accept('FOREIGN', 'KEY')) {
    const columns = columnNames(p)
    return constraint(p, start, 'FOREIGN KEY', { name, columns, references: references(p) })
  }
  return constraint(p, start, 'CHECK', { name, check: check(p) })
}

/** The same of one column; undefined where none comes next. */
export function columnConstraint(p: Parser): Constraint | undefined {
  const start = p.index
  const name = constraintName(p)
  if (p.accept('NOT', 'NULL')) return constraint(p, start, 'NOT NULL', { name })
  if (p.accept('PRIMARY', 'KEY')) return constraint(p, start, 'PRIMARY KEY', { name })
  if (p.accept('UNIQUE')) return constraint(p, start, 'UNIQUE', { name })
  if (p.accept('FOREIGN', 'KEY') || p.at('REFERENCES')) {
    return constraint(p, start, 'FOREIGN KEY', { name, references: references(p) })
  }
  if (p.at('CHECK')) return constraint(p, start, 'CHECK', { name, check: check(p) })
  return name === undefined ? undefined : p.fail('PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK')
}

export function columnNames(p: Parser): readonly Identifier[] {
  p.expect('(')
  const found = p.list(() => p.identifier('a column'))
  p.expect(')')
  return found
}

function constraintName(p: Parser): Identifier | undefined {
  return p.accept('CONSTRAINT') ? p.identifier('the name of a constraint') : undefined
}

function check(p: Parser): Expression {
  p.expect('CHECK', '(')
  const condition = p.rules.expression(p)
  p.expect(')')
  return condition
}

function references(p: Parser): References {
  p.expect('REFERENCES')
  const table = targetName(p, 'the name of a table')
  return { table, columns: p.at('(') ? columnNames(p) : [] }
}

function constraint(
  p: Parser,
  start: number,
  type: Constraint['type'],
  { name, columns = [], references: referred, check: condition, include = [] }: Parts,
): Constraint {
  const properties = type === 'INDEX' ? [] : constraintOptions(p)
  return {
    kind: 'Constraint',
    span: p.span(start),
    type,
    name,
    columns,
    references: referred,
    check: condition,
    include,
    properties,
  }
}

const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION']

/** Words by what they decide: of each group one may be said, in any order. */
const decides: Readonly<Record<string, readonly string[]>> = {
  match: ['MATCH FULL', 'MATCH SIMPLE', 'MATCH PARTIAL'],
  update: actions.map((action) => `ON UPDATE ${action}`),
  delete: actions.map((action) => `ON DELETE ${action}`),
  enforcement: ['NOT ENFORCED', 'ENFORCED'],
  deferral: ['NOT DEFERRABLE', 'DEFERRABLE'],
  start: ['INITIALLY DEFERRED', 'INITIALLY IMMEDIATE'],
  use: ['ENABLE', 'DISABLE'],
  validation: ['VALIDATE', 'NOVALIDATE'],
  reliance: ['RELY', 'NORELY'],
}

const groups: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(decides).flatMap(([group, words]) => words.map((word) => [word, group])),
)

/** MATCH, ON DELETE, ENFORCED, RELY … */
export function constraintOptions(p: Parser): readonly Property[] {
  const properties: Property[] = []
  const decided = new Set<string>()
  for (;;) {
    const option = entryAt(p, sortedOnce(groups))
    if (option === undefined || decided.has(option.shape)) return properties
    const start = p.index
    p.keywords(option.words.length)
    decided.add(option.shape)
    const name = option.words.join(' ')
    properties.push({ kind: 'Property', span: p.span(start), name, value: undefined })
  }
}

/** COMMENT behind a constraint of the table. */
export function constraintComment(p: Parser, read: Constraint): Constraint {
  const start = read.span.start
  const comment = p.at('COMMENT') ? property(p, { COMMENT: 'value' }) : undefined
  if (comment === undefined) return read
  return { ...read, span: p.span(start), properties: [...read.properties, comment] }
}
