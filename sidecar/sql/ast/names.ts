/**
 * The syntax tree: readonly data, one `kind` literal per node, spans in token indexes.
 *
 * A span is half-open, `[start, end)`, and counts tokens without comments, so that a node can be
 * cut out of, or replaced in, the token stream without looking at text. No node is printed: what
 * runs upstream is always the token stream (see `emit.ts`).
 */

import type { Expression } from './expression.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Spanned {
  readonly span: Span
}

/** `value` is the name as Snowflake stores it: unquoted is folded to upper case, quoted is exact. */
export interface Identifier extends Spanned {
  readonly kind: 'Identifier'
  readonly value: string
  readonly quoted: boolean
}

/**
 * One to three parts for relations and functions: `[[database.]schema.]name`. Of a name spelled by
 * a literal, `IDENTIFIER('a.b')`, the first part has the literal's span and the others none.
 */
export interface ObjectName extends Spanned {
  readonly kind: 'ObjectName'
  readonly parts: readonly Identifier[]
}

/** A name that the text does not give: `IDENTIFIER($v)`, `IDENTIFIER(:1)`, `IDENTIFIER('a' || 'b')`. */
export interface DynamicName extends Spanned {
  readonly kind: 'DynamicName'
  readonly argument: Expression
}

/** What a statement names as its object. */
export type TargetName = ObjectName | DynamicName

/** `@db.s.stage/path`, `@~/path`, `@%table`: one token, `text` as written. */
export interface Stage extends Spanned {
  readonly kind: 'Stage'
  readonly text: string
}
