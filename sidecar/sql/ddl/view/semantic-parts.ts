/** The parts of a semantic view: logical tables, how they join, and what is computed from them. */

import type {
  Attachment,
  Expression,
  Identifier,
  OrderItem,
  Property,
  TableReference,
} from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { orderItems } from '../../parser/window.ts'
import { attachment, attachmentClause } from '../attachments.ts'
import { property, propertyList } from '../properties.ts'
import { columnNames } from '../table/constraints.ts'

export interface SemanticView {
  readonly tables: readonly LogicalTable[]
  readonly relationships: readonly Relationship[]
  readonly facts: readonly SemanticExpression[]
  readonly dimensions: readonly SemanticExpression[]
  readonly metrics: readonly SemanticExpression[]
}

/** `orders AS db.s.orders PRIMARY KEY (id) …`: a table under a name of the view's own. */
export interface LogicalTable {
  readonly alias: Identifier | undefined
  readonly table: TableReference
  readonly keys: readonly Identifier[]
  readonly details: Details
}

/** Synonyms, a comment; tags, a search service. */
interface Details {
  readonly properties: readonly Property[]
  readonly attachments: readonly Attachment[]
}

/** `name AS orders (customer_id) REFERENCES customers (id)`, in logical names. */
export interface Relationship {
  readonly name: Identifier | undefined
  readonly from: Identifier
  readonly columns: readonly Identifier[]
  readonly to: Identifier
  readonly referenced: readonly Identifier[]
}

/** A fact, dimension or metric: `orders.total AS SUM(orders.amount)`. */
export interface SemanticExpression {
  readonly name: readonly Identifier[]
  /** Relationships that a metric takes. */
  readonly using: readonly Identifier[]
  readonly nonAdditiveBy: readonly OrderItem[]
  /** Of a fact or dimension: it may stand as a condition. */
  readonly filter: boolean
  readonly expression: Expression
  readonly details: Details
}

export function logicalTable(p: Parser): LogicalTable {
  const alias = p.at('AS', 1) ? p.identifier('the name of a logical table') : undefined
  if (alias !== undefined) p.expect('AS')
  const start = p.index
  const name = p.objectName('the name of a table')
  const none = { alias: undefined, columnAliases: [], sample: [], timeTravel: [] }
  const table = { kind: 'TableReference', span: p.span(start), name, ...none } as const
  const keys: Identifier[] = []
  if (p.accept('PRIMARY', 'KEY')) keys.push(...columnNames(p))
  while (p.accept('UNIQUE')) keys.push(...columnNames(p))
  return { alias, table, keys, details: details(p) }
}

export function relationship(p: Parser): Relationship {
  const name = p.at('AS', 1) ? p.identifier('the name of a relationship') : undefined
  if (name !== undefined) p.expect('AS')
  const from = p.identifier('the name of a logical table')
  const columns = columnNames(p)
  p.expect('REFERENCES')
  const to = p.identifier('the name of a logical table')
  return { name, from, columns, to, referenced: p.at('(') ? referencedColumns(p) : [] }
}

/** `(a, ASOF b)`, or the two ends of a range. */
function referencedColumns(p: Parser): readonly Identifier[] {
  p.expect('(')
  if (p.accept('BETWEEN')) {
    const first = p.identifier('a column')
    p.expect('AND')
    const last = p.identifier('a column')
    p.expect('EXCLUSIVE', ')')
    return [first, last]
  }
  const found = p.list(() => {
    if (p.atIdentifier(1)) p.accept('ASOF')
    return p.identifier('a column')
  })
  p.expect(')')
  return found
}

/** Of each row. A condition may be a filter: https://docs.snowflake.com/en/user-guide/views-semantic/filters */
export function factOrDimension(p: Parser): SemanticExpression {
  return semanticExpression(p, true)
}

export function metric(p: Parser): SemanticExpression {
  return semanticExpression(p, false)
}

function semanticExpression(p: Parser, ofRows: boolean): SemanticExpression {
  if (p.atIdentifier(1) && !p.accept('PRIVATE')) p.accept('PUBLIC')
  const name = [p.identifier('a name')]
  if (p.accept('.')) name.push(p.identifier('a name after "."'))
  const using = p.accept('USING') ? columnNames(p) : []
  const nonAdditive = p.accept('NON', 'ADDITIVE', 'BY', '(')
  const nonAdditiveBy = nonAdditive ? orderItems(p) : []
  if (nonAdditive) p.expect(')')
  const filter = ofRows && p.accept('LABELS', '=', '(', 'FILTER', ')')
  p.expect('AS')
  const expression = p.rules.expression(p)
  return { name, using, nonAdditiveBy, filter, expression, details: details(p) }
}

function details(p: Parser): Details {
  const properties: Property[] = []
  const attachments: Attachment[] = []
  for (;;) {
    const start = p.index
    if (p.accept('WITH', 'SYNONYMS')) {
      p.accept('=')
      if (!p.at('(')) p.fail('"("')
      const value = propertyList(p)
      properties.push({ kind: 'Property', span: p.span(start), name: 'SYNONYMS', value })
    } else if (p.accept('WITH', 'CORTEX', 'SEARCH', 'SERVICE')) {
      attachments.push(searchService(p, start))
    } else if (p.at('COMMENT')) {
      const comment = property(p)
      if (comment !== undefined) properties.push(comment)
    } else {
      const attached = attachmentClause(p, [])
      if (attached === undefined) return { properties, attachments }
      attachments.push(...attached)
    }
  }
}

function searchService(p: Parser, start: number): Attachment {
  const name = targetName(p, 'the name of a search service')
  const column = p.accept('USING') ? [p.rules.operand(p)] : []
  return attachment(p, start, 'CORTEX SEARCH SERVICE', name, { arguments: column })
}
