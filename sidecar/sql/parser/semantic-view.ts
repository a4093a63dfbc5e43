/** https://docs.snowflake.com/en/sql-reference/constructs/semantic_view */

import type { Expression, SelectItem, SemanticView } from '../ast.ts'
import type { Parser } from './parser.ts'
import { relationTail } from './relation-clauses.ts'
import { outputAlias } from './aliases.ts'
import { atStar, star } from './star.ts'

export function atSemanticView(p: Parser): boolean {
  return p.ahead('SEMANTIC_VIEW', '(')
}

const lists = ['METRICS', 'DIMENSIONS', 'FACTS'] as const
const listStarts: ReadonlySet<string> = new Set(lists)

export function semanticView(p: Parser): SemanticView {
  const start = p.index
  p.expect('SEMANTIC_VIEW', '(')
  const name = p.objectName('a semantic view')
  const { span } = name
  const none = { alias: undefined, columnAliases: [], timeTravel: [], sample: [] } as const
  const view = { kind: 'TableReference', span, name, ...none } as const
  const items: SelectItem[] = []
  while (lists.some((word) => p.accept(word))) items.push(...p.list(() => item(p)))
  if (items.length === 0) p.fail('METRICS, DIMENSIONS or FACTS')
  const where: Expression | undefined = p.accept('WHERE') ? p.rules.expression(p) : undefined
  p.expect(')')
  const tail = relationTail(p)
  return { kind: 'SemanticView', span: p.span(start), view, items, where, ...tail }
}

/** `t.a AS b`; a word that begins the next list is no alias. */
function item(p: Parser): SelectItem {
  const start = p.index
  const expression = atStar(p) ? star(p) : p.rules.expression(p)
  const named = expression.kind !== 'Star' && !p.atAny(listStarts)
  const alias = named ? outputAlias(p) : undefined
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}
