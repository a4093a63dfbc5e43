/**
 * Tells people of requests, and what became of them, while this replica leads. What was told is in
 * the status of each request, so that the work is found there again after any interruption.
 * Nothing waits for it: a statement is released whether or not anybody could be told.
 */

import { systemClock, type Clock } from '../kube/clock.ts'
import type { ApprovalStore } from '../approvals/types.ts'
import { Bookkeeping } from './bookkeeping.ts'
import { Lane } from './lane.ts'
import type { Target } from './target.ts'

export interface NotifierOptions {
  readonly store: ApprovalStore
  readonly isLeader: () => boolean
  readonly targets: readonly Target[]
  readonly now?: () => Date
  readonly clock?: Clock
  readonly random?: () => number
  /** For the log: what failed first, and each time that it fails differently. */
  readonly onProblem: (problem: string, error: unknown) => void
  /** Requests that wait for one target at once. */
  readonly mostWaiting?: number
}

export interface Notifier {
  /** Looks at every request; to be called on becoming leader. */
  readonly lookAgain: () => void
  /** Ends attempts that wait; resolves once what is under way has ended and is kept. */
  stop(): Promise<void>
}

/** What no change tells, such as a lead that was won without a word, is seen after as long. */
const sweepMs = 60_000

export function notifier(options: NotifierOptions): Notifier {
  const { store, isLeader, targets, onProblem } = options
  const { clock = systemClock, now = () => new Date(), random = Math.random } = options
  const books = new Bookkeeping({ store, clock, onProblem })
  const most = options.mostWaiting ?? 1_000
  const shared = { store, books, isLeader, now, clock, random, most, onProblem }
  const lanes = targets.map((target) => new Lane({ ...shared, target }))
  const lookAgain = (): void => {
    if (!isLeader() || !store.synced) return
    for (const request of store.requests()) for (const lane of lanes) lane.consider(request)
  }
  const unsubscribe = store.onChange((key) => {
    const request = store.request(key)
    books.seen(key, request)
    if (request !== undefined && isLeader()) for (const lane of lanes) lane.consider(request)
  })
  const stopping = new AbortController()
  const sweeping = sweep(lookAgain, clock, stopping.signal)
  return {
    lookAgain,
    stop: async () => {
      stopping.abort()
      unsubscribe()
      await Promise.all([sweeping, ...lanes.map((lane) => lane.stop())])
      await books.stop()
    },
  }
}

async function sweep(lookAgain: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    lookAgain()
    await clock.sleep(sweepMs, signal)
  }
}
