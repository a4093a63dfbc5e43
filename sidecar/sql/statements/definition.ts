/**
 * What a kind of statement is to the rest of the room: one object per kind, in the file that also
 * holds its node and its grammar, and one row for it in `table.ts`. Nothing else knows kinds.
 */

import type { Spanned } from '../ast.ts'
import type { StatementClass } from '../facts-types.ts'
import type { FactCollector } from '../facts/collector.ts'
import type { Parser } from '../parser/parser.ts'

export interface StatementNode extends Spanned {
  readonly kind: string
}

/** How policy rules name a statement. */
export interface Classification {
  /** `Select`, `DropTable`, `GrantPrivileges`, … */
  readonly kind: string
  readonly class: StatementClass
}

export interface StatementDefinition<S extends StatementNode> {
  readonly kind: S['kind']
  /** The words that begin it, each of one or more words; of several that fit, the longest wins. */
  readonly starts: readonly string[]
  /** Tells statements apart that begin with the same words; the first row that says yes wins. */
  readonly when?: (p: Parser) => boolean
  /** Reads it to its last token, the cursor being at its first. */
  readonly parse: (p: Parser) => S
  /** Which keys hold nodes, directly, in lists, or in plain records; in text order where fixed. */
  readonly children: readonly (keyof S & string)[]
  readonly classify: Classification | ((statement: S) => Classification)
  /** What it adds to the facts beyond what its child nodes add of themselves. */
  readonly record?: (statement: S, facts: FactCollector) => void
}

/** A definition as the room uses it: looked up by `kind`, so it takes any node. */
export interface StatementKind<S extends StatementNode = StatementNode> {
  readonly kind: S['kind']
  readonly starts: readonly string[]
  readonly when: ((p: Parser) => boolean) | undefined
  readonly parse: (p: Parser) => S
  readonly children: readonly string[]
  readonly classify: (statement: StatementNode) => Classification
  readonly record: ((statement: StatementNode, facts: FactCollector) => void) | undefined
}

export function define<S extends StatementNode>(
  definition: StatementDefinition<S>,
): StatementKind<S> {
  const { kind, starts, when, parse, children, classify, record } = definition
  // A node is only ever given to the definition of its own kind.
  type Any = (statement: StatementNode) => Classification
  const classes = typeof classify === 'function' ? (classify as Any) : () => classify
  return {
    kind,
    starts,
    when,
    parse,
    children,
    classify: classes,
    record: record as StatementKind['record'],
  }
}

/** `DROP TABLE` → `DropTable`. Asked for each statement, of the few words that the tables know. */
export function pascal(words: string): string {
  let known = pascalWords.get(words)
  if (known === undefined) {
    known = words
      .trim()
      .split(/[\s_]+/)
      .map(capitalised)
      .join('')
    pascalWords.set(words, known)
  }
  return known
}

const pascalWords = new Map<string, string>()

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
}
