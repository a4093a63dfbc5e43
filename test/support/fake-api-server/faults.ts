/** What can go wrong between a client and an API server, by name. */

import type { ServerResponse } from 'node:http'

export interface FaultContext {
  readonly response: ServerResponse
  /** Answers as if nothing were wrong. */
  readonly proceed: (options?: { readonly twice?: boolean; readonly deaf?: boolean }) => void
  readonly version: number
  /** Seconds, for Retry-After. */
  readonly retryAfter: number
  readonly delayMs: number
}

type Fault = (context: FaultContext) => void

function status(response: ServerResponse, code: number, reason: string, headers = {}): void {
  const message = `the server says ${reason}`
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message }))
}

function streamed(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write(text)
}

function errorEvent(code: number, reason: string): string {
  const object = { kind: 'Status', status: 'Failure', code, reason, message: reason }
  return `${JSON.stringify({ type: 'ERROR', object })}\n`
}

export const faults = {
  /** The connection is reset while the watch is open. */
  resetWatch: ({ response, proceed, delayMs }) => {
    proceed()
    setTimeout(() => response.destroy(), delayMs)
  },
  goneByStatus: ({ response }) => {
    status(response, 410, 'Expired')
  },
  goneByEvent: ({ response }) => {
    streamed(response, errorEvent(410, 'Expired'))
    response.end()
  },
  errorEvent: ({ response }) => {
    streamed(response, errorEvent(500, 'InternalError'))
    response.end()
  },
  unauthorized: ({ response }) => {
    status(response, 401, 'Unauthorized')
  },
  tooManyRequests: ({ response, retryAfter }) => {
    status(response, 429, 'TooManyRequests', { 'retry-after': String(retryAfter) })
  },
  unavailable: ({ response }) => {
    status(response, 503, 'ServiceUnavailable')
  },
  /** Accepts and never answers. */
  mute: () => undefined,
  /** Answers, and then not a byte comes any more. */
  halfOpen: ({ response, proceed }) => {
    proceed({ deaf: true })
    response.flushHeaders()
  },
  halfLine: ({ response }) => {
    streamed(response, '{"type":"ADDED","object":{"metadata":{"name":"ha')
    response.end()
  },
  garbage: ({ response }) => {
    streamed(response, 'this is not an event\n')
    response.end()
  },
  notAnObject: ({ response }) => {
    streamed(response, '{"type":"MODIFIED","object":{"metadata":{}}}\n')
    response.end()
  },
  slow: ({ proceed, delayMs }) => {
    setTimeout(proceed, delayMs)
  },
  serverError: ({ response }) => {
    status(response, 500, 'InternalError')
  },
  /** Each event comes twice. */
  duplicated: ({ proceed }) => {
    proceed({ twice: true })
  },
  /** The watch seems well and tells of no change. */
  bookmarksOnly: ({ response, proceed, version }) => {
    proceed({ deaf: true })
    const object = { kind: 'Bookmark', metadata: { resourceVersion: String(version) } }
    const bookmark = setInterval(() => {
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    }, 50)
    response.on('close', () => {
      clearInterval(bookmark)
    })
  },
  /** The watch ends as soon as it began. */
  endsAtOnce: ({ response }) => {
    streamed(response, '')
    response.end()
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
