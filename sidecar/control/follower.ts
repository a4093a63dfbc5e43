/**
 * Follows the operator's notices: each becomes an event of the state table, and what the table then
 * says is done to the gateway, one thing at a time and in the order in which it was decided.
 */

import type { Bundle, MaskKeys } from './bundle.ts'
import { BrokerError } from './broker-error.ts'
import { BundleRefused, type BundleSource } from './bundle-source.ts'
import type { GovernedGateway } from './governed-gateway.ts'
import type { PodIdentity } from './protocol.ts'
import { initialState, nextState, reasonOf, type ControlEvent, type ControlState } from './state.ts'

export interface FollowerOptions {
  readonly gateway: GovernedGateway
  readonly source: BundleSource
  readonly pod: () => PodIdentity | undefined
  readonly onState: (state: ControlState, before: ControlState) => void
  /** A bundle was not taken; what was in force before still is, until it has aged. */
  readonly onRejected: (digest: string, reason: string) => void
  /** The gateway failed at what must not fail: whatever it serves then, this process must end. */
  readonly onFault: (error: unknown) => void
}

export class Follower {
  readonly #options: FollowerOptions
  #state: ControlState = initialState
  /** Grows with each bundle that is followed: only the last one counts. */
  #turn = 0
  /** Grows with each closing: a bundle from before it opens nothing. */
  #closings = 0
  #work: Promise<void> = Promise.resolve()
  #applied: Bundle | undefined
  #rejected: string | undefined

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  get state(): ControlState {
    return this.#state
  }

  /** The last bundle that the gateway took; undefined before the first. */
  get bundle(): Bundle | undefined {
    return this.#applied
  }

  /** What does not wait for anything: the state changes now, the gateway next. */
  tell(event: Exclude<ControlEvent, { name: 'applied' | 'rejected' }>): void {
    if (event.name !== 'delayed' && event.name !== 'enrolled') this.#closings += 1
    this.#become(event)
  }

  /** Why the operator's last bundle is not in force; undefined where it is, or is on its way. */
  get rejected(): string | undefined {
    return this.#rejected
  }

  /**
   * Fetches the bundle, puts it in force and tells the operator what became of it. Returns whether
   * the operator's word is done here: false if a later notice made it void, and if the gateway
   * cannot take it. Errors: BrokerError if the operator could not be asked or told.
   */
  async follow(digest: string, signal: AbortSignal): Promise<boolean> {
    const { source } = this.#options
    const turn = (this.#turn += 1)
    const closings = this.#closings
    const isVoid = (): boolean =>
      turn !== this.#turn || closings !== this.#closings || signal.aborted
    let reason: string
    try {
      const bundle = await source.bundle(digest, signal)
      // Not after the keys, nor after what the gateway is still doing: this is about seconds.
      if (!isVoid()) this.#options.gateway.stopSuspended(bundle)
      const maskKeys = await source.maskKeys(bundle, signal)
      if (isVoid() || !(await this.#apply(bundle, maskKeys, isVoid))) return false
      await source.acknowledge({ digest: bundle.digest, accepted: true }, signal)
      // A later notice may have come meanwhile, and that one's bundle is still owed.
      return !isVoid()
    } catch (error) {
      if (isVoid()) return false
      if (error instanceof BrokerError && mayPass(error)) throw error
      reason = error instanceof Error ? error.message : String(error)
      if (error instanceof BundleRefused) {
        this.tell({ name: 'closed', reason })
        return true
      }
    }
    this.#rejected = reason
    this.#options.onRejected(digest, reason)
    this.#become({ name: 'rejected', reason: `its bundle cannot be used: ${reason}` })
    await source.acknowledge({ digest, accepted: false, reason: reason.slice(0, 1_000) }, signal)
    // The operator has replaced what is in force here: from now on that only ages.
    return false
  }

  /** Resolves when the gateway has done all that was decided so far. */
  async settled(): Promise<void> {
    await this.#work
  }

  async #apply(bundle: Bundle, maskKeys: MaskKeys, isVoid: () => boolean): Promise<boolean> {
    const closings = this.#closings
    return await this.#next(async () => {
      const pod = this.#options.pod()
      if (pod === undefined || isVoid()) return false
      if (this.#state.name === 'InForce' && this.#state.digest === bundle.digest) {
        this.#rejected = undefined
        return true
      }
      // Where the table has no way from here to there, the gateway must not go it either.
      const applied = { name: 'applied', digest: bundle.digest } as const
      if (nextState(this.#state, applied) === this.#state) return false
      await this.#options.gateway.apply(bundle, { maskKeys, pod })
      this.#applied = bundle
      this.#rejected = undefined
      // Closed meanwhile: to do so is the gateway's next work.
      if (closings !== this.#closings) return false
      this.#become(applied)
      return true
    })
  }

  #become(event: ControlEvent): void {
    const before = this.#state
    const state = nextState(before, event)
    if (state === before) return
    this.#state = state
    this.#options.onState(state, before)
    const act = this.#actions[state.name]
    if (act === undefined || state.name === before.name) return
    const done = this.#next(async () => {
      // Before the first bundle there is no gateway to close.
      if (this.#applied !== undefined) await act(reasonOf(state))
    })
    done.catch(this.#options.onFault)
  }

  readonly #actions: Readonly<
    Partial<Record<ControlState['name'], (reason: string) => Promise<void>>>
  > = {
    Closed: (reason) => this.#options.gateway.suspend(reason),
    Stale: (reason) => this.#options.gateway.suspend(reason),
    Revoked: (reason) => this.#options.gateway.revoke(reason),
  }

  async #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.then(
      () => undefined,
      () => undefined,
    )
    return await done
  }
}

/** Said of a call, not of a bundle: another attempt, or another access token, may do. */
function mayPass({ transient, status }: BrokerError): boolean {
  return transient || status === 401
}
