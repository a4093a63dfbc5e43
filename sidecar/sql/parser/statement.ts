/** One statement, by its first words. */

import type { StatementKind } from '../statements/definition.ts'
import { statementKinds } from '../statements/table.ts'
import type { Statement } from '../statements/table.ts'
import type { Parser } from './parser.ts'
import { byFirstWord } from './phrases.ts'

/** Of as many words in the order of the table. */
const starts = byFirstWord(
  statementKinds.flatMap((kind: StatementKind<Statement>) =>
    kind.starts.map((phrase) => ({ words: phrase.split(' '), kind })),
  ),
)

/** `stmt ->> stmt ->> …`, or one statement alone. */
export function statement(p: Parser): Statement {
  const start = p.index
  const outer = p.links
  p.links = 0
  const first = link(p)
  if (!p.at('->>')) {
    p.links = outer
    return first
  }
  const links = [first]
  while (p.accept('->>')) {
    p.links = links.length
    links.push(link(p))
  }
  p.links = outer
  return { kind: 'Flow', span: p.span(start), links }
}

/** One statement; `->>` ends it. */
export function link(p: Parser): Statement {
  const first = p.peek()
  const possible = first?.type === 'word' || first?.type === 'symbol' ? first.value : ''
  for (const { words, kind } of starts.get(possible) ?? []) {
    if (p.ahead(...words) && kind.when?.(p) !== false) return kind.parse(p)
  }
  return p.fail('a statement')
}
