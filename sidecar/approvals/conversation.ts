/**
 * One question to the operator, from the first who asks until nobody waits any more. One call at a
 * time: what the operator says next is about what it was last asked.
 *
 * A statement runs by the id of a use and by nothing else. Where the answer to `use` gets lost, the
 * use may have been counted: it is then asked for another, and if there is none, nothing runs. So an
 * approval may be lost that way, and never runs a statement more often than it says.
 */

import { pause, type BackOff } from '../control/back-off.ts'
import type { Clock } from '../control/clock.ts'
import type { ApprovalStanding, ApprovalUse } from '../control/protocol.ts'
import type { ApprovalQuestion, ApprovalVerdict, Ready } from './approvals.ts'
import { Askings } from './askings.ts'
import { mayHaveArrived, passes, reasonOf, type ApprovalCalls } from './broker-calls.ts'
import { hasEnded, unavailable, verdictOf } from './standing-verdict.ts'

export interface ConversationOptions {
  readonly calls: ApprovalCalls
  readonly clock: Pick<Clock, 'random' | 'sleep'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Undefined: the operator answers. Else why not. */
  readonly onState: (reason: string | undefined) => void
  /** Nobody waits, and nothing is left to say. */
  readonly onEnded: () => void
}

const backOff: BackOff = { first: 250, next: 1_000, most: 15_000 }
/** A notice may get lost: its request is asked for again, less and less often. */
const askAgainMs = { first: 60_000, most: 300_000 }
/** A client of `Retry` waits inside its call only for the operator, never for people. */
const retryPatienceMs = 15_000
const withdrawals = 3
/** Requests of which a notice is kept: none of them may be the one asked for. */
const newsKept = 8

export class Conversation {
  readonly #question: ApprovalQuestion
  readonly #options: ConversationOptions
  readonly #askings: Askings
  /** The last notice of each request of this digest that is not looked at yet. */
  readonly #news = new Map<string, ApprovalStanding>()
  /** Ends a rest; a new one for each. */
  #wake = new AbortController()
  /** A notice may have been missed. */
  #missed = false
  /** Why the operator could not be asked last; null where it could. */
  #failing: string | null = 'it has not answered yet'
  /** A use may have been given whose answer never came. */
  #doubtful = false
  /** How often a use was not given of what is approved all the same. */
  #withheld = 0

