/** One Snowflake account over HTTP: builds requests anew, reads capped JSON answers. */

import { Pool, type Dispatcher } from 'undici'

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'

export interface TransportOptions {
  /** `https://<account>.snowflakecomputing.com`; plain http only for loopback (checked by the bundle). */
  readonly url: string
  /** Certificates that alone may sign the account's, PEM; null is the public roots. */
  readonly trust?: string | null
  /** Milliseconds until the headers of an answer, and between its pieces. */
  readonly timeoutMs?: number
  /** Bytes of one answer. */
  readonly answerLimit?: number
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly token?: string
  /** Cuts it off: nobody waits for its answer any more. */
  readonly signal?: AbortSignal
}

/** A Snowflake envelope, its outer shape checked. */
export interface UpstreamEnvelope {
  readonly success: boolean
  /** Digits; empty if there is none. */
  readonly code: string
  readonly message: string
  readonly data: JsonObject
}

export interface Transport {
  readonly url: string
  send(request: UpstreamRequest): Promise<UpstreamEnvelope>
  close(): Promise<void>
}

const defaultTimeoutMs = 120_000
const defaultAnswerLimit = 64 * 1024 * 1024

/** Errors of `send`: UpstreamUnavailable, UpstreamAnswerRefused. */
export function httpTransport(options: TransportOptions): Transport {
  const timeout = options.timeoutMs ?? defaultTimeoutMs
  const limit = options.answerLimit ?? defaultAnswerLimit
  const trust = options.trust ?? null
  const open = (connections: number): Pool =>
    new Pool(options.url, {
      connections,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connectTimeout: 10_000,
      ...(trust === null ? {} : { connect: { ca: trust } }),
    })
  const pools = { statements: open(64), control: open(16) }
  return {
    url: options.url,
    send: async (request) => {
      const query = new URLSearchParams(request.query).toString()
      let status: number
      let text: string
      try {
        const response = await requestTwice(
          isStatement(request) ? pools.statements : pools.control,
          {
            method: request.method,
            path: query === '' ? request.path : `${request.path}?${query}`,
            headers: headersOf(request),
            body: request.body === undefined ? null : JSON.stringify(request.body),
            ...(request.signal === undefined ? {} : { signal: request.signal }),
          },
        )
        status = response.statusCode
        text = await readCapped(response.body, limit)
      } catch (error) {
        if (error instanceof FrostgateError) throw error
        throw FrostgateError.of(
          'UpstreamUnavailable',
          { reason: describe(error) },
          { cause: error },
        )
      }
      return parseEnvelope(status, text)
    },
    close: async () => {
      await Promise.all([pools.statements.destroy(), pools.control.destroy()])
    },
  }
}

/** Snowflake holds these for 45 s; a cancel or a logout must not queue behind them. */
function isStatement({ method, path }: UpstreamRequest): boolean {
  return method === 'GET' || path === '/queries/v1/query-request'
}

/** Codes of a kept-alive connection that the other side had closed. */
const brokenConnection = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Once more on a broken connection: the requestId makes a repeated statement the same statement. */
async function requestTwice(
  pool: Pool,
  request: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  try {
    return await pool.request(request)
  } catch (error) {
    if (!brokenConnection.has(String((error as { code?: unknown }).code))) throw error
    return await pool.request(request)
  }
}

function headersOf(request: UpstreamRequest): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': 'Frostgate',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(request.token === undefined ? {} : { authorization: `Snowflake Token="${request.token}"` }),
  }
}

async function readCapped(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > limit)
      throw FrostgateError.of('UpstreamAnswerRefused', {
        reason: `it is larger than ${limit} bytes`,
      })
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Never quotes what was received: an error page may hold anything. */
function parseEnvelope(status: number, text: string): UpstreamEnvelope {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw FrostgateError.of('UpstreamUnavailable', {
      reason: `it answered HTTP ${status} without JSON`,
    })
  }
  if (!isObject(value))
    throw FrostgateError.of('UpstreamUnavailable', {
      reason: `it answered HTTP ${status} without an object`,
    })
  // Snowflake says no with 200 or 4xx and an envelope. A redirect would lead to another host.
  if (status >= 500 || status < 200 || (status >= 300 && status < 400))
    throw FrostgateError.of('UpstreamUnavailable', { reason: `it answered HTTP ${status}` })
  const { code, message, data, success } = value
  return {
    success: success === true && status < 300,
    code: typeof code === 'string' && /^\d{1,6}$/.test(code) ? code : '',
    message: typeof message === 'string' ? message : '',
    data: isObject(data) ? data : {},
  }
}

/** undici's messages name addresses and timeouts, never content. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed'
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? `${error.message} (${code})` : error.message
}
