/** Who waits for the answer to one question: each until its own time is over, or it is called off. */

import type { Clock } from '../control/clock.ts'
import type { ApprovalVerdict, Ready } from './approvals.ts'

export interface AskingsOptions {
  readonly clock: Pick<Clock, 'sleep'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds that one waits at most, whatever its time. */
  readonly patienceMs?: number
  /** What one is told whose time is over. */
  readonly timeOver: () => ApprovalVerdict
  /** Nobody waits any more. */
  readonly onLeft: () => void
}

/** Before its time is over, as an answer that is on its way would come too late. */
const marginMs = 250
/** The longest that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1

interface Waiting {
  readonly ready: Ready | undefined
  readonly ended: Promise<unknown>
}

type End = (verdict: ApprovalVerdict) => void

export class Askings {
  readonly #options: AskingsOptions
  /** In the order in which they asked. */
  readonly #ends = new Map<End, Waiting>()
  /** The last one who left did so before its time. */
  calledOff = false

  constructor(options: AskingsOptions) {
    this.#options = options
  }

  none(): boolean {
    return this.#ends.size === 0
  }

  /** `expiresAt`: milliseconds since the epoch. */
  async add(expiresAt: number, signal: AbortSignal, ready?: Ready): Promise<ApprovalVerdict> {
    if (signal.aborted) return { verdict: 'withdrawn' }
    const { clock, now, patienceMs = longestMs, timeOver } = this.#options
    const answered = Promise.withResolvers<ApprovalVerdict>()
    const end: End = (verdict) => {
      this.calledOff = verdict.verdict === 'withdrawn' && now() < expiresAt - marginMs
      this.#ends.delete(end)
      answered.resolve(verdict)
      if (this.none()) this.#options.onLeft()
    }
    const callOff = (): void => {
      end({ verdict: 'withdrawn' })
    }
    this.#ends.set(end, { ready, ended: answered.promise })
    signal.addEventListener('abort', callOff, { once: true })
    const ended = new AbortController()
    const waitMs = Math.max(0, Math.min(expiresAt - now() - marginMs, patienceMs))
    void clock.sleep(waitMs, ended.signal).then(() => {
      if (!ended.signal.aborted) end(timeOver())
    })
    try {
      return await answered.promise
    } finally {
      ended.abort()
      signal.removeEventListener('abort', callOff)
    }
  }

  /** Whether the one who waits longest still does once it has looked at its statement again. */
  async firstIsReady(): Promise<boolean> {
    const [first] = this.#ends
    if (first === undefined) return false
    const [end, { ready, ended }] = first
    // Who leaves meanwhile holds nobody up.
    if (ready !== undefined) await Promise.race([ready(), ended])
    return this.#ends.has(end)
  }

  /** The one who waits longest, if anybody does. */
  endFirst(verdict: ApprovalVerdict): void {
    for (const end of this.#ends.keys()) {
      end(verdict)
      return
    }
  }

  endAll(verdict: ApprovalVerdict): void {
    for (const end of [...this.#ends.keys()]) end(verdict)
  }
}
