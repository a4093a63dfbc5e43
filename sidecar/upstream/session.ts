/**
 * One Snowflake session held by the gateway. Its tokens live in private fields and leave only in
 * requests to Snowflake.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'
import { parseAnswer, type UpstreamAnswer } from './answer.ts'
import type { LoginSigner } from './login-signer.ts'
import { sessionParameters, type ResultFormat } from './parameters.ts'
import type { Transport, UpstreamEnvelope, UpstreamRequest } from './transport.ts'

export interface UpstreamLogin {
  readonly connection: string
  readonly account: string
  readonly user: string
  readonly role: string
  readonly warehouse: string
  readonly database: string | null
  readonly schema: string | null
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  readonly queryTag: string
  /** The agent's driver, so that Snowflake treats the session as that driver's. */
  readonly client: {
    readonly name: string
    readonly version: string
    readonly resultFormat: ResultFormat
  }
}

export interface UpstreamQuery {
  readonly sql: string
  readonly bindings: JsonObject | undefined
  readonly describeOnly: boolean
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  /** Called with Snowflake's request id before the statement is sent: a cancel needs it. */
  readonly onSend?: (requestId: string) => void
}

/** What Snowflake said on login, as far as the gateway uses it. */
export interface UpstreamSessionInfo {
  readonly serverVersion: string
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
  readonly database: string | null
  readonly schema: string | null
  readonly role: string | null
  readonly warehouse: string | null
}

const sessionExpired = '390112'
const stillRunning = '333333'
/** Codes of a session that Snowflake has ended; an expired token is one once it cannot be renewed. */
export const sessionEnded: ReadonlySet<string> = new Set([
  '390104', '390111', '390112', '390114', '390115',
]) // prettier-ignore

/** A statement may run for hours: one poll that fails must not lose it. */
const pollAttempts = 4

const resultPath = /^\/queries\/[\w-]{1,64}\/result$/

export class UpstreamSession {
  readonly info: UpstreamSessionInfo
  readonly #transport: Transport
  #token: string
  #masterToken: string | undefined
  #renewal: Promise<void> | undefined
  #closed = false
  readonly #severed = new AbortController()
  #sequence = 0
  /** Snowflake's query context cache, carried from answer to request and never shown to the client. */
  #queryContext: unknown

  private constructor(transport: Transport, data: JsonObject, token: string) {
    this.#transport = transport
    this.#token = token
    this.#masterToken = textOf(data['masterToken'])
    this.info = infoOf(data)
  }

  /** Errors: UpstreamLoginFailed, UpstreamUnavailable. */
  static async open(
    transport: Transport,
    signer: LoginSigner,
    login: UpstreamLogin,
  ): Promise<UpstreamSession> {
    const answer = await transport.send({
      method: 'POST',
      path: '/session/v1/login-request',
      query: {
        requestId: randomUUID(),
        roleName: settingName(login.role),
        warehouse: settingName(login.warehouse),
        ...(login.database === null ? {} : { databaseName: login.database }),
        ...(login.schema === null ? {} : { schemaName: login.schema }),
      },
      body: { data: await loginBody(signer, login) },
    })
    const token = textOf(answer.data['token'])
    if (!answer.success || token === undefined) throw loginFailed(login.connection, answer)
    return new UpstreamSession(transport, answer.data, token)
  }

