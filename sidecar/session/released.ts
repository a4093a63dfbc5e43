/**
 * The statements of one session whose results it was given, in order: what LAST_QUERY_ID and
 * RESULT_SCAN are answered from. Clients know statements by the gateway's ids only.
 */

import type { Traced } from '../masking/lineage/types.ts'

export interface ReleasedResult {
  /** The gateway's id. */
  readonly statement: string
  /** Snowflake's id. */
  readonly upstreamQueryId: string
  /** As facts name it: `Select`, `ShowTables`, … */
  readonly kind: string
  readonly columns: readonly ReleasedColumn[]
  /** Digest of the bundle under which it was masked. */
  readonly bundle: string
}

export interface ReleasedColumn {
  readonly name: string
  /** The protected columns whose masks are in it. */
  readonly value: Traced
}

/** All that judging a statement needs of it. */
export interface ReleasedLookup {
  byStatement(statement: string): ReleasedResult | undefined
  /** As LAST_QUERY_ID counts: -1 is the last, 1 the first. */
  byPosition(position: number): ReleasedResult | undefined
  /** Why a statement that is known has no result to read: part of a sentence. */
  obstacle?(statement: string): string | undefined
}

/** What other sessions of the same identity know. */
export type Elsewhere = Pick<Required<ReleasedLookup>, 'byStatement' | 'obstacle'>

/** Statements, and columns of all of them together, that are kept. */
interface Bounds {
  readonly results: number
  readonly columns: number
}

export class ReleasedResults implements ReleasedLookup {
  readonly #bounds: Bounds
  readonly #kept: ReleasedResult[] = []
  readonly #withdrawn = new Set<ReleasedResult>()
  #columns = 0
  #forgotten = 0
  #elsewhere: Elsewhere | undefined

  constructor(bounds: Bounds = { results: 1_000, columns: 50_000 }) {
    this.#bounds = bounds
  }

  /** Of too many the oldest go. */
  add(result: ReleasedResult): void {
    this.#kept.push(result)
    this.#columns += result.columns.length
    while (this.#kept.length > this.#bounds.results || this.#columns > this.#bounds.columns) {
      const oldest = this.#kept.shift()
      if (oldest === undefined) return
      this.#withdrawn.delete(oldest)
      this.#columns -= oldest.columns.length
      this.#forgotten += 1
    }
  }

  /** Of a result whose later part was not what it had to be: nothing reads it again. */
  withdraw(statement: string): void {
    for (const result of this.#kept) if (result.statement === statement) this.#withdrawn.add(result)
  }

  /** Where to look for what this session was not given itself. */
  lookElsewhere(elsewhere: Elsewhere): void {
    this.#elsewhere = elsewhere
  }

  byStatement(statement: string): ReleasedResult | undefined {
    return this.ownStatement(statement) ?? this.#elsewhere?.byStatement(statement)
  }

  /** Of this session alone. */
  ownStatement(statement: string): ReleasedResult | undefined {
    return this.#standing(this.#kept.findLast((result) => result.statement === statement))
  }

  obstacle(statement: string): string | undefined {
    return this.#elsewhere?.obstacle(statement)
  }

  /** One that was withdrawn keeps its place. */
  byPosition(position: number): ReleasedResult | undefined {
    return this.#standing(
      position < 0
        ? this.#kept.at(position)
        : position > this.#forgotten
          ? this.#kept[position - 1 - this.#forgotten]
          : undefined,
    )
  }

  #standing(result: ReleasedResult | undefined): ReleasedResult | undefined {
    return result !== undefined && this.#withdrawn.has(result) ? undefined : result
  }
}
