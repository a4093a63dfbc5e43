/** What the front end makes of one text of a corpus. */

import { FrostgateError } from '../../sidecar/errors.ts'
import { factsOf, parseStatements } from '../../sidecar/sql/index.ts'
import type { Parsed, StatementFacts } from '../../sidecar/sql/index.ts'
import { corpusClass } from './leading-words.ts'
import type { CorpusClass } from './leading-words.ts'

/** `crashed`: it threw something that is no refusal, which it never should. */
export const outcomes = ['structured', 'opaque', 'refused', 'crashed'] as const

export type Outcome = (typeof outcomes)[number]

export interface Reading {
  readonly class: CorpusClass
  readonly outcome: Outcome
  /** Empty when refused. */
  readonly statements: readonly Parsed[]
  readonly error: Error | undefined
}

/** Texts to statements, as `parseStatements` does; the checks are tested with worse readers. */
export type Reader = (text: string) => readonly Parsed[]

export const frontEnd: Reader = parseStatements

/** A text is structured if each of its statements is, and each statement inside them. */
export function readText(sql: string): Reading {
  const name = corpusClass(sql)
  try {
    const statements = frontEnd(sql)
    const structured = statements.every(({ statement }) => isStructured(factsOf(statement)))
    const outcome = structured ? 'structured' : 'opaque'
    return { class: name, outcome, statements, error: undefined }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const outcome = error instanceof FrostgateError ? 'refused' : 'crashed'
    return { class: name, outcome, statements: [], error }
  }
}

/** So is a block or an EXPLAIN only if what is inside is. */
export function isStructured({
  structured,
  parts,
}: Pick<StatementFacts, 'structured' | 'parts'>): boolean {
  return structured && parts.every((part) => part.structured)
}