  /**
   * Runs one statement to its end, polling while Snowflake says it is still running.
   * Errors: SessionGone, UpstreamUnavailable, UpstreamAnswerRefused.
   */
  async query(query: UpstreamQuery): Promise<UpstreamAnswer> {
    this.#refuseClosed()
    const requestId = randomUUID()
    query.onSend?.(requestId)
    const started = performance.now()
    const { signal } = this.#severed
    let answer = await this.#send({
      method: 'POST',
      path: '/queries/v1/query-request',
      query: { requestId },
      signal,
      body: {
        sqlText: query.sql,
        asyncExec: false,
        sequenceId: ++this.#sequence,
        querySubmissionTime: Date.now(),
        describeOnly: query.describeOnly,
        parameters: { ...query.parameters, MULTI_STATEMENT_COUNT: 1 },
        ...(query.bindings === undefined ? {} : { bindings: query.bindings }),
        ...(this.#queryContext === undefined ? {} : { queryContextDTO: this.#queryContext }),
      },
    })
    while (answer.code === stillRunning) {
      // Snowflake holds each poll for up to 45 s; a server that does not must not be hammered.
      await delay(Math.min(1_000, (performance.now() - started) / 10))
      this.#refuseClosed()
      answer = await this.#poll(answer)
    }
    this.#rememberContext(answer.data['queryContext'])
    return parseAnswer(answer)
  }

  async cancel(requestId: string): Promise<void> {
    await this.#send({
      method: 'POST',
      path: '/queries/v1/abort-request',
      query: { requestId: randomUUID() },
      body: { requestId },
    })
  }

  /** Keeps the session alive, as the client does its own. Errors: SessionGone, UpstreamUnavailable. */
  async heartbeat(): Promise<void> {
    const { code } = await this.#send({
      method: 'POST',
      path: '/session/heartbeat',
      query: { requestId: randomUUID() },
      body: {},
    })
    if (sessionEnded.has(code)) throw endedBySnowflake()
  }

  /** Runs nothing from now on. Renews an expired token for it: else the session would live on. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#send({
      method: 'POST',
      path: '/session',
      query: { delete: 'true', requestId: randomUUID() },
      body: {},
    })
  }

  /** Runs nothing from now on, and lets go of what runs: no answer to it is read any more. */
  sever(): void {
    this.#closed = true
    this.#severed.abort()
  }

  #refuseClosed(): void {
    if (this.#closed) throw FrostgateError.of('SessionGone', { reason: 'it was closed' })
  }

  async #poll(answer: UpstreamEnvelope): Promise<UpstreamEnvelope> {
    const path = answer.data['getResultUrl']
    if (typeof path !== 'string' || !resultPath.test(path)) {
      throw FrostgateError.of('UpstreamAnswerRefused', { reason: 'it names no result to wait for' })
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#send({ method: 'GET', path, signal: this.#severed.signal })
      } catch (error) {
        if (attempt === pollAttempts || this.#closed || !isUnavailable(error)) throw error
        await delay(100 * 2 ** attempt)
      }
    }
  }

  /** Sends under the session's token; renews it once if it has expired. */
  async #send(request: UpstreamRequest): Promise<UpstreamEnvelope> {
    const token = this.#token
    const answer = await this.#transport.send({ ...request, token })
    if (answer.code !== sessionExpired) return answer
    // Renewed meanwhile for another: a second renewal would take that one's new token away.
    if (this.#token === token) await this.#renew()
    return await this.#transport.send({ ...request, token: this.#token })
  }

  /** Statements that run side by side share one renewal. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#requestRenewal().finally(() => (this.#renewal = undefined))
    return this.#renewal
  }

  async #requestRenewal(): Promise<void> {
    const answer = await this.#transport.send({
      method: 'POST',
      path: '/session/token-request',
      query: { requestId: randomUUID() },
      body: { oldSessionToken: this.#token, requestType: 'RENEW' },
      ...(this.#masterToken === undefined ? {} : { token: this.#masterToken }),
    })
    const token = textOf(answer.data['sessionToken'])
    if (!answer.success || token === undefined) {
      throw FrostgateError.of('SessionGone', {
        reason: `Snowflake did not renew the gateway's session (code ${answer.code})`,
      })
    }
    this.#token = token
    this.#masterToken = textOf(answer.data['masterToken']) ?? this.#masterToken
  }

  #rememberContext(context: unknown): void {
    if (!isObject(context) || !Array.isArray(context['entries'])) return
    this.#queryContext = {
      entries: context['entries'].filter(isObject).map((entry) => ({
        id: entry['id'],
        timestamp: entry['timestamp'],
        priority: entry['priority'],
        context: textOf(entry['context']) === undefined ? {} : { base64Data: entry['context'] },
      })),
    }
  }
}

export function endedBySnowflake(): FrostgateError {
  return FrostgateError.of('SessionGone', { reason: 'Snowflake ended the session behind it' })
}

function isUnavailable(error: unknown): boolean {
  return error instanceof FrostgateError && error.entry === 'UpstreamUnavailable'
}

/** Snowflake folds names in login settings like identifiers: one that is not plain is quoted. */
function settingName(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

async function loginBody(signer: LoginSigner, login: UpstreamLogin): Promise<JsonObject> {
  const { authenticator, token, provider } = await signer.sign().catch((error: unknown) => {
    if (error instanceof FrostgateError) throw error
    const reason = `it got no credential (${error instanceof Error ? error.message : String(error)})`
    throw FrostgateError.of(
      'UpstreamLoginFailed',
      { connection: login.connection, reason },
      { cause: error },
    )
  })
  return {
    CLIENT_APP_ID: login.client.name,
    CLIENT_APP_VERSION: login.client.version,
    ACCOUNT_NAME: login.account,
    LOGIN_NAME: login.user,
    AUTHENTICATOR: authenticator,
    TOKEN: token,
    ...(provider === undefined ? {} : { PROVIDER: provider }),
    SECONDARY_ROLES: 'NONE',
    SESSION_PARAMETERS: sessionParameters({ ...login, resultFormat: login.client.resultFormat }),
    CLIENT_ENVIRONMENT: { APPLICATION: 'Frostgate' },
  }
}

function loginFailed(connection: string, answer: UpstreamEnvelope): FrostgateError {
  // Snowflake's login messages name the user, never the credential.
  const reason = `${answer.message === '' ? 'no session was given' : answer.message} (code ${answer.code === '' ? 'none' : answer.code})`
  return FrostgateError.of('UpstreamLoginFailed', { connection, reason })
}

function infoOf(data: JsonObject): UpstreamSessionInfo {
  const session = isObject(data['sessionInfo']) ? data['sessionInfo'] : {}
  const parameters = Array.isArray(data['parameters']) ? data['parameters'].filter(isObject) : []
  return {
    serverVersion: textOf(data['serverVersion']) ?? '0.0.0',
    parameters: parameters.flatMap(({ name, value }) =>
      typeof name === 'string' ? [{ name, value }] : [],
    ),
    database: textOf(session['databaseName']) ?? null,
    schema: textOf(session['schemaName']) ?? null,
    role: textOf(session['roleName']) ?? null,
    warehouse: textOf(session['warehouseName']) ?? null,
  }
}
