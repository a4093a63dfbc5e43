/** A driver: sends a request again under its requestId, polls, renews, and fetches chunks. */

import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import { leaksIn } from '../answer-shape.ts'

export interface Taken {
  /** Rows that the client took as the whole result; undefined where it got an error. */
  readonly rows: readonly unknown[] | undefined
  readonly error: string | undefined
}

export interface Drops {
  /** Milliseconds after which the client's connection breaks, once. */
  statement?: number | undefined
  chunk?: number | undefined
}

interface Reply {
  readonly code: string | null
  readonly success: boolean
  readonly message: string
  readonly data: JsonObject
}

const attempts = 4
const mostPolls = 100

export class Driver {
  readonly #url: () => string
  readonly #mint: () => Promise<string>
  readonly #onLeak: (what: string) => void
  #token: string | undefined
  #master = ''

  constructor(url: () => string, mint: () => Promise<string>, onLeak: (what: string) => void) {
    this.#url = url
    this.#mint = mint
    this.#onLeak = onLeak
  }

  async query(body: JsonObject, drops: Drops = {}): Promise<Taken> {
    try {
      if (this.#token === undefined) await this.#login()
      const requestId = randomUUID()
      const asynchronous = body['asyncExec'] === true
      let reply = await this.#submit(requestId, body, drops)
      for (let polls = 0; reply.code === '333333' || reply.code === '333334'; polls += 1) {
        if (polls > mostPolls) return failed('still running')
        const path = String(reply.data['getResultUrl'])
        reply = await this.#again(() => this.#send('GET', path, undefined, drops))
          .catch(async (error: unknown) => {
            if (asynchronous) throw error
            return await this.#submit(requestId, body, drops)
          })
      }
      if (!reply.success) return failed(`${reply.code ?? ''} ${reply.message}`)
      if (typeof reply.data['resultIds'] !== 'string') return { rows: await this.#rows(reply.data, drops), error: undefined }
      for (const id of reply.data['resultIds'].split(',')) {
        const child = await this.#again(() => this.#send('GET', `/queries/${id}/result`, undefined, drops))
        if (!child.success) return failed(child.message)
      }
      return { rows: [], error: undefined }
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error))
    }
  } // prettier-ignore

  async logout(): Promise<void> {
    if (this.#token !== undefined) await this.#send('POST', '/session?delete=true', {}, {}).catch(() => undefined)
  } // prettier-ignore

  #submit(requestId: string, body: JsonObject, drops: Drops): Promise<Reply> {
    return this.#again(() => this.#send('POST', `/queries/v1/query-request?requestId=${requestId}`, body, drops))
  } // prettier-ignore

  async #login(): Promise<void> {
    const data = { AUTHENTICATOR: 'OAUTH', TOKEN: await this.#mint(), CLIENT_APP_ID: 'JavaScript', ACCOUNT_NAME: 'acme-demo' } // prettier-ignore
    const reply = await this.#again(() => this.#send('POST', '/session/v1/login-request', { data }, {})) // prettier-ignore
    if (!reply.success) throw new Error(`login: ${reply.message}`)
    this.#token = String(reply.data['token'])
    this.#master = String(reply.data['masterToken'])
  }

  /** A broken connection is tried again; an expired token renewed; a session that is gone is gone. */
  async #again(send: () => Promise<Reply>): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const reply = await send()
        if (reply.code === '390112' && attempt < attempts) await this.#renew()
        else {
          if (['390111', '390104', '390101'].includes(reply.code ?? '')) this.#token = undefined
          return reply
        }
      } catch (error) {
        if (attempt >= attempts) {
          this.#token = undefined
          throw error
        }
      }
    }
  }

  async #renew(): Promise<void> {
    const token = this.#token
    this.#token = this.#master
    const reply = await this.#send('POST', '/session/token-request', { oldSessionToken: token, requestType: 'RENEW' }, {}) // prettier-ignore
    if (!reply.success) throw new Error(`renewal: ${reply.message}`)
    this.#token = String(reply.data['sessionToken'])
  }

  async #send(method: string, path: string, body: unknown, drops: Drops): Promise<Reply> {
    const { statement } = drops
    drops.statement = undefined
    const response = await fetch(`${this.#url()}${path}`, {
      method,
      headers:
        this.#token === undefined ? {} : { authorization: `Snowflake Token="${this.#token}"` },
      signal: AbortSignal.timeout(statement ?? 60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    this.#look(bytes)
    const value: unknown = JSON.parse(bytes.toString())
    if (response.status !== 200 || !isObject(value)) throw new Error(`HTTP ${response.status}`)
    const { code, success, message, data } = value
    return {
      code: typeof code === 'string' ? code : null,
      success: success === true,
      message: String(message),
      data: isObject(data) ? data : {},
    }
  }

  async #rows(data: JsonObject, drops: Drops): Promise<readonly unknown[]> {
    const rows = [...((data['rowset'] ?? []) as readonly unknown[])]
    const headers = data['chunkHeaders'] as Readonly<Record<string, string>> | undefined
    for (const chunk of (data['chunks'] ?? []) as readonly { readonly url: string }[])
      rows.push(...(await this.#chunk(chunk.url, headers ?? {}, drops)))
    return rows
  }

  async #chunk(url: string, headers: Readonly<Record<string, string>>, drops: Drops): Promise<readonly unknown[]> {
    for (let attempt = 1; ; attempt += 1) {
      const { chunk } = drops
      drops.chunk = undefined
      try {
        const response = await fetch(url, { headers, signal: AbortSignal.timeout(chunk ?? 60_000) })
        if (response.status !== 200) throw new Error(`chunk: HTTP ${response.status}`)
        let bytes = Buffer.from(await response.arrayBuffer())
        // As drivers do: the magic bytes decide.
        if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
        this.#look(bytes)
        return JSON.parse(`[${bytes.toString()}]`) as unknown[]
      } catch (error) {
        if (attempt >= attempts) throw error
      }
    }
  } // prettier-ignore

  #look(bytes: Buffer): void {
    for (const what of leaksIn(bytes)) this.#onLeak(what)
  }
}

const failed = (error: string): Taken => ({ rows: undefined, error })