  constructor(question: ApprovalQuestion, options: ConversationOptions) {
    this.#question = question
    this.#options = options
    this.#askings = new Askings({
      clock: options.clock,
      now: options.now,
      ...(this.#retries ? { patienceMs: retryPatienceMs } : {}),
      timeOver: () => this.#timeOver(),
      onLeft: () => {
        this.#wake.abort()
      },
    })
  }

  /** As `Approvals.ask`, for the question of this conversation. */
  async join(
    question: ApprovalQuestion,
    signal: AbortSignal,
    ready?: Ready,
  ): Promise<ApprovalVerdict> {
    return await this.#askings.add(question.expiresAt, signal, ready)
  }

  /** A notice about a request of this digest. */
  hear(standing: ApprovalStanding): void {
    // That it is still pending is no news.
    if (standing.phase === 'Pending') return
    if (this.#news.size < newsKept || this.#news.has(standing.name))
      this.#news.set(standing.name, standing)
    else this.#missed = true
    this.#wake.abort()
  }

  /** Of what was said while there was no stream, it asks. */
  reconnected(): void {
    this.#missed = true
    this.#wake.abort()
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      let standing: ApprovalStanding | undefined
      for (;;) {
        if (this.#askings.none()) {
          await this.#withdraw(standing)
          if (this.#askings.none()) return
          // Whoever came meanwhile asks anew.
          standing = undefined
        }
        standing = standing === undefined ? await this.#ask() : await this.#next(standing)
      }
    } catch {
      this.#askings.endAll(unavailable('asking failed'))
    } finally {
      this.#options.onEnded()
    }
  }

  get #retries(): boolean {
    return this.#question.approval.delivery === 'Retry'
  }

  /** Undefined: that was all, or nobody waits. */
  async #next(standing: ApprovalStanding): Promise<ApprovalStanding | undefined> {
    if (hasEnded(standing)) {
      this.#askings.endAll(verdictOf(standing, this.#doubtful))
      return undefined
    }
    if (standing.phase === 'Approved') return await this.#use(standing)
    if (!this.#retries) return await this.#wait(standing)
    this.#askings.endAll({ verdict: 'pending' })
    return standing
  }

  /** Until the operator answers. Undefined where it refuses, or nobody waits any more. */
  async #ask(): Promise<ApprovalStanding | undefined> {
    return await this.#patiently(() => {
      this.#missed = false
      return this.#options.calls.ask(this.#question)
    })
  }

  /** Until there is something new. */
  async #wait(standing: ApprovalStanding): Promise<ApprovalStanding | undefined> {
    const { first, most } = askAgainMs
    for (let waitMs = first; ; waitMs = Math.min(waitMs * 2, most)) {
      const news = await this.#newsOf(standing, waitMs)
      if (news !== undefined) return news
      const again = this.#askings.none() ? standing : await this.#ask()
      if (again?.phase !== 'Pending' || this.#askings.none()) return again
      if (again.name !== standing.name) return await this.#whatBecameOf(standing, again)
    }
  }

  /** Undefined where nobody waits any more, or it is time to ask. */
  async #newsOf({ name }: ApprovalStanding, waitMs: number): Promise<ApprovalStanding | undefined> {
    const { clock } = this.#options
    const heard = new AbortController()
    void clock.sleep(waitMs * (0.75 + 0.5 * clock.random()), heard.signal).then(() => {
      if (!heard.signal.aborted) this.reconnected()
    })
    try {
      while (!this.#askings.none()) {
        const news = this.#news.get(name)
        this.#news.clear()
        if (news !== undefined || this.#missed) return news
        await this.#rest()
      }
      return undefined
    } finally {
      heard.abort()
    }
  }

  /** A request of another name: the one that was waited for has ended, and nobody told. */
  async #whatBecameOf(
    before: ApprovalStanding,
    again: ApprovalStanding,
  ): Promise<ApprovalStanding | undefined> {
    const last = await this.#patiently<ApprovalUse>(async () => {
      try {
        return await this.#options.calls.use(before)
      } catch (error) {
        if (passes(error)) throw error
        // It is gone altogether.
        return again
      }
    })
    if (last === undefined) return again
    if (last.id !== undefined) return this.#give(last, last.id)
    if (!hasEnded(last)) return again
    this.#askings.endAll(verdictOf(last, this.#doubtful))
    this.#askings.calledOff = true
    return again
  }

  /** Takes a use for whoever waits longest. */
  async #use(standing: ApprovalStanding): Promise<ApprovalStanding | undefined> {
    // A use that is taken is gone, also if what was approved then turns out to have changed.
    if (!(await this.#askings.firstIsReady())) return standing
    const doubt = (error: unknown): void => {
      if (mayHaveArrived(error)) this.#doubtful = true
    }
    const given = await this.#patiently(() => this.#options.calls.use(standing), doubt)
    if (given === undefined) return standing
    if (given.id !== undefined) return this.#give(given, given.id)
    if (given.phase === 'Approved') {
      // It cannot be given just now.
      await this.#pause(this.#withheld)
      this.#withheld += 1
    }
    return given
  }

  /** The same statements are as good as each other. */
  #give({ id: _id, ...standing }: ApprovalUse, id: string): ApprovalStanding {
    this.#doubtful = false
    this.#withheld = 0
    const { by, note } = standing
    this.#askings.endFirst({ verdict: 'approved', id, by, note })
    return standing
  }

  async #withdraw(standing: ApprovalStanding | undefined): Promise<void> {
    const open = standing && this.#endsWith(standing) && this.#askings.calledOff && !this.#retries
    this.#askings.calledOff = false
    for (let attempt = 0; open && attempt < withdrawals && this.#askings.none(); attempt += 1) {
      if (attempt > 0) await this.#pause(attempt)
      const failure = await this.#options.calls.withdraw(standing).then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      if (failure === undefined || !passes(failure.error)) return
    }
  }

  /** What was approved for a window goes on without whoever asked first. */
  #endsWith({ phase }: ApprovalStanding): boolean {
    const { uses = 1 } = this.#question.approval
    return phase === 'Pending' || (phase === 'Approved' && uses === 1)
  }

  /** As long as anybody waits. What will never go through is told to all who do. */
  async #patiently<T>(
    call: () => Promise<T>,
    onFailure: (error: unknown) => void = () => undefined,
  ): Promise<T | undefined> {
    for (let attempt = 0; !this.#askings.none(); attempt += 1) {
      try {
        const answer = await call()
        this.#says(undefined)
        return answer
      } catch (error) {
        if (!passes(error)) {
          this.#askings.endAll(unavailable(reasonOf(error)))
          return undefined
        }
        onFailure(error)
        this.#says(reasonOf(error))
      }
      await this.#pause(attempt)
    }
    return undefined
  }

  #says(reason: string | undefined): void {
    this.#failing = reason ?? null
    this.#options.onState(reason)
  }

  async #pause(attempt: number): Promise<void> {
    await this.#rest(pause(backOff, attempt, this.#options.clock.random()))
  }

  /** Until something happens, also if it has since the last rest; or the time is over. */
  async #rest(milliseconds = 2 ** 31 - 1): Promise<void> {
    await this.#options.clock.sleep(milliseconds, this.#wake.signal)
    this.#wake = new AbortController()
  }

  #timeOver(): ApprovalVerdict {
    if (this.#failing === null && !this.#retries) return { verdict: 'expired' }
    const why = this.#failing ?? 'it is slow'
    return unavailable(`the operator could not be asked in time (${why})`)
  }
}
