/** What enrolment has found out so far. A check that needs what was not found out fails. */

import type { PodIdentity } from '../../sidecar/control/protocol.ts'
import type { BrokerDependencies, Pod, ServedConnection } from './dependencies.ts'
import type { Proof } from './dpop.ts'
import type { RateLimit } from './rate-limit.ts'
import type { ReplayCache } from './replay.ts'
import type { Revocations } from './revocations.ts'

export interface EnrolmentRequest {
  readonly method: string
  /** As in a proof's `htu`. */
  readonly url: string
  readonly proof: string | undefined
  /** The projected token. */
  readonly token: string
}

/** The broker's own state, beside what it was given. */
export interface BrokerState {
  readonly now: () => number
  readonly replay: ReplayCache
  readonly revocations: Revocations
  readonly enrolPerPod: RateLimit
}

export interface Check {
  readonly name: string
  /** Throws BrokerError if the enrolment may not go on. */
  readonly check: (
    evidence: Evidence,
    dependencies: BrokerDependencies,
    state: BrokerState,
  ) => Promise<void> | void
}

interface Found {
  proof: Proof
  identity: PodIdentity
  pod: Pod
  connection: ServedConnection
  /** The connection's name. */
  reference: { readonly namespace: string; readonly name: string }
}

export class Evidence {
  readonly request: EnrolmentRequest
  readonly #found: Partial<Found> = {}

  constructor(request: EnrolmentRequest) {
    this.request = request
  }

  found(what: Partial<Found>): void {
    Object.assign(this.#found, what)
  }

  /** Undefined if it is not known yet. */
  peek<K extends keyof Found>(what: K): Found[K] | undefined {
    return this.#found[what]
  }

  /** @throws Error if no check has found it: the list of checks is then not whole. */
  get<K extends keyof Found>(what: K): Found[K] {
    const value = this.#found[what]
    if (value === undefined) throw new Error(`no check has found the ${what}`)
    return value
  }
}

/** `namespace/name` of the pod, for messages. */
export function podName({ namespace, name }: Pick<PodIdentity, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
