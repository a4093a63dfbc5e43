/** What is refused or opaque, for a person to look at. */

import { FrostgateError } from '../../sidecar/errors.ts'
import { factsOf } from '../../sidecar/sql/index.ts'
import type { CorpusStatement } from './corpora.ts'
import type { CorpusClass } from './leading-words.ts'
import type { Outcome, Reading } from './reading.ts'

export interface Refusal {
  readonly source: string
  readonly class: CorpusClass
  readonly outcome: Outcome
  /** Of a refusal the name in the catalogue of errors, of an opaque statement its kind. */
  readonly code: string
  readonly message: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly firstLine: string
}

export function refusalOf(entry: CorpusStatement, reading: Reading): Refusal {
  const { class: name, outcome, error, statements } = reading
  const refused = error instanceof FrostgateError ? error : undefined
  const kinds = statements.map(({ statement }) => factsOf(statement))
  return {
    source: entry.source,
    class: name,
    outcome,
    code: refused?.entry ?? error?.name ?? kinds.find(({ structured }) => !structured)?.kind ?? '',
    message: error?.message ?? '',
    line: refused?.line,
    column: refused?.column,
    firstLine: entry.sql.trim().split('\n', 1)[0]?.slice(0, 120) ?? '',
  }
}

export function refusalLine(refusal: Refusal): string {
  const { source, outcome, code, line, column, firstLine, message } = refusal
  const place = line === undefined ? '' : ` ${line}:${column ?? 1}`
  // The advice behind the first sentence is the same for each.
  const why = message.split(/\.\s/, 1)[0]?.slice(0, 160) ?? ''
  return `${outcome} ${source}: ${code}${place}: ${firstLine}${why === '' ? '' : `\n    ${why}`}`
}
