/** Live sessions and the opaque tokens that name them. */

import { FrostgateError } from '../errors.ts'
import { mintToken, tokenKey } from '../wire/tokens.ts'
import type { CloseReason, GatewaySession } from './session.ts'

export interface SessionStoreOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Seconds a session token lives before the driver renews it. */
  readonly tokenValidity?: number
  /** Seconds without a request after which a session is closed: Snowflake's master validity. */
  readonly idleTimeout?: number
  readonly onClose: (session: GatewaySession, reason: CloseReason) => Promise<void>
}

export interface IssuedTokens {
  readonly sessionToken: string
  readonly masterToken: string
  /** Seconds. */
  readonly sessionValidity: number
  readonly masterValidity: number
}

interface TokenEntry {
  readonly session: GatewaySession
  expiresAt: number
  /** Answers given after expiry: a driver that never renews must not be answered "renew" for ever. */
  refusals: number
}

interface EndedToken {
  readonly session: string
  readonly reason: string
  /** A session that would be over by now is forgotten. */
  readonly endsAt: number
}

const endedKept = 10_000
const refusalsBeforeGone = 64
/** HTTP retries in flight still carry the token from before a renewal. */
const graceMs = 60_000
/** Earlier tokens of a session that are still told "renew": a client may renew without end. */
const tokensKept = 16

export class SessionStore {
  readonly #options: SessionStoreOptions
  readonly #now: () => number
  readonly #sessionTokens = new Map<string, TokenEntry>()
  readonly #masterTokens = new Map<string, GatewaySession>()
  readonly #live = new Set<GatewaySession>()
  /** Session tokens of those that were ended: their clients are told why. */
  readonly #ended = new Map<string, EndedToken>()

  constructor(options: SessionStoreOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  get size(): number {
    return this.#live.size
  }

  /** Whose token it is, also an expired one's: for the record only. */
  idOf(token: string | undefined): string | null {
    const key = tokenKey(token ?? '')
    const session = this.#sessionTokens.get(key)?.session ?? this.#masterTokens.get(key)
    return session?.id ?? this.#ended.get(key)?.session ?? null
  }

  has(session: GatewaySession): boolean {
    return this.#live.has(session)
  }

  all(): readonly GatewaySession[] {
    return [...this.#live]
  }

  /** Undefined once it is closed. */
  byId(id: string): GatewaySession | undefined {
    return [...this.#live].find((session) => session.id === id)
  }

  add(session: GatewaySession): IssuedTokens {
    this.#live.add(session)
    const masterToken = mintToken('master')
    this.#masterTokens.set(tokenKey(masterToken), session)
    return this.#issue(session, masterToken)
  }

  /** Errors: SessionTokenInvalid, SessionTokenExpired (the driver renews), SessionGone. */
  bySessionToken(token: string): GatewaySession {
    const entry = this.#sessionTokens.get(tokenKey(token))
    const ended = this.#ended.get(tokenKey(token))
    if (ended) throw FrostgateError.of('SessionGone', { reason: ended.reason })
    if (!entry) throw FrostgateError.of('SessionTokenInvalid', {})
    const now = this.#now()
    if (now >= entry.session.endsAt) throw this.#gone(entry.session, 'age')
    if (now >= entry.expiresAt) {
      entry.refusals += 1
      if (entry.refusals > refusalsBeforeGone)
        throw FrostgateError.of('SessionGone', { reason: 'its token expired and was not renewed' })
      throw FrostgateError.of('SessionTokenExpired', {})
    }
    entry.session.lastUsedAt = now
    return entry.session
  }

  /** A new session token for a live session. Errors: MasterTokenInvalid, SessionGone. */
  renew(masterToken: string): { readonly session: GatewaySession; readonly tokens: IssuedTokens } {
    const session = this.#masterTokens.get(tokenKey(masterToken))
    if (!session) throw FrostgateError.of('MasterTokenInvalid', {})
    const now = this.#now()
    if (now >= session.endsAt) throw this.#gone(session, 'age')
    session.lastUsedAt = now
    const earlier = [...this.#sessionTokens].filter(([, entry]) => entry.session === session)
    for (const [, entry] of earlier) entry.expiresAt = Math.min(entry.expiresAt, now + graceMs)
    for (const [key] of earlier.slice(0, -tokensKept)) this.#sessionTokens.delete(key)
    return { session, tokens: this.#issue(session, masterToken) }
  }

  async close(session: GatewaySession, reason: CloseReason): Promise<void> {
    if (!this.#live.delete(session)) return
    for (const [key, entry] of this.#sessionTokens)
      if (entry.session === session) this.#sessionTokens.delete(key)
    for (const [key, owner] of this.#masterTokens)
      if (owner === session) this.#masterTokens.delete(key)
    await this.#options.onClose(session, reason)
  }

  /**
   * Ends it before its time, at once: `reason`, part of a sentence, is what its client is told from
   * now on. Resolves as `close` does.
   */
  end(session: GatewaySession, reason: string): Promise<void> {
    if (!this.#live.has(session)) return Promise.resolve()
    session.endedBecause = reason
    for (const [key, entry] of this.#sessionTokens) {
      if (entry.session === session)
        this.#ended.set(key, { session: session.id, reason, endsAt: session.endsAt })
    }
    for (const key of this.#ended.keys()) {
      if (this.#ended.size <= endedKept) break
      this.#ended.delete(key)
    }
    return this.close(session, 'revoked')
  }

  /** Closes sessions that are too old or idle: drivers die without logging out. */
  async reap(): Promise<void> {
    const now = this.#now()
    const idleMs = this.#idleTimeout() * 1000
    for (const [key, { endsAt }] of this.#ended) if (now >= endsAt) this.#ended.delete(key)
    for (const session of this.#live) {
      if (now >= session.endsAt) await this.close(session, 'age')
      else if (now - session.lastUsedAt >= idleMs) await this.close(session, 'idle')
    }
  }

  async closeAll(reason: CloseReason): Promise<void> {
    await Promise.all([...this.#live].map((session) => this.close(session, reason)))
  }

  #issue(session: GatewaySession, masterToken: string): IssuedTokens {
    const now = this.#now()
    const remaining = Math.max(0, Math.floor((session.endsAt - now) / 1000))
    const sessionValidity = Math.min(this.#options.tokenValidity ?? 3_600, remaining)
    const sessionToken = mintToken('session')
    this.#sessionTokens.set(tokenKey(sessionToken), {
      session,
      expiresAt: now + sessionValidity * 1000,
      refusals: 0,
    })
    return {
      sessionToken,
      masterToken,
      sessionValidity,
      masterValidity: Math.min(this.#idleTimeout(), remaining),
    }
  }

  #gone(session: GatewaySession, reason: CloseReason): FrostgateError {
    void this.close(session, reason)
    return FrostgateError.of('SessionGone', {
      reason: 'it reached the age at which sessions of this connection end',
    })
  }

  #idleTimeout(): number {
    return this.#options.idleTimeout ?? 14_400
  }
}
