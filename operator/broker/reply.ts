import type { ServerResponse } from 'node:http'

import type { BrokerError } from './errors.ts'

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes as they are; anything else as JSON. */
  readonly body?: unknown
}

export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.headersSent || response.destroyed) return
  const raw = Buffer.isBuffer(body)
  const bytes = raw ? body : body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    // Tokens and credentials pass here.
    'cache-control': 'no-store',
    ...(bytes === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
    ...headers,
  })
  response.end(bytes)
}

export function replyOf(error: BrokerError): Reply {
  const { retryAfter, ...details } = error.details
  return {
    status: error.status,
    headers: {
      ...(typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {}),
      // RFC 9449, 7.1.
      ...(error.status === 401 ? { 'www-authenticate': 'DPoP algs="ES256"' } : {}),
    },
    body: { ...error.refusal, ...details },
  }
}
