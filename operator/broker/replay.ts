/**
 * Proofs that were used, for as long as they would be accepted again (RFC 9449, 11.1). Bounded for
 * each key and over all; nothing is forgotten early to make room, because that would be a way to
 * replay. A proof counts only once the token beside it was accepted: strangers cannot fill this.
 */

export interface ReplayLimits {
  /** Milliseconds that a proof stays acceptable, at most. */
  readonly windowMs: number
  readonly perKey: number
  readonly all: number
}

export const replayLimits: ReplayLimits = { windowMs: 120_000, perKey: 10_000, all: 500_000 }

interface Generation {
  readonly startedAt: number
  readonly byKey: Map<string, Set<string>>
  size: number
}

export class ReplayCache {
  readonly #limits: ReplayLimits
  readonly #now: () => number
  #current: Generation
  #previous: Generation

  constructor(now: () => number, limits: ReplayLimits = replayLimits) {
    this.#now = now
    this.#limits = limits
    this.#current = this.#begin()
    this.#previous = this.#begin()
  }

  /** Of what is remembered now. */
  get size(): number {
    return this.#current.size + this.#previous.size
  }

  use(thumbprint: string, jti: string): 'new' | 'used' | 'full' {
    this.#turn()
    const own = this.#current.byKey.get(thumbprint) ?? new Set<string>()
    const older = this.#previous.byKey.get(thumbprint)
    if (own.has(jti) || older?.has(jti) === true) return 'used'
    const { perKey, all } = this.#limits
    if (own.size + (older?.size ?? 0) >= perKey || this.size >= all) return 'full'
    this.#current.byKey.set(thumbprint, own.add(jti))
    this.#current.size += 1
    return 'new'
  }

  /** Two windows are kept, so that each entry lives for one at least. */
  #turn(): void {
    const age = this.#now() - this.#current.startedAt
    if (age < this.#limits.windowMs) return
    this.#previous = age < 2 * this.#limits.windowMs ? this.#current : this.#begin()
    this.#current = this.#begin()
  }

  #begin(): Generation {
    return { startedAt: this.#now(), byKey: new Map(), size: 0 }
  }
}
