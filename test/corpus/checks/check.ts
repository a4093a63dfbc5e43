/** What a mechanical check is: a text that was read, read again after a change that it must mind. */

import { FrostgateError } from '../../../sidecar/errors.ts'
import { factsOf } from '../../../sidecar/sql/index.ts'
import type { Parsed, Span, StatementFacts, Token } from '../../../sidecar/sql/index.ts'
import type { Reader } from '../reading.ts'

/** A text that `read` took, and what it made of it. */
export interface Accepted {
  readonly text: string
  /** At least one. */
  readonly statements: readonly Parsed[]
  /** Of all statements, in text order. */
  readonly tokens: readonly Token[]
  readonly facts: readonly StatementFacts[]
  readonly read: Reader
}

/** One change of the text, and what was wrong with what became of it; else undefined. */
export interface Trial {
  readonly changed: string
  readonly complaint: string | undefined
}

export type Check = (accepted: Accepted) => readonly Trial[]

export function accept(text: string, statements: readonly Parsed[], read: Reader): Accepted {
  return {
    text,
    statements,
    tokens: statements.flatMap(({ tokens }) => tokens),
    facts: statements.map(({ statement }) => factsOf(statement)),
    read,
  }
}

/** Undefined where the text is refused; anything thrown that is no refusal goes on up. */
export function reread(text: string, read: Reader): readonly Parsed[] | undefined {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof FrostgateError) return undefined
    throw error
  }
}

/** Spans are counted in tokens, so that neither comments nor letter case move them. */
export function sameFacts(a: readonly StatementFacts[], b: readonly Parsed[]): boolean {
  return (
    a.length === b.length && a.every((facts, index) => print(facts) === print(factsAt(b, index)))
  )
}

function factsAt(statements: readonly Parsed[], index: number): StatementFacts | undefined {
  const parsed = statements[index]
  return parsed === undefined ? undefined : factsOf(parsed.statement)
}

/** Facts point into the tree: of a block or a whole reference its kind and place are enough. */
function print(facts: StatementFacts | undefined): string {
  return JSON.stringify(facts, (key, value: unknown) =>
    (key === 'scope' || key === 'reference') && isNode(value) ? [value.kind, value.span] : value,
  )
}

function isNode(value: unknown): value is { readonly kind: string; readonly span: Span } {
  return typeof value === 'object' && value !== null && 'kind' in value && 'span' in value
}

/** The text up to its last token: behind it there may be a `;`, or a comment that swallows. */
export function upToLastToken({ text, tokens }: Accepted): string {
  return text.slice(0, tokens.at(-1)?.end ?? text.length)
}
