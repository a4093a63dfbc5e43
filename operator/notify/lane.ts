/**
 * The way to one target: what it has yet to be told, in order, as fast as it takes it. Lanes know
 * nothing of each other, so that one that is blocked holds up none.
 */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalStore, Key, Phase } from '../approvals/types.ts'
import { Backoff } from '../kube/backoff.ts'
import type { Clock } from '../kube/clock.ts'
import { nameOf, keyOf, type Bookkeeping } from './bookkeeping.ts'
import { DeliveryFailed, type Target, type Told } from './target.ts'
import { untold, type Notification } from './told.ts'

export interface LaneOptions {
  readonly target: Target
  readonly store: ApprovalStore
  readonly books: Bookkeeping
  readonly isLeader: () => boolean
  readonly now: () => Date
  readonly clock: Clock
  /** Requests that wait at once; more are found again in the store when there is room. */
  readonly most: number
  readonly random: () => number
  readonly onProblem: (problem: string, error: unknown) => void
}

interface Waiting {
  readonly key: Key
  readonly uid: string | undefined
  readonly backoff: Backoff
  /** By the clock that nobody sets. */
  notBefore: number
}

export const retryLimits = { leastMs: 1_000, mostMs: 300_000 }

export class Lane {
  readonly #options: LaneOptions
  readonly #waiting = new Map<string, Waiting>()
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #wake = new AbortController()
  /** By the clock that nobody sets: until then the target is left alone. */
  #notBefore = 0
  /** The last answer was a failure of the target's: one attempt at a time finds out whether it is back. */
  #failing = false
  #overflowed = false
  readonly #running: Promise<void>

  constructor(options: LaneOptions) {
    this.#options = options
    this.#backoff = new Backoff(retryLimits, options.random)
    this.#running = this.#run()
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  consider(request: ApprovalRequest): void {
    const { target, most, random } = this.#options
    const key = keyOf(request)
    const name = nameOf(key)
    if (this.#waiting.has(name) || this.#underWay.has(name)) return
    if (!target.wants(request) || this.#untold(request, false) === undefined) return
    if (this.#waiting.size >= most) {
      this.#overflowed = true
      return
    }
    const backoff = new Backoff(retryLimits, random)
    this.#waiting.set(name, { key, uid: request.metadata.uid, backoff, notBefore: 0 })
    this.#wake.abort()
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake.abort()
    await this.#running
    await Promise.all(this.#underWay.values())
  }

  #untold(request: ApprovalRequest, began: boolean): Phase | undefined {
    const { target, books, now } = this.#options
    return untold(request, books.last(request, target.name), began, now())
  }

  async #run(): Promise<void> {
    const { clock, isLeader } = this.#options
    while (!this.#stopping.signal.aborted) {
      const wake = new AbortController()
      this.#wake = wake
      // Who leads meanwhile finds all of it in the store.
      if (!isLeader()) this.#waiting.clear()
      const pause = this.#start()
      if (pause === undefined) await aborted(wake.signal)
      else await clock.sleep(pause, wake.signal)
    }
  }

  /** Starts what may start; gives the milliseconds until more may, if that is known. */
  #start(): number | undefined {
    const { clock, target } = this.#options
    const slots = this.#failing ? 1 : target.atOnce
    let soonest = Infinity
    for (const [name, waiting] of this.#waiting) {
      // What ends calls again.
      if (this.#underWay.size >= slots) return undefined
      const wait = Math.max(waiting.notBefore, this.#notBefore) - clock.now()
      if (wait > 0) soonest = Math.min(soonest, wait)
      else {
        this.#waiting.delete(name)
        this.#underWay.set(name, this.#deliver(name, waiting))
      }
    }
    this.#refill()
    return soonest === Infinity ? undefined : soonest
  }

  #refill(): void {
    if (!this.#overflowed || this.#waiting.size > this.#options.most / 2) return
    this.#overflowed = false
    for (const request of this.#options.store.requests()) this.consider(request)
  }

  async #deliver(name: string, waiting: Waiting): Promise<void> {
    // Not before the caller has written down that it is under way.
    await Promise.resolve()
    const request = this.#options.store.request(waiting.key)
    const same = request !== undefined && request.metadata.uid === waiting.uid
    const phase = same ? this.#untold(request, true) : undefined
    const again = same && phase !== undefined && !(await this.#told(request, phase, waiting))
    this.#underWay.delete(name)
    const now = this.#options.store.request(waiting.key)
    if (again) this.#waiting.set(name, waiting)
    // It may have changed meanwhile.
    else if (now !== undefined) this.consider(now)
    this.#wake.abort()
  }

  /** False if it has to be tried again. */
  async #told(request: ApprovalRequest, phase: Phase, waiting: Waiting): Promise<boolean> {
    const { target, books } = this.#options
    const last = books.last(request, target.name)
    try {
      const told = await target.tell(request, phase, last?.reference)
      this.#failing = false
      this.#backoff.reset()
      books.note(request, this.#entry(phase, 'Sent', told, last, told.nothing))
      return true
    } catch (error) {
      this.#failed(error, waiting)
      this.#noteFailure(request, phase, error, last)
      return false
    }
  }

  #failed(error: unknown, waiting: Waiting): void {
    const { clock } = this.#options
    const known = error instanceof DeliveryFailed ? error : undefined
    const asked = known?.retryAfterMs ?? 0
    waiting.notBefore = clock.now() + Math.max(waiting.backoff.next(), asked)
    if (known?.of === 'request') return
    this.#failing = true
    this.#notBefore = clock.now() + Math.max(this.#backoff.next(), asked)
  }

  #noteFailure(
    request: ApprovalRequest,
    phase: Phase,
    error: unknown,
    last: Notification | undefined,
  ): void {
    const { target, books, onProblem } = this.#options
    const why = error instanceof DeliveryFailed ? error.message : 'an internal error; see the log'
    const entry = this.#entry(phase, 'Failed', {}, last, why)
    const known = last?.state === 'Failed' && last.phase === phase && last.message === entry.message
    // Each attempt is not news; each write costs the API server one.
    if (known) return
    onProblem(
      `${target.name} could not be told of ${nameOf(keyOf(request))}; it is tried again`,
      error,
    )
    books.note(request, entry)
  }

  #entry(
    phase: Phase,
    state: Notification['state'],
    told: Told,
    last: Notification | undefined,
    message?: string,
  ): Notification {
    const { target, now } = this.#options
    const reference = told.reference ?? last?.reference
    return {
      target: target.name,
      phase,
      state,
      time: now().toISOString(),
      ...(message === undefined ? {} : { message: message.slice(0, 1024) }),
      ...(reference === undefined ? {} : { reference }),
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
  })
}
