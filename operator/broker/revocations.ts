/** Who may not go on although the access token still holds. */

import type { Caller } from './access-token.ts'

/** A pod that is gone cannot enrol again; its last token has ended by then. */
const forgetGoneAfterMs = 15 * 60_000

interface Revoked {
  readonly reason: string
  readonly at: number
  readonly gone: boolean
}

export class Revocations {
  readonly #now: () => number
  readonly #pods = new Map<string, Revoked>()
  /** By connection: tokens issued up to then no longer count. */
  readonly #connections = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** `gone`: the pod does not exist any more. Otherwise it stays revoked until it does not. */
  pod(uid: string, reason: string, gone: boolean): void {
    const at = this.#now()
    for (const [known, revoked] of this.#pods) {
      if (revoked.gone && revoked.at + forgetGoneAfterMs < at) this.#pods.delete(known)
    }
    this.#pods.set(uid, { reason: this.#pods.get(uid)?.reason ?? reason, at, gone })
  }

  /** Whoever passes enrolment again goes on. */
  connection(key: string): void {
    this.#connections.set(key, this.#now())
  }

  podReason(uid: string): string | undefined {
    return this.#pods.get(uid)?.reason
  }

  /** Whether a token was issued before its connection's were withdrawn. */
  isWithdrawn({ connection, issuedAt }: Pick<Caller, 'connection' | 'issuedAt'>): boolean {
    const at = this.#connections.get(`${connection.namespace}/${connection.name}`)
    return at !== undefined && issuedAt <= Math.floor(at / 1000)
  }
}
