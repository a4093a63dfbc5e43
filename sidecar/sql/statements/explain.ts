/** EXPLAIN: https://docs.snowflake.com/en/sql-reference/sql/explain */

import type { Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'
import type { Statement } from './table.ts'

export interface Explain extends Spanned {
  readonly kind: 'Explain'
  readonly format: 'TABULAR' | 'JSON' | 'TEXT'
  /** Is compiled but not run; its facts count as the statement's own all the same. */
  readonly statement: Statement
}

const formats = ['TABULAR', 'JSON', 'TEXT'] as const

function parse(p: Parser): Explain {
  const start = p.index
  p.expect('EXPLAIN')
  const format = p.accept('USING') ? formatOf(p) : 'TABULAR'
  if (p.at('EXPLAIN')) p.fail('a statement to explain')
  const statement = p.rules.link(p)
  return { kind: 'Explain', span: p.span(start), format, statement }
}

function formatOf(p: Parser): Explain['format'] {
  return formats.find((word) => p.accept(word)) ?? p.fail('TABULAR, JSON or TEXT')
}

export const explain = define<Explain>({
  kind: 'Explain',
  starts: ['EXPLAIN'],
  parse,
  children: ['statement'],
  classify: { kind: 'Explain', class: 'Meta' },
})
