import type { OutputColumn } from '../engine/output.ts'
import type { Outcome, Row } from './outcome.ts'

/** An earlier result of a session, as RESULT_SCAN reads it. */
export interface RecentResult {
  readonly id: string
  readonly columns: readonly OutputColumn[]
  readonly rows: readonly Row[]
}

const kept = 50

/** The last results of one session. Those that were scanned are temporary tables by then. */
export class RecentResults {
  readonly #kept: { readonly list: RecentResult[]; forgotten: number }
  readonly #tables = new Map<string, RecentResult>()

  private constructor(results: { readonly list: RecentResult[]; forgotten: number }) {
    this.#kept = results
  }

  static empty(): RecentResults {
    return new RecentResults({ list: [], forgotten: 0 })
  }

  /** The same results for another connection, which has none of them as a table yet. */
  elsewhere(): RecentResults {
    return new RecentResults(this.#kept)
  }

  add(id: string, { columns, rows }: Outcome): void {
    this.#kept.list.push({ id, columns, rows })
    if (this.#kept.list.length <= kept) return
    this.#kept.list.shift()
    this.#kept.forgotten += 1
  }

  find(id: string): RecentResult | undefined {
    return this.#kept.list.find((result) => result.id === id)
  }

  /** As LAST_QUERY_ID counts: -1 is the last, 1 the first. */
  at(position: number): RecentResult | undefined {
    if (position < 0) return this.#kept.list.at(position)
    return this.#kept.list[position - 1 - this.#kept.forgotten]
  }

  /** What a temporary table of DuckDB's holds, by its name; undefined if there is none yet. */
  table(name: string): RecentResult | undefined {
    return this.#tables.get(name)
  }

  addTable(name: string, result: RecentResult): void {
    this.#tables.set(name, result)
  }
}
