/** One statement, by its first words. */

import type { StatementKind } from '../statements/definition.ts'
import { statementKinds } from '../statements/table.ts'
import type { Statement } from '../statements/table.ts'
import type { Parser } from './parser.ts'

interface Start {
  readonly words: readonly string[]
  readonly kind: StatementKind<Statement>
}

/** By first word, those of more words first, then in the order of the table. */
const starts: ReadonlyMap<string, readonly Start[]> = startsByWord()

function startsByWord(): Map<string, Start[]> {
  const found = new Map<string, Start[]>()
  for (const kind of statementKinds) {
    for (const phrase of kind.starts) {
      const words = phrase.split(' ')
      const [first = ''] = words
      found.set(first, [...(found.get(first) ?? []), { words, kind }])
    }
  }
  for (const list of found.values()) list.sort((a, b) => b.words.length - a.words.length)
  return found
}

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
