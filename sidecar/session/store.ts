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
  /** Sessions that one identity may have open; logins under way count. */
  readonly mostPerIdentity?: number
  /** Sessions of all: each takes memory here and a session at Snowflake. */
  readonly mostSessions?: number
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
  /** A later one was issued in its place. */
  replaced: boolean
}

interface EndedToken {
  readonly session: string
  readonly reason: string
  /** A session that would be over by now is forgotten. */
  readonly endsAt: number
}

const endedKept = 10_000
/** Of one request: drivers renew and send it again, most of them for ever. */
const renewalsAsked = 2
/** Requests of one session for which that is counted. */
const requestsCounted = 256
const defaultPerIdentity = 100
const defaultSessions = 1_000
/** A pool opens connections before it needs them; one that nobody used for so long makes room. */
const unusedMs = 10 * 60_000
/** HTTP retries in flight still carry the token from before a renewal. */
const graceMs = 60_000
/** Earlier tokens of a session that are still told "renew": a client may renew without end. */
const tokensKept = 16
/** After the end of a statement whose client was told to renew while it waited. */
const fetchedWithinMs = 60_000

export class SessionStore {
  readonly #options: SessionStoreOptions
  readonly #now: () => number
  readonly #sessionTokens = new Map<string, TokenEntry>()
  readonly #masterTokens = new Map<string, GatewaySession>()
  readonly #live = new Set<GatewaySession>()
  /** Sessions whose token has been used. */
  readonly #used = new WeakSet<GatewaySession>()
  /** How often a request of a session was told to renew, since one like it was let through. */
  readonly #asked = new WeakMap<GatewaySession, Map<string, number>>()
  /** Requests of a session that were told to renew, let through since or not; the latest last. */
  readonly #told = new WeakMap<GatewaySession, Set<string>>()
  /** Identities of logins under way. */
  readonly #coming = new Map<symbol, string>()
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

  /**
   * A place for one more session of this identity, which its login holds until it has ended,
   * whatever its outcome: then call what is returned. Errors: SessionsExhausted.
   */
  reserve(principal: Identity): () => void {
    const identity = identityKey(principal)
    const { mostPerIdentity = defaultPerIdentity, mostSessions = defaultSessions } = this.#options
    const own = (session: GatewaySession): boolean => identityKey(session.principal) === identity
    const coming = [...this.#coming.values()]
    this.#makeRoom('This identity', mostPerIdentity, own, coming.filter((each) => each === identity)) // prettier-ignore
    this.#makeRoom('The gateway', mostSessions, () => true, coming)
    const place = Symbol(identity)
    this.#coming.set(place, identity)
    return () => {
      this.#coming.delete(place)
    }
  }

  /**
   * What is told of a token before anything else of its request is read; an expired one passes.
   * Errors: SessionTokenInvalid, MasterTokenInvalid, SessionGone.
   */
  refuseUnknown(token: string, kind: 'session' | 'master'): void {
    if (kind === 'session') this.#known(token)
    else if (!this.#masterTokens.has(tokenKey(token)))
      throw FrostgateError.of('MasterTokenInvalid', {})
  }

  add(session: GatewaySession): IssuedTokens {
    this.#live.add(session)
    const masterToken = mintToken('master')
    this.#masterTokens.set(tokenKey(masterToken), session)
    return this.#issue(session, masterToken)
  }

  /**
   * `request` names what the token came with: its requestId, else its path. Errors:
   * SessionTokenInvalid, SessionTokenExpired (the driver renews), SessionGone.
   */
  bySessionToken(token: string, request = ''): GatewaySession {
    const { session, expiresAt } = this.#known(token)
    const now = this.#now()
    if (now >= session.endsAt) throw this.#gone(session, 'age')
    if (now >= expiresAt) throw this.#expired(session, request)
    return this.#use(session, request)
  }

  /**
   * As `bySessionToken`, for the result of a statement. Python 5 renews once for each and no more,
   * so a statement is told once, from its submission on, that the token has expired. After that a
   * session's last token counts for what its client waits for, and for nothing else.
   */
  byPoll(token: string, statement: string): GatewaySession {
    const { session, expiresAt, replaced } = this.#known(token)
    const entry = session.ledger.byStatement(statement.toLowerCase())
    const request = entry?.requestId ?? statement
    const now = this.#now()
    const waits = entry !== undefined && now - (entry.endedAt ?? now) < fetchedWithinMs
    const told = this.#told.get(session)
    const served = now >= expiresAt && !replaced && waits && told?.has(request) === true
    if (!served || now >= session.endsAt) return this.bySessionToken(token, request)
    this.countAsTold(session, request)
    return this.#use(session, request)
  }

  /** For `byPoll`: of a request that its client would not send again under the same name. */
  countAsTold(session: GatewaySession, request: string): void {
    const told = this.#told.get(session) ?? new Set<string>()
    this.#told.set(session, told)
    // The latest last: it is forgotten last.
    told.delete(request)
    told.add(request)
    forgetOldest(told)
  }

  /**
   * For a logout: drivers take "expired" for done and never come again, so a token that has expired,
   * or was renewed, still ends its session. Errors: SessionTokenInvalid, SessionGone.
   */
  byAnyToken(token: string): GatewaySession {
    return this.#known(token).session
  }

  #known(token: string): TokenEntry {
    const key = tokenKey(token)
    const ended = this.#ended.get(key)
    if (ended) throw FrostgateError.of('SessionGone', { reason: ended.reason })
    const entry = this.#sessionTokens.get(key)
    if (!entry) throw FrostgateError.of('SessionTokenInvalid', {})
    return entry
  }

  #use(session: GatewaySession, request: string): GatewaySession {
    this.#asked.get(session)?.delete(request)
    this.#used.add(session)
    session.lastUsedAt = this.#now()
    return session
  }

