/**
 * A Snowflake session as the gateway's client has one. What is behind it may be another login than
 * the first: where Snowflake ended the session and nothing was set in it that a login cannot bring
 * back, the gateway logs in anew.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { FrostgateError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { parseAnswer, type UpstreamAnswer } from './answer.ts'
import { endedBySnowflake, sessionEnded } from './ended.ts'
import { reasonOf, wasSent } from './envelope.ts'
import { verifySession } from './guarantees.ts'
import { SnowflakeLink } from './link.ts'
import { settingName, type UpstreamLogin, type UpstreamSessionInfo } from './login.ts'
import type { LoginSigner } from './login-signer.ts'
import { Restorable, type Leaves } from './restorable.ts'
import { askThin, completeThin } from './thin.ts'
import type { Transport, UpstreamEnvelope } from './transport.ts'

export { endedBySnowflake, sessionEnded } from './ended.ts'
export type { UpstreamLogin, UpstreamSessionInfo } from './login.ts'

export interface UpstreamQuery {
  readonly sql: string
  readonly bindings: JsonObject | undefined
  readonly describeOnly: boolean
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  /** Called with Snowflake's request id before the statement is sent: a cancel needs it. */
  readonly onSend?: (requestId: string) => void
  /**
   * Of an agent's statement; the gateway's own leave nothing. With it the session may be opened
   * anew for the statement, and an answer that was lost is told as a doubt whether it ran.
   */
  readonly leaves?: Leaves
  /** It speaks of what ran before in this very session, so it runs in no other. */
  readonly here?: boolean
}

const stillRunning = '333333'
const resultPath = /^\/queries\/[\w-]{1,64}\/result$/

export class UpstreamSession {
  /** As the first login told it. */
  readonly info: UpstreamSessionInfo
  readonly #login: UpstreamLogin
  readonly #openLink: (login: UpstreamLogin) => Promise<SnowflakeLink>
  readonly #state: Restorable
  readonly #severed = new AbortController()
  #link: SnowflakeLink
  #reopening: Promise<SnowflakeLink | undefined> | undefined
  #closed = false

  private constructor(
    link: SnowflakeLink,
    login: UpstreamLogin,
    openLink: (login: UpstreamLogin) => Promise<SnowflakeLink>,
  ) {
    this.#link = link
    this.#login = login
    this.#openLink = openLink
    this.#state = new Restorable(link.info, login.parameters)
    this.info = link.info
  }

  /** Errors: UpstreamLoginFailed, UpstreamUnavailable. */
  static async open(
    transport: Transport,
    signer: LoginSigner,
    login: UpstreamLogin,
  ): Promise<UpstreamSession> {
    const openLink = (as: UpstreamLogin): Promise<SnowflakeLink> =>
      SnowflakeLink.open(transport, signer, as)
    return new UpstreamSession(await openLink(login), login, openLink)
  }

  /** See `LoggedIn`. */
  get thin(): boolean {
    return this.#link.thin
  }

  /**
   * Runs one statement to its end, polling while Snowflake says it is still running.
   * Errors: SessionGone, UpstreamUnavailable, StatementInDoubt, UpstreamAnswerRefused.
   */
  async query(query: UpstreamQuery): Promise<UpstreamAnswer> {
    this.#refuseClosed()
    const link = this.#link
    const first = await this.#submit(link, query)
    // Said of the request itself, so nothing of it ran.
    if (!sessionEnded.has(first.code)) return this.#finish(link, query, first)
    const next = await this.#instead(link, query)
    if (next === undefined) return this.#read(first)
    return this.#finish(next, query, await this.#submit(next, query))
  }

  async cancel(requestId: string): Promise<void> {
    await this.#link.cancel(requestId)
  }

  /** Keeps the session alive, as the client does its own. Errors: SessionGone, UpstreamUnavailable. */
  async heartbeat(): Promise<void> {
    await this.#unlessRestorable(this.#link.heartbeat())
  }

  /** The gateway's own heartbeat: see `SnowflakeLink.keepAlive`. Errors: as `heartbeat`. */
  async keepAlive(until: number): Promise<void> {
    await this.#unlessRestorable(this.#link.keepAlive(until))
  }

  /** Runs nothing from now on. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#link.close()
  }

  /** Runs nothing from now on, and lets go of what runs: no answer to it is read any more. */
  sever(): void {
    this.#closed = true
    this.#severed.abort()
  }

  #refuseClosed(): void {
    if (this.#closed) throw FrostgateError.of('SessionGone', { reason: 'it was closed' })
  }

  /** A session that ended is missed by nobody if the next statement can open another. */
  async #unlessRestorable(beat: Promise<void>): Promise<void> {
    try {
      await beat
    } catch (error) {
      const gone = error instanceof FrostgateError && error.entry === 'SessionGone'
      if (!gone || !this.#state.restorable) throw error
    }
  }

