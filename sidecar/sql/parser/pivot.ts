/** https://docs.snowflake.com/en/sql-reference/constructs/pivot and …/unpivot */

import type { ColumnReference, Identifier, Pivot, SelectItem, Unpivot } from '../ast.ts'
import { optionalAlias } from './aliases.ts'
import { atQuery } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { relationAlias } from './relation-clauses.ts'
import { valueItem } from './select-item.ts'
import { orderItems } from './window.ts'

export function pivot(p: Parser): Pivot {
  const start = p.index
  p.expect('PIVOT', '(')
  const aggregates = p.list(() => aggregate(p))
  p.expect('FOR')
  const column = columnName(p)
  const { values, orderBy } = pivotValues(p)
  const filled = p.accept('DEFAULT', 'ON', 'NULL', '(')
  const defaultOnNull = filled ? p.rules.expression(p) : undefined
  if (filled) p.expect(')')
  p.expect(')')
  const tail = relationAlias(p)
  const span = p.span(start)
  return { kind: 'Pivot', span, aggregates, column, values, orderBy, defaultOnNull, ...tail }
}

function aggregate(p: Parser): SelectItem {
  const start = p.index
  const expression = p.rules.operand(p)
  if (expression.kind !== 'FunctionCall') p.fail('an aggregate function')
  // FOR is a reserved word, so it is never taken for the alias.
  const alias = optionalAlias(p)
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}

function columnName(p: Parser): ColumnReference {
  const { span, parts } = p.objectName('a column')
  return { kind: 'ColumnReference', span, parts }
}

function pivotValues(p: Parser): Pick<Pivot, 'values' | 'orderBy'> {
  p.expect('IN', '(')
  const any = p.accept('ANY')
  const orderBy = any && p.accept('ORDER', 'BY') ? orderItems(p) : []
  const listed = () => (atQuery(p) ? p.rules.query(p) : p.list(() => valueItem(p)))
  const values = any ? [] : listed()
  p.expect(')')
  return { values, orderBy }
}

export function unpivot(p: Parser): Unpivot {
  const start = p.index
  p.expect('UNPIVOT')
  if (p.accept('INCLUDE') || p.accept('EXCLUDE')) p.expect('NULLS')
  p.expect('(')
  const value = p.identifier('the name of the value column')
  p.expect('FOR')
  const name = p.identifier('the name of the column of names')
  p.expect('IN', '(')
  const columns = p.list(() => unpivotColumn(p))
  p.expect(')', ')')
  const tail = relationAlias(p)
  return { kind: 'Unpivot', span: p.span(start), value, name, columns, ...tail }
}

function unpivotColumn(p: Parser): SelectItem {
  const start = p.index
  const expression = columnName(p)
  const alias = p.type() === 'string' || p.type(1) === 'string' ? textAlias(p) : optionalAlias(p)
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}

/** `AS 'MARCH'`: what the column of names says in this column's rows. */
function textAlias(p: Parser): Identifier {
  p.accept('AS')
  if (p.type() !== 'string') p.fail('an alias')
  const start = p.index
  const { value } = p.take('an alias')
  return { kind: 'Identifier', span: p.span(start), value, quoted: true }
}
