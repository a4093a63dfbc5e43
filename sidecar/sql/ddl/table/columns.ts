/** The parenthesised list of columns and constraints of tables and views. */

import type { ColumnDefinition, Constraint, Expression } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { dataType } from '../../parser/types.ts'
import { atAttribute, columnAttributes } from './column-attributes.ts'
import type { AttributeRules } from './column-attributes.ts'
import { atIndex, atTableConstraint, constraintComment, tableConstraint } from './constraints.ts'

export interface ColumnRules extends AttributeRules {
  /** May columns have types? Whether they must is known only when the query has been seen. */
  readonly typed: boolean
  /** INDEX i (a), in hybrid tables. */
  readonly indexes?: true
}

export const tableColumns: ColumnRules = { typed: true }
/** Columns of a view only get a policy, a tag or a comment. */
export const viewColumns: ColumnRules = { typed: false, only: ['COMMENT', 'POLICY'] }

export interface ColumnList {
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly Constraint[]
}

/** What is in the parentheses, never nothing; the first is behind the cursor. */
export function columnList(p: Parser, rules: ColumnRules): ColumnList {
  const columns: ColumnDefinition[] = []
  const constraints: Constraint[] = []
  p.list(() => {
    const constrained = rules.typed && (atTableConstraint(p) || (rules.indexes && atIndex(p)))
    if (constrained !== true) columns.push(columnDefinition(p, rules))
    else constraints.push(constraintComment(p, tableConstraint(p)))
  })
  if (columns.length === 0) p.fail('"," and a column')
  p.expect(')')
  return { columns, constraints }
}

export function columnDefinition(p: Parser, rules: ColumnRules): ColumnDefinition {
  const start = p.index
  const name = p.identifier('the name of a column')
  const type = rules.typed && p.type() === 'word' && !atAttribute(p) ? columnType(p) : undefined
  const { value, constraints, properties, attachments } = columnAttributes(p, rules)
  const span = p.span(start)
  return { kind: 'ColumnDefinition', span, name, type, value, constraints, properties, attachments }
}

/** A column that ALTER only names, with what is given to it. */
export function columnChange(
  p: Parser,
  start: number,
  name: ColumnDefinition['name'],
  given: {
    readonly type?: string
    readonly value?: Expression
    readonly properties?: ColumnDefinition['properties']
    readonly attachments?: ColumnDefinition['attachments']
  } = {},
): ColumnDefinition {
  const { type, value, properties = [], attachments = [] } = given
  const span = p.span(start)
  const none: ColumnDefinition['constraints'] = []
  return {
    kind: 'ColumnDefinition',
    span,
    name,
    type,
    value,
    constraints: none,
    properties,
    attachments,
  }
}

/** Iceberg's own names for types, which columns of Iceberg tables may have. */
function columnType(p: Parser): string {
  if (p.at('LONG')) return p.takeText('a data type').value
  if (!p.at('FIXED')) return dataType(p)
  p.expect('FIXED', '(')
  if (p.type() !== 'number') p.fail('a number')
  const { value } = p.takeText('a number')
  p.expect(')')
  return `FIXED(${value})`
}