  async #submit(link: SnowflakeLink, query: UpstreamQuery): Promise<UpstreamEnvelope> {
    const requestId = randomUUID()
    query.onSend?.(requestId)
    const { sql, bindings, describeOnly, parameters } = query
    const statement = {
      sqlText: link.thin && query.leaves === undefined ? askThin(sql) : sql,
      asyncExec: false,
      describeOnly,
      parameters: { ...parameters, MULTI_STATEMENT_COUNT: 1 },
      ...(bindings === undefined ? {} : { bindings }),
    }
    let begun = false
    try {
      const answer = await link.submit(requestId, statement, this.#severed.signal)
      begun = answer.code === stillRunning
      return await this.#awaitEnd(link, answer)
    } catch (error) {
      const sent = begun || !(error instanceof FrostgateError) || wasSent(error)
      throw sent ? this.#doubt(link, query, requestId, error) : error
    }
  }

  async #awaitEnd(link: SnowflakeLink, first: UpstreamEnvelope): Promise<UpstreamEnvelope> {
    const started = performance.now()
    let answer = first
    while (answer.code === stillRunning) {
      // Snowflake holds each poll for up to 45 s; a server that does not must not be hammered.
      await delay(Math.min(1_000, (performance.now() - started) / 10))
      this.#refuseClosed()
      const path = answer.data['getResultUrl']
      if (typeof path !== 'string' || !resultPath.test(path)) {
        throw FrostgateError.of('UpstreamAnswerRefused', {
          reason: 'it names no result to wait for',
        })
      }
      answer = await link.send({ method: 'GET', path, signal: this.#severed.signal })
      // The statement had begun: what became of it is not known.
      if (sessionEnded.has(answer.code)) throw endedBySnowflake()
    }
    return answer
  }

  /** What is to be told of a statement whose answer did not come. */
  #doubt(link: SnowflakeLink, query: UpstreamQuery, requestId: string, error: unknown): unknown {
    if (query.leaves !== undefined) this.#state.mayHaveRun(query.leaves)
    const lost = error instanceof FrostgateError && error.entry === 'UpstreamUnavailable'
    if (!lost || this.#closed) return error
    // Nobody waits for it any more. Where Snowflake is gone, so is this.
    link.cancel(requestId).catch(() => undefined)
    if (query.leaves === undefined) return error
    return FrostgateError.of('StatementInDoubt', { reason: reasonOf(error) }, { cause: error })
  }

  #finish(link: SnowflakeLink, query: UpstreamQuery, envelope: UpstreamEnvelope): UpstreamAnswer {
    const { leaves } = query
    if (sessionEnded.has(envelope.code)) return this.#read(envelope)
    link.rememberContext(envelope.data['queryContext'])
    if (leaves === undefined) return this.#read(envelope)
    // What it left is in a session that is no more.
    if (link !== this.#link && leaves.kind !== 'nothing') throw endedBySnowflake()
    let answer: UpstreamAnswer | undefined
    try {
      answer = this.#read(envelope)
      return answer
    } finally {
      if (answer === undefined) this.#state.mayHaveRun(leaves)
      else if (answer.ok) this.#state.ran(leaves, answer.context)
      else this.#state.failed(leaves)
    }
  }

  #read(envelope: UpstreamEnvelope): UpstreamAnswer {
    const { client, role } = this.#login
    return this.thin
      ? completeThin(parseAnswer(envelope, 'arrow'), role)
      : parseAnswer(envelope, client.resultFormat)
  }

  /** The session in place of one that ended; undefined where there can be none. */
  async #instead(ended: SnowflakeLink, query: UpstreamQuery): Promise<SnowflakeLink | undefined> {
    if (query.leaves === undefined || query.here === true) return undefined
    this.#refuseClosed()
    if (this.#link !== ended) return this.#link
    if (!this.#state.restorable) return undefined
    this.#reopening ??= this.#reopen().finally(() => (this.#reopening = undefined))
    return await this.#reopening
  }

  /** Errors: UpstreamUnavailable; nothing ran, and the next statement tries again. */
  async #reopen(): Promise<SnowflakeLink | undefined> {
    const { place, parameters } = this.#state
    try {
      const link = await this.#openLink({
        ...this.#login,
        parameters,
        database: place.database === null ? null : settingName(place.database),
        schema: place.schema === null ? null : settingName(place.schema),
        warehouse: place.warehouse ?? this.#login.warehouse,
      })
      const other = new UpstreamSession(link, this.#login, this.#openLink)
      await verifySession(other, this.#login.connection)
      const stands = (['database', 'schema', 'warehouse'] as const).every(
        (part) => link.info[part] === place[part],
      )
      // Meanwhile something was set, or the session closed.
      if (!stands || !this.#state.restorable || this.#closed) {
        link.close().catch(() => undefined)
        return undefined
      }
      this.#link = link
      return link
    } catch (error) {
      const refused = error instanceof FrostgateError && error.entry !== 'UpstreamUnavailable'
      if (refused) return undefined
      throw error
    }
  }
}
