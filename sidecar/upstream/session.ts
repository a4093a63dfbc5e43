/**
 * A Snowflake session as the gateway's client has one. What is behind it may be another login than
 * the first: where Snowflake ended the session and nothing was set in it that a login cannot bring
 * back, the gateway logs in anew.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { FrostgateError, type ErrorName } from '../errors.ts'
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

export interface UpstreamOptions {
  /**
   * Called before another login takes the place of one that Snowflake ended; `reason` says why. It
   * takes no place where this rejects, and the error is the statement's.
   */
  readonly onReopen?: (reason: string) => Promise<void>
}

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
const queryId = /^[\w-]{1,64}$/
const resultPath = /^\/queries\/[\w-]{1,64}\/result$/

export class UpstreamSession {
  /** As the first login told it. */
  readonly info: UpstreamSessionInfo
  readonly #login: UpstreamLogin
  readonly #openLink: (login: UpstreamLogin) => Promise<SnowflakeLink>
  readonly #onReopen: UpstreamOptions['onReopen']
  readonly #state: Restorable
  readonly #severed = new AbortController()
  #link: SnowflakeLink
  #reopening: Promise<SnowflakeLink | undefined> | undefined
  #closed = false

  private constructor(
    link: SnowflakeLink,
    login: UpstreamLogin,
    openLink: (login: UpstreamLogin) => Promise<SnowflakeLink>,
    { onReopen }: UpstreamOptions = {},
  ) {
    this.#link = link
    this.#login = login
    this.#openLink = openLink
    this.#onReopen = onReopen
    this.#state = new Restorable(link.info, login.parameters)
    this.info = link.info
  }

  /** `signer` is asked for each login. Errors: UpstreamLoginFailed, UpstreamUnavailable. */
  static async open(
    transport: Transport,
    signer: LoginSigner,
    login: UpstreamLogin,
    options?: UpstreamOptions,
  ): Promise<UpstreamSession> {
    const openLink = (as: UpstreamLogin): Promise<SnowflakeLink> =>
      SnowflakeLink.open(transport, signer, as)
    return new UpstreamSession(await openLink(login), login, openLink, options)
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
    const next = await this.#instead(link, query, first.code)
    if (next === undefined) return this.#read(first)
    return this.#finish(next, query, await this.#submit(next, query))
  }

  /**
   * The result of a statement that ran here, once more: its chunks are at new addresses. `id` is
   * Snowflake's. Errors: SessionGone, UpstreamUnavailable, UpstreamAnswerRefused.
   */
  async result(id: string): Promise<UpstreamAnswer> {
    this.#refuseClosed()
    if (!queryId.test(id))
      throw FrostgateError.of('UpstreamAnswerRefused', { reason: 'it has no id' })
    const link = this.#link
    const path = `/queries/${id}/result`
    const answer = await link.send({ method: 'GET', path, signal: this.#severed.signal })
    if (sessionEnded.has(answer.code)) throw endedBySnowflake()
    return this.#read(await this.#awaitEnd(link, answer, false))
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
      const own = query.leaves === undefined
      const answer = await link.submit(requestId, statement, { signal: this.#severed.signal, own })
      // It ran, it may be, before the session ended: in another it would run again.
      if (answer.lost !== undefined && sessionEnded.has(answer.code)) throw answer.lost
      begun = answer.code === stillRunning
      return await this.#awaitEnd(link, answer, own)
    } catch (error) {
      const sent = begun || !(error instanceof FrostgateError) || wasSent(error)
      throw sent ? this.#doubt(link, query, requestId, error) : error
    }
  }

  async #awaitEnd(
    link: SnowflakeLink,
    first: UpstreamEnvelope,
    own: boolean,
  ): Promise<UpstreamEnvelope> {
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
      answer = await link.send({ method: 'GET', path, own, signal: this.#severed.signal })
      // The statement had begun: what became of it is not known.
      if (sessionEnded.has(answer.code)) throw endedBySnowflake()
    }
    return answer
  }

  /** What is to be told of a statement whose answer did not come. */
  #doubt(link: SnowflakeLink, query: UpstreamQuery, requestId: string, error: unknown): unknown {
    if (query.leaves !== undefined) this.#state.mayHaveRun(query.leaves)
    const lost = error instanceof FrostgateError && error.entry === 'UpstreamUnavailable'
    if (this.#closed && query.leaves !== undefined) {
      const reason = 'its session was closed meanwhile'
      return FrostgateError.of('StatementInDoubt', { reason }, { cause: error })
    }
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
  async #instead(
    ended: SnowflakeLink,
    query: UpstreamQuery,
    code: string,
  ): Promise<SnowflakeLink | undefined> {
    if (query.leaves === undefined || query.here === true) return undefined
    this.#refuseClosed()
    if (this.#link !== ended) return this.#link
    if (!this.#state.restorable) return undefined
    this.#reopening ??= this.#reopen(code).finally(() => (this.#reopening = undefined))
    return await this.#reopening
  }

  /** Errors: UpstreamUnavailable, RecordingUnavailable; nothing ran, and the next statement tries again. */
  async #reopen(code: string): Promise<SnowflakeLink | undefined> {
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
      if (this.#mayTakePlace(link)) await this.#tellReopened(link, code)
      // Meanwhile something may have been set, or the session closed.
      if (!this.#mayTakePlace(link)) {
        link.close().catch(() => undefined)
        return undefined
      }
      this.#link = link
      return link
    } catch (error) {
      const passes = !(error instanceof FrostgateError) || passing.has(error.entry)
      if (passes) throw error
      return undefined
    }
  }

  /** It stands where the one before stood, and nothing was set there that it lacks. */
  #mayTakePlace({ info }: SnowflakeLink): boolean {
    const { place, restorable } = this.#state
    const stands = (['database', 'schema', 'warehouse'] as const).every(
      (part) => info[part] === place[part],
    )
    return stands && restorable && !this.#closed
  }

  async #tellReopened(link: SnowflakeLink, code: string): Promise<void> {
    try {
      await this.#onReopen?.(`Snowflake had ended the session behind it (code ${code})`)
    } catch (error) {
      link.close().catch(() => undefined)
      throw error
    }
  }
}

/** Errors of the moment: the session that ended can still be opened anew. */
const passing: ReadonlySet<string> = new Set<ErrorName>([
  ...(['UpstreamUnavailable', 'RecordingUnavailable'] as const),
])
