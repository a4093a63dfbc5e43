/**
 * One login at Snowflake and what follows from it: tokens, their renewal, requests under them. The
 * tokens live in private fields and leave only in requests to Snowflake.
 */

import { randomUUID } from 'node:crypto'

import { FrostgateError } from '../errors.ts'
import { endedBySnowflake, sessionEnded, tokenExpired } from './ended.ts'
import { asUnsent, wasSent } from './envelope.ts'
import { logIn, secondsOf, type UpstreamLogin, type UpstreamSessionInfo } from './login.ts'
import type { LoginSigner } from './login-signer.ts'
import { queryContextOf } from './query-context.ts'
import type { Transport, UpstreamEnvelope, UpstreamRequest } from './transport.ts'
import { tokenOf } from './token.ts'

/** Milliseconds: as long as a driver waits for the answer to its own. */
const beatPatienceMs = 5_000

export class SnowflakeLink {
  readonly info: UpstreamSessionInfo
  /** See `LoggedIn`. */
  readonly thin: boolean
  readonly #transport: Transport
  #token: string
  #masterToken: string | undefined
  #validity: number
  /** Milliseconds since the epoch. */
  #tokenSince: number
  #renewal: Promise<boolean> | undefined
  #beat: Promise<void> | undefined
  #sequence = 0
  /** Snowflake's query context cache, carried from answer to request and never shown to the client. */
  #queryContext: unknown

  private constructor(transport: Transport, loggedIn: Awaited<ReturnType<typeof logIn>>) {
    this.#transport = transport
    this.#token = loggedIn.token
    this.#masterToken = loggedIn.masterToken
    this.#validity = loggedIn.validity
    this.#tokenSince = Date.now()
    this.info = loggedIn.info
    this.thin = loggedIn.thin
  }

  /** Errors: UpstreamLoginFailed, UpstreamUnavailable. */
  static async open(
    transport: Transport,
    signer: LoginSigner,
    login: UpstreamLogin,
  ): Promise<SnowflakeLink> {
    return new SnowflakeLink(transport, await logIn(transport, signer, login))
  }

  /** One statement's first answer: its result, or that it still runs. */
  async submit(
    requestId: string,
    statement: Readonly<Record<string, unknown>>,
    { signal, own }: { readonly signal: AbortSignal; readonly own: boolean },
  ): Promise<UpstreamEnvelope> {
    return await this.send({
      method: 'POST',
      path: '/queries/v1/query-request',
      query: { requestId },
      signal,
      own,
      body: {
        ...statement,
        sequenceId: ++this.#sequence,
        querySubmissionTime: Date.now(),
        ...(this.#queryContext === undefined ? {} : { queryContextDTO: this.#queryContext }),
      },
    })
  }

  rememberContext(context: unknown): void {
    this.#queryContext = queryContextOf(context) ?? this.#queryContext
  }

  async cancel(requestId: string): Promise<void> {
    await this.send({
      method: 'POST',
      path: '/queries/v1/abort-request',
      query: { requestId: randomUUID() },
      body: { requestId },
    })
  }

  /** Errors: SessionGone, UpstreamUnavailable. */
  heartbeat(): Promise<void> {
    // A client may send them faster than Snowflake answers: all of them are this one.
    this.#beat ??= this.#sendBeat().finally(() => (this.#beat = undefined))
    return this.#beat
  }

  async #sendBeat(): Promise<void> {
    const { code } = await this.send({
      method: 'POST',
      path: '/session/heartbeat',
      query: { requestId: randomUUID() },
      body: {},
      signal: AbortSignal.timeout(beatPatienceMs),
    })
    if (sessionEnded.has(code)) throw endedBySnowflake()
  }

  /**
   * Keeps the session from ending unused, and renews its token while it is still good: until
   * `until`, in milliseconds since the epoch, it is not called again. Errors: as `heartbeat`.
   */
  async keepAlive(until: number): Promise<void> {
    const lapses = this.#tokenSince + this.#validity * 1_000
    if (this.#masterToken === undefined || until < lapses) await this.heartbeat()
    else if (!(await this.#renew())) throw endedBySnowflake()
  }

  /** Renews an expired token for it: else the session would live on. */
  async close(): Promise<void> {
    await this.send({
      method: 'POST',
      path: '/session',
      query: { delete: 'true', requestId: randomUUID() },
      body: {},
    })
  }

  /**
   * Sends under the session's token; renews it once if it has expired. Where that cannot be done,
   * the answer is that it expired.
   */
  async send(request: UpstreamRequest): Promise<UpstreamEnvelope> {
    const token = this.#token
    const answer = await this.#transport.send({ ...request, token })
    if (answer.code !== tokenExpired) return answer
    const { lost } = answer
    // Renewed meanwhile for another: a second renewal would take that one's new token away.
    if (this.#token === token && !(await this.#renewFor(request, lost))) return answer
    if (lost === undefined) return await this.#transport.send({ ...request, token: this.#token })
    try {
      // The same request id in the same session is the same statement, whatever the token.
      return { lost, ...(await this.#transport.send({ ...request, token: this.#token })) }
    } catch (error) {
      throw error instanceof FrostgateError && !wasSent(error) ? lost : error
    }
  }

  /** Where the renewal fails, the request was refused and, unless `lost`, nothing of it was done. */
  async #renewFor({ method }: UpstreamRequest, lost: FrostgateError | undefined): Promise<boolean> {
    try {
      return await this.#renew()
    } catch (error) {
      // A poll is of something that has begun.
      throw method === 'GET' ? error : (lost ?? asUnsent(error))
    }
  }

  /** Statements that run side by side share one renewal. False: there is no session to renew. */
  #renew(): Promise<boolean> {
    this.#renewal ??= this.#requestRenewal().finally(() => (this.#renewal = undefined))
    return this.#renewal
  }

  async #requestRenewal(): Promise<boolean> {
    if (this.#masterToken === undefined) return false
    const answer = await this.#transport.send({
      method: 'POST',
      path: '/session/token-request',
      query: { requestId: randomUUID() },
      body: { oldSessionToken: this.#token, requestType: 'RENEW' },
      token: this.#masterToken,
    })
    const token = tokenOf(answer.data['sessionToken'])
    if (!answer.success || token === undefined) {
      if (sessionEnded.has(answer.code)) return false
      throw FrostgateError.of('SessionGone', {
        reason: `Snowflake did not renew the gateway's session (code ${answer.code === '' ? 'none' : answer.code})`,
      })
    }
    this.#token = token
    this.#tokenSince = Date.now()
    this.#validity = secondsOf(answer.data['validityInSecondsST']) ?? this.#validity
    this.#masterToken = tokenOf(answer.data['masterToken']) ?? this.#masterToken
    return true
  }
}
