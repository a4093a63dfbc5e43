/**
 * The statements of one session, by the client's requestId and by statement id.
 *
 * A requestId is an idempotency key: Snowflake answers a repeated one with the earlier result,
 * whatever its text says now. So the gateway keeps the outcome itself, runs a statement once, and
 * refuses an id that comes back with another body. Upstream never sees the client's ids.
 */

import { FrostgateError } from '../errors.ts'
import type { Envelope } from '../wire/envelope.ts'

export interface LedgerEntry {
  readonly statement: string
  readonly requestId: string
  /** Digest of the request's body, canonical. */
  readonly digest: string
  /** Undefined once it is no longer held. */
  outcome: Promise<Envelope> | undefined
  /** `held`: it waits for a person's approval, and nothing of it is at Snowflake. */
  state: 'running' | 'held' | 'succeeded' | 'failed'
  /** Aborts when the client cancels it, or its session is ended early. */
  readonly abort: AbortController
  /** Snowflake's request id while the statement runs there; a cancel needs it. */
  upstreamRequestId: string | undefined
  /** Snowflake's own id of the statement, once it has answered: what QUERY_HISTORY calls it. */
  upstreamQueryId: string | null
}

export interface StatementRun {
  readonly envelope: Envelope
  /** Bytes the outcome takes in memory, about. */
  readonly size: number
}

/** Whether it has an outcome. */
export function hasEnded({ state }: LedgerEntry): boolean {
  return state === 'succeeded' || state === 'failed'
}

const entriesKept = 10_000
const outcomesKept = 64
const bytesKept = 32 * 1024 * 1024

export class StatementLedger {
  readonly #byRequest = new Map<string, LedgerEntry>()
  readonly #byStatement = new Map<string, LedgerEntry>()
  readonly #held = new Map<LedgerEntry, number>()
  #bytes = 0

  /**
   * The entry of a new statement, started; or the earlier entry, if this is the same request again.
   * Errors: RequestIdReused.
   */
  begin(
    requestId: string,
    digest: string,
    statement: string,
    run: (entry: LedgerEntry) => Promise<StatementRun>,
  ): LedgerEntry {
    const earlier = this.#byRequest.get(requestId)
    if (earlier) {
      if (earlier.digest !== digest) throw FrostgateError.of('RequestIdReused', { requestId })
      return earlier
    }
    const entry: LedgerEntry = {
      statement, requestId, digest, outcome: undefined, state: 'running', upstreamRequestId: undefined, abort: new AbortController(), upstreamQueryId: null,
    } // prettier-ignore
    this.#remember(entry)
    entry.outcome = run(entry).then(({ envelope, size }) => {
      entry.state = envelope.success ? 'succeeded' : 'failed'
      this.#hold(entry, size)
      return envelope
    })
    return entry
  }

  byRequest(requestId: string): LedgerEntry | undefined {
    return this.#byRequest.get(requestId)
  }

  byStatement(statement: string): LedgerEntry | undefined {
    return this.#byStatement.get(statement)
  }

  running(): readonly LedgerEntry[] {
    return [...this.#byStatement.values()].filter((entry) => !hasEnded(entry))
  }

  /** Lets go of every outcome that is held: nobody gets it again. Those that run are not held yet. */
  forgetOutcomes(): void {
    for (const entry of [...this.#held.keys()]) this.#release(entry)
  }

  #remember(entry: LedgerEntry): void {
    this.#byRequest.set(entry.requestId, entry)
    this.#byStatement.set(entry.statement, entry)
    if (this.#byRequest.size <= entriesKept) return
    for (const oldest of this.#byRequest.values()) {
      if (!hasEnded(oldest)) continue
      this.#byRequest.delete(oldest.requestId)
      this.#byStatement.delete(oldest.statement)
      this.#release(oldest)
      return
    }
  }

  #hold(entry: LedgerEntry, size: number): void {
    this.#held.set(entry, size)
    this.#bytes += size
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= outcomesKept && this.#bytes <= bytesKept) return
      // The newest stays even if it alone is too large: its own retry may be on the way.
      if (oldest !== entry) this.#release(oldest)
    }
  }

  #release(entry: LedgerEntry): void {
    this.#bytes -= this.#held.get(entry) ?? 0
    this.#held.delete(entry)
    entry.outcome = undefined
  }
}
