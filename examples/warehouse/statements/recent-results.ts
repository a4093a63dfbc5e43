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
  readonly #results: RecentResult[] = []
  readonly #tables = new Map<string, RecentResult>()
  #forgotten = 0

  add(id: string, { columns, rows }: Outcome): void {
    this.#results.push({ id, columns, rows })
    if (this.#results.length <= kept) return
    this.#results.shift()
    this.#forgotten += 1
  }

  find(id: string): RecentResult | undefined {
    return this.#results.find((result) => result.id === id)
  }

  /** As LAST_QUERY_ID counts: -1 is the last, 1 the first. */
  at(position: number): RecentResult | undefined {
    if (position < 0) return this.#results.at(position)
    return this.#results[position - 1 - this.#forgotten]
  }

  /** What a temporary table of DuckDB's holds, by its name; undefined if there is none yet. */
  table(name: string): RecentResult | undefined {
    return this.#tables.get(name)
  }

  addTable(name: string, result: RecentResult): void {
    this.#tables.set(name, result)
  }
}
