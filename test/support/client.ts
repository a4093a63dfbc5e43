/** A driver, as far as tests need one: HTTP with every field in the test's hands. */

import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'

import { expect } from 'vitest'

import { isObject, type JsonObject } from '../../sidecar/json.ts'

export interface ClientAnswer {
  readonly status: number
  readonly code: string | null
  readonly message: string
  readonly success: boolean
  readonly data: JsonObject
  readonly text: string
}

export interface LoginOptions {
  /** Query parameters: roleName, warehouse, databaseName, schemaName. */
  readonly query?: Readonly<Record<string, string>>
  /** Over the fields of `data`. */
  readonly data?: JsonObject
}

export interface QueryOptions {
  readonly requestId?: string
  readonly token?: string
  /** Over the fields of the body. */
  readonly body?: JsonObject
}

export interface RawAnswer {
  readonly text: string
  readonly closed: boolean
  /** The socket's error, such as a reset. */
  readonly failed: string | undefined
}

export class GatewayClient {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async send(
    method: string,
    path: string,
    options: { readonly body?: string | Uint8Array<ArrayBuffer>; readonly token?: string } = {},
  ): Promise<ClientAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(options.token === undefined
          ? {}
          : { authorization: `Snowflake Token="${options.token}"` }),
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    })
    return answerOf(response.status, await response.text())
  }

  post(path: string, body: unknown, token?: string): Promise<ClientAnswer> {
    return this.send('POST', path, {
      body: JSON.stringify(body),
      ...(token === undefined ? {} : { token }),
    })
  }

  login(oidcToken: string, { query = {}, data = {} }: LoginOptions = {}): Promise<ClientAnswer> {
    const path = `/session/v1/login-request?${new URLSearchParams(query).toString()}`
    return this.post(path, {
      data: {
        CLIENT_APP_ID: 'JavaScript', CLIENT_APP_VERSION: '3.3.0', ACCOUNT_NAME: 'acme-demo',
        AUTHENTICATOR: 'OAUTH', TOKEN: oidcToken, ...data,
      },
    }) // prettier-ignore
  }

  async open(oidcToken: string, options?: LoginOptions): Promise<ClientSession> {
    const answer = await this.login(oidcToken, options)
    if (!answer.success) throw new Error(`the login was refused: ${answer.message}`)
    return new ClientSession(this, textIn(answer.data, 'token'), textIn(answer.data, 'masterToken'))
  }

  /** Writes bytes on a socket and gives what comes back until it closes, or `waitMs` are over. */
  async raw(
    bytes: string | Uint8Array,
    { end = false, waitMs = 1_000 }: { end?: boolean; waitMs?: number } = {},
  ): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.url)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    let text = ''
    socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')))
    let failed: string | undefined
    socket.on('error', (error) => (failed = error.message))
    const closed = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        resolve(false)
      }, waitMs)
      const done = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      socket.on('end', done).on('close', done)
      socket.write(bytes, () => {
        if (end) socket.end()
      })
    })
    socket.destroy()
    return { text, closed, failed }
  }
}

export class ClientSession {
  readonly client: GatewayClient
  token: string
  readonly master: string

  constructor(client: GatewayClient, token: string, master: string) {
    this.client = client
    this.token = token
    this.master = master
  }

  query(sql: string, options: QueryOptions = {}): Promise<ClientAnswer> {
    return this.client.post(
      `/queries/v1/query-request?requestId=${options.requestId ?? randomUUID()}`,
      { sqlText: sql, asyncExec: false, describeOnly: false, ...options.body },
      options.token ?? this.token,
    )
  }

  post(path: string, body: unknown = {}): Promise<ClientAnswer> {
    return this.client.post(path, body, this.token)
  }

  get(path: string): Promise<ClientAnswer> {
    return this.client.send('GET', path, { token: this.token })
  }

  logout(): Promise<ClientAnswer> {
    return this.post('/session?delete=true')
  }
}

export function textIn(data: JsonObject, name: string): string {
  const value = data[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text`)
  return value
}

function answerOf(status: number, text: string): ClientAnswer {
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error(`not an envelope: ${text.slice(0, 200)}`)
  return {
    status,
    code: typeof value['code'] === 'string' ? value['code'] : null,
    message: typeof value['message'] === 'string' ? value['message'] : '',
    success: value['success'] === true,
    data: isObject(value['data']) ? value['data'] : {},
    text,
  }
}

/** What no error may hold, whatever it is about. */
const neverShown =
  /node:internal|node_modules|file:\/\/|\bat (?:async )?[\w.]+ \(|\.ts:\d|\/tmp\/|\/home\/|BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10}|ETMsDgAAAY|\b9\d\d-\d\d-\d{4}\b/

/** One clear error in Snowflake's shape, under which no driver retries, and which gives nothing away. */
export function expectRefusal(answer: ClientAnswer, entry: string, status = 200): void {
  expect(answer).toMatchObject({
    status,
    success: false,
    code: expect.stringMatching(/^\d{6}$/) as string,
    data: {
      errorCode: answer.code,
      sqlState: expect.stringMatching(/^[0-9A-Z]{5}$/) as string,
      queryId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
    },
  })
  expect(answer.message).toContain(`[Frostgate ${entry}]`)
  expect(answer.text).not.toMatch(neverShown)
}