  /** The session itself lives on: other requests of it may be about to renew. */
  #expired(session: GatewaySession, request: string): FrostgateError {
    const asked = this.#asked.get(session) ?? new Map<string, number>()
    this.#asked.set(session, asked)
    const times = (asked.get(request) ?? 0) + 1
    asked.set(request, times)
    forgetOldest(asked)
    this.countAsTold(session, request)
    return times > renewalsAsked
      ? FrostgateError.of('SessionGone', { reason: 'its token expired and was not renewed' })
      : FrostgateError.of('SessionTokenExpired', {})
  }

  /** A new session token for a live session. Errors: MasterTokenInvalid, SessionGone. */
  renew(masterToken: string): { readonly session: GatewaySession; readonly tokens: IssuedTokens } {
    const session = this.#masterTokens.get(tokenKey(masterToken))
    if (!session) throw FrostgateError.of('MasterTokenInvalid', {})
    const now = this.#now()
    if (now >= session.endsAt) throw this.#gone(session, 'age')
    session.lastUsedAt = now
    const earlier = [...this.#sessionTokens].filter(([, entry]) => entry.session === session)
    for (const [, entry] of earlier) {
      entry.expiresAt = Math.min(entry.expiresAt, now + graceMs)
      entry.replaced = true
    }
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
   * now on; statements under way are told `as`, if it is given. Resolves as `close` does.
   */
  end(session: GatewaySession, reason: string, as?: FrostgateError): Promise<void> {
    if (!this.#live.has(session)) return Promise.resolve()
    session.endedBecause = reason
    if (as !== undefined) session.endedAs = as
    this.#keepReason(session, reason)
    return this.close(session, 'revoked')
  }

  /** The session behind it at Snowflake is gone: who comes for a result later is told so. */
  lost(session: GatewaySession): Promise<void> {
    if (!this.#live.has(session)) return Promise.resolve()
    this.#keepReason(session, 'nothing stands behind it at Snowflake any more')
    return this.close(session, 'revoked')
  }

  #keepReason(session: GatewaySession, reason: string): void {
    for (const [key, entry] of this.#sessionTokens) {
      if (entry.session === session)
        this.#ended.set(key, { session: session.id, reason, endsAt: session.endsAt })
    }
    for (const key of this.#ended.keys()) {
      if (this.#ended.size <= endedKept) break
      this.#ended.delete(key)
    }
  }

  /** Closes sessions that are too old or idle: drivers die without logging out. */
  async reap(): Promise<void> {
    const now = this.#now()
    const idleMs = this.#idleTimeout() * 1000
    for (const [key, { endsAt }] of this.#ended) if (now >= endsAt) this.#ended.delete(key)
    for (const session of this.#live) {
      if (now >= session.endsAt) await this.close(session, 'age')
      else if (now - session.lastUsedAt >= idleMs && !isBusy(session))
        await this.close(session, 'idle')
    }
  }

  async closeAll(reason: CloseReason): Promise<void> {
    await Promise.all([...this.#live].map((session) => this.close(session, reason)))
  }

  /** Those that were never used make room, oldest first. */
  #makeRoom(
    who: string,
    most: number,
    among: (session: GatewaySession) => boolean,
    coming: readonly unknown[],
  ): void {
    const open = [...this.#live].filter(among)
    if (open.length + coming.length < most) return
    const now = this.#now()
    const unused = open.find(
      (session) => !this.#used.has(session) && now - session.lastUsedAt >= unusedMs,
    )
    if (unused === undefined) throw FrostgateError.of('SessionsExhausted', { who, open: most })
    void this.close(unused, 'idle')
  }

  #issue(session: GatewaySession, masterToken: string): IssuedTokens {
    const now = this.#now()
    const remaining = Math.max(0, Math.floor((session.endsAt - now) / 1000))
    const sessionValidity = Math.min(this.#options.tokenValidity ?? 3_600, remaining)
    const sessionToken = mintToken('session')
    this.#sessionTokens.set(tokenKey(sessionToken), {
      session,
      expiresAt: now + sessionValidity * 1000,
      replaced: false,
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

function forgetOldest(requests: Map<string, unknown> | Set<string>): void {
  const oldest = requests.keys().next()
  if (requests.size > requestsCounted && !oldest.done) requests.delete(oldest.value)
}

type Identity = Pick<GatewaySession['principal'], 'provider' | 'issuer' | 'subject'>

function identityKey({ provider, issuer, subject }: Identity): string {
  return JSON.stringify([provider, issuer, subject])
}

/** A statement that runs or is held has a client who waits for it, though it may be silent. */
function isBusy({ ledger }: GatewaySession): boolean {
  return ledger.running().length > 0
}
