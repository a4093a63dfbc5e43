/** https://docs.snowflake.com/en/sql-reference/sql/create-cortex-search */

import type { Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { columnUse } from '../attachments.ts'
import { label } from '../label.ts'
import { propertyList, propertyValue } from '../properties.ts'
import type { CreateTail } from '../tails.ts'

/** Columns that the service searches or filters by; each may have options. */
export function searchColumns(name: string): (p: Parser) => CreateTail {
  return (p) => {
    if (name === 'PRIMARY KEY') p.expect('(')
    const properties: Property[] = []
    const expressions = p.list(() => {
      const column = columnUse(p)
      if (p.at('(')) {
        const value = propertyList(p)
        const { span } = value
        properties.push({ kind: 'Property', span, name: `${name} ${properties.length}`, value })
      }
      return column
    })
    if (name === 'PRIMARY KEY') p.expect(')')
    return { expressions, properties }
  }
}

/** Its rows are stored, and read again and again. */
export function cortexQuery(p: Parser): CreateTail {
  return { query: p.rules.query(p) }
}

/** `[IF NOT EXISTS] name '{ … }'` */
export function scoringProfile(p: Parser): ActionParts {
  p.accept('IF', 'NOT', 'EXISTS')
  const names = [label(p)]
  const start = p.index
  if (p.type() !== 'string') p.fail('a scoring profile in quotes')
  const value = propertyValue(p)
  return {
    names,
    properties: [{ kind: 'Property', span: p.span(start), name: 'SCORING PROFILE', value }],
  }
}
