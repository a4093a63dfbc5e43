/** One of several replicas leads, by a Lease that is written by compare and set. */

import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { isAborted, systemClock } from './clock.ts'
import { hasStatus } from './kube-error.ts'
import type { Lease, Observation } from './lease-record.ts'
import { held, mayTake, observe, released } from './lease-record.ts'
import { pathOf, resources } from './resources.ts'

export interface LeaderElectionOptions {
  readonly namespace: string
  readonly name: string
  /** Differs between replicas and between starts. */
  readonly identity: string
  /**
   * Called on becoming leader. Must stop when the signal is aborted: another replica may lead a
   * few seconds later. If it rejects, the Lease is given up.
   */
  readonly onLeading: (signal: AbortSignal) => Promise<void> | void
  readonly onLost?: () => void
  /** For the log; the election goes on. */
  readonly onProblem?: (error: unknown) => void
  readonly timing?: LeaseTiming
  readonly clock?: Clock
  readonly random?: () => number
}

/** Milliseconds. */
export interface LeaseTiming {
  /** For how long others leave an unchanged Lease alone. */
  readonly leaseMs: number
  /** After which a leader that could not renew stops; well before `leaseMs`. */
  readonly renewMs: number
  /** Between two attempts. */
  readonly retryMs: number
}

/** As client-go has them. */
const defaultTiming: LeaseTiming = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2000 }

interface Term {
  readonly controller: AbortController
  work: Promise<void>
  /** By our clock: until then nobody else takes the Lease. */
  deadline: number
}

export interface LeaderElection {
  /** Also false when a renewal is overdue that nothing had the time to notice yet. */
  readonly isLeader: boolean
  /** Ends the work, waits for its end, and gives the Lease to whoever comes next. */
  stop(): Promise<void>
}

/** Contends until it is stopped. */
export function leaderElection(client: KubeClient, options: LeaderElectionOptions): LeaderElection {
  return new Contender(client, options)
}

class Contender implements LeaderElection {
  readonly #client: KubeClient
  readonly #options: LeaderElectionOptions
  readonly #timing: LeaseTiming
  readonly #clock: Clock
  readonly #random: () => number
  readonly #controller = new AbortController()
  readonly #done: Promise<void>
  /** As last written by us, which saves a read for each renewal. */
  #own: Lease | undefined
  #observation: Observation | undefined
  #term: Term | undefined

  constructor(client: KubeClient, options: LeaderElectionOptions) {
    const { timing = defaultTiming, clock = systemClock, random = Math.random } = options
    this.#client = client
    this.#options = options
    this.#timing = timing
    this.#clock = clock
    this.#random = random
    this.#done = this.#contend(this.#controller.signal)
  }

  get isLeader(): boolean {
    return this.#term !== undefined && this.#clock.now() < this.#term.deadline
  }

  async stop(): Promise<void> {
    this.#controller.abort()
    await this.#done
  }

  async #contend(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const sent = this.#clock.now()
      const holder = await this.#attempt(signal)
      // What was overdue has stopped its work, and missed what changed since: that was another term.
      if (holder === 'another' || !this.isLeader) await this.#lose()
      // From before the request: the server cannot have written it earlier.
      if (holder === 'us' && !isAborted(signal)) this.#renewed(sent + this.#timing.renewMs)
      const pause = this.#timing.retryMs * (1 + this.#random() / 10)
      await this.#clock.sleep(pause, signal)
    }
    await this.#lose()
    await this.#release()
  }

  #renewed(deadline: number): void {
    if (this.#term !== undefined) {
      this.#term.deadline = deadline
      return
    }
    const term: Term = { controller: new AbortController(), work: Promise.resolve(), deadline }
    this.#term = term
    term.work = this.#work(term)
    void this.#guard(term)
  }

  /** Ends the work in time also while a renewal hangs. */
  async #guard(term: Term): Promise<void> {
    const { signal } = term.controller
    while (!signal.aborted && this.#clock.now() < term.deadline) {
      await this.#clock.sleep(term.deadline - this.#clock.now(), signal)
    }
    term.controller.abort()
  }

  async #work(term: Term): Promise<void> {
    try {
      await this.#options.onLeading(term.controller.signal)
    } catch (error) {
      this.#report(error)
      term.deadline = this.#clock.now()
      await this.#release()
    }
  }

  /** A new term begins only when the work of the last one is over. */
  async #lose(): Promise<void> {
    const term = this.#term
    if (term === undefined) return
    term.deadline = Math.min(term.deadline, this.#clock.now())
    term.controller.abort()
    await term.work
    this.#term = undefined
    this.#options.onLost?.()
  }

  /** Who holds the Lease now. */
  async #attempt(signal: AbortSignal): Promise<'us' | 'another' | 'unknown'> {
    const { identity } = this.#options
    const { leaseMs } = this.#timing
    try {
      const lease = this.#own ?? (await this.#read(signal))
      if (lease === undefined) {
        this.#own = await this.#write('POST', held(this.#empty(), identity, leaseMs, new Date()))
        return 'us'
      }
      this.#observation = observe(this.#observation, lease, this.#clock.now())
      if (!mayTake(lease, this.#observation, identity, leaseMs, this.#clock.now())) return 'another'
      this.#own = await this.#write('PUT', held(lease, identity, leaseMs, new Date()))
      return 'us'
    } catch (error) {
      // Somebody wrote in between, or we do not know whether we did: look again.
      this.#own = undefined
      if (!hasStatus(error, 409) && !signal.aborted) this.#report(error)
      return 'unknown'
    }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#client.request<Lease>('GET', this.#path(true), {
        signal,
        timeoutMs: this.#timing.renewMs / 2,
        retries: 0,
      })
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  /** Not ended by a stop, after which nobody would know whose the Lease is. */
  async #write(method: 'POST' | 'PUT', body: Lease): Promise<Lease> {
    const timeoutMs = this.#timing.renewMs / 2
    const path = this.#path(method === 'PUT')
    return this.#client.request<Lease>(method, path, { body, timeoutMs, retries: 0 })
  }

  async #release(): Promise<void> {
    const lease = this.#own
    this.#own = undefined
    if (lease === undefined) return
    try {
      await this.#write('PUT', released(lease, new Date()))
    } catch (error) {
      // It runs out by itself.
      this.#report(error)
    }
  }

  #report(error: unknown): void {
    this.#options.onProblem?.(error)
  }

  #empty(): Lease {
    const { namespace, name } = this.#options
    const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }
    return { ...kind, metadata: { namespace, name } }
  }

  #path(named: boolean): string {
    const { namespace, name } = this.#options
    return pathOf(resources.leases, { namespace, ...(named ? { name } : {}) })
  }
}
