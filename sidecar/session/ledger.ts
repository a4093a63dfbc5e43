/**
 * The statements of one session, by the client's requestId and by statement id.
 *
 * A requestId is an idempotency key: Snowflake answers a repeated one with the earlier result,
 * whatever its text says now. So the gateway keeps the outcome itself, runs a statement once, and
 * refuses an id that comes back with another body. Upstream never sees the client's ids.
 */

import { FrostgateError } from '../errors.ts'
import { isObject } from '../json.ts'
import type { Envelope } from '../wire/envelope.ts'
import { everyOutcome, type OutcomeMemory } from './outcome-memory.ts'

export interface LedgerEntry {
  readonly statement: string
  readonly requestId: string
  /** Digest of the request's body, canonical. */
  readonly digest: string
  /** The client does not wait for it: it is answered at once, and asks later. */
  readonly asynchronous?: boolean
  /** Statement id of the request of several that this one is part of. */
  readonly parent?: string
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  endedAt?: number
  /** Digest of the bundle that it was judged by. */
  bundle?: string
  /** Digest of the rules that its outcome was made by; undefined where it tells no value of any data. */
  rules?: string | undefined
  /** Of several statements in one request the one that runs now. */
  child?: LedgerEntry | undefined
  /** Undefined once it is no longer held. */
  outcome: Promise<Envelope> | undefined
  /** What the client was told, in short; the message goes with the outcome. */
  told?: Told
  /** `held`: it waits for a person's approval, and nothing of it is at Snowflake. */
  state: 'running' | 'held' | 'succeeded' | 'failed'
  /** Aborts when the client cancels it, or its session is ended early. */
  readonly abort: AbortController
  /** Bytes of its outcome, about. */
  size?: number
  /** Snowflake's request id while the statement runs there; a cancel needs it. */
  upstreamRequestId: string | undefined
  /** Snowflake's own id of the statement, once it has answered: what QUERY_HISTORY calls it. */
  upstreamQueryId: string | null
}

export interface Told {
  /** Null where it succeeded. */
  readonly code: string | null
  readonly message: string | null
  readonly rows: number
}

export interface StatementRun {
  readonly envelope: Envelope
  /** Bytes the outcome takes in memory, about. */
  readonly size: number
}

/** What a new entry begins with. */
export type NewEntry = Pick<LedgerEntry, 'requestId' | 'digest' | 'statement'> &
  Partial<Pick<LedgerEntry, 'asynchronous' | 'parent'>>

/** Whether it has an outcome. */
export function hasEnded({ state }: LedgerEntry): boolean {
  return state === 'succeeded' || state === 'failed'
}

interface Bounds {
  readonly entries: number
  /** More than the statements of one request: each is fetched after the last has ended. */
  readonly outcomes: number
  readonly bytes: number
}

const bounds: Bounds = { entries: 10_000, outcomes: 256, bytes: 32 * 1024 * 1024 }

export class StatementLedger {
  /** Statements that a request of this session may hold unless it says; 0 for any number. */
  statementsWanted: number
  readonly #now: () => number
  readonly #memory: OutcomeMemory
  readonly #byRequest = new Map<string, LedgerEntry>()
  readonly #byStatement = new Map<string, LedgerEntry>()
  readonly #held = new Map<LedgerEntry, number>()
  #bytes = 0
  #closed = false

  /** `now`: milliseconds since the epoch. */
  constructor(
    statementsWanted = 1,
    now: () => number = Date.now,
    memory: OutcomeMemory = everyOutcome,
  ) {
    this.statementsWanted = statementsWanted
    this.#now = now
    this.#memory = memory
  }

  /**
   * The entry of a new statement, started; or the earlier entry, if this is the same request again.
   * Errors: RequestIdReused.
   */
  begin(
    { requestId, digest, ...given }: NewEntry,
    run: (entry: LedgerEntry) => Promise<StatementRun>,
  ): LedgerEntry {
    const earlier = this.#byRequest.get(requestId)
    if (earlier) {
      if (earlier.digest !== digest) throw FrostgateError.of('RequestIdReused', { requestId })
      return earlier
    }
    const entry: LedgerEntry = {
      ...given, requestId, digest, startedAt: this.#now(), outcome: undefined, state: 'running', upstreamRequestId: undefined, abort: new AbortController(), upstreamQueryId: null,
    } // prettier-ignore
    this.#remember(entry)
    entry.outcome = run(entry).then(({ envelope, size }) => {
      entry.state = envelope.success ? 'succeeded' : 'failed'
      entry.endedAt = this.#now()
      entry.told = toldBy(envelope)
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

  /** Its session is over: nothing is kept, nor is what ends from now on. */
  close(): void {
    this.#closed = true
    this.forgetOutcomes()
  }

  #remember(entry: LedgerEntry): void {
    this.#byRequest.set(entry.requestId, entry)
    this.#byStatement.set(entry.statement, entry)
    if (this.#byRequest.size <= bounds.entries) return
    for (const oldest of this.#byRequest.values()) {
      if (!hasEnded(oldest)) continue
      this.#byRequest.delete(oldest.requestId)
      this.#byStatement.delete(oldest.statement)
      this.#release(oldest)
      return
    }
  }

  #hold(entry: LedgerEntry, size: number): void {
    entry.size = size
    if (this.#closed) return
    this.#held.set(entry, size)
    this.#bytes += size
    this.#memory.keep(entry, size, () => {
      this.#release(entry)
    })
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= bounds.outcomes && this.#bytes <= bounds.bytes) return
      // The newest stays even if it alone is too large: its own retry may be on the way.
      if (oldest !== entry) this.#release(oldest)
    }
  }

  #release(entry: LedgerEntry): void {
    this.#bytes -= this.#held.get(entry) ?? 0
    this.#held.delete(entry)
    this.#memory.drop(entry)
    entry.outcome = undefined
    if (entry.told) entry.told = { ...entry.told, message: null }
  }
}

function toldBy({ success, code, message, data }: Envelope): Told {
  const total = isObject(data) ? data['total'] : undefined
  return success
    ? { code: null, message: null, rows: typeof total === 'number' ? total : 0 }
    : { code, message, rows: 0 }
}
