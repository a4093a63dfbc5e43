/** Captured conversations as texts to search, and the secrets that they carry. */

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import type { Secret } from './canaries.ts'
import type { Conversation } from './capture-proxy.ts'
import { httpMessages, type HttpMessage } from './http-messages.ts'

export interface Traffic {
  readonly requests: readonly HttpMessage[]
  readonly answers: readonly HttpMessage[]
  readonly bytes: number
}

export function trafficOf(conversations: readonly Conversation[]): Traffic {
  return {
    requests: conversations.flatMap(({ sent }) => httpMessages(sent)),
    answers: conversations.flatMap(({ received }) => httpMessages(received)),
    bytes: conversations.reduce(
      (sum, { sent, received }) => sum + sent.length + received.length,
      0,
    ),
  }
}

/** One direction twice: the bytes as they passed, and the messages unchunked and unzipped. */
export function textsOf(
  conversations: readonly Conversation[],
  direction: 'sent' | 'received',
): readonly string[] {
  return conversations.flatMap((conversation) => {
    const bytes = conversation[direction]
    const bodies = httpMessages(bytes).map(({ body }) => body.toString('utf8'))
    return [bytes.toString('latin1'), ...bodies]
  })
}

/** Session and master tokens, chunk keys and chunk addresses in what a server answered. */
export function issuedSecrets(side: string, { answers }: Traffic): readonly Secret[] {
  return answers.flatMap((answer) => {
    const data = dataOf(answer)
    const tokens = ['token', 'masterToken'].map((name) => [name, data[name]] as const)
    const headers = isObject(data['chunkHeaders']) ? Object.entries(data['chunkHeaders']) : []
    const chunks = Array.isArray(data['chunks']) ? data['chunks'].filter(isObject) : []
    const addresses = chunks.map(
      ({ url }) => ['chunk address', new URL(String(url)).pathname] as const,
    )
    return [...tokens, ...headers, ...addresses]
      .filter(([, value]) => typeof value === 'string' && value.length > 16)
      .map(([name, value]) => ({ name: `${side}: ${name}`, value: String(value) }))
  })
}

export function queryIds(side: string, { answers }: Traffic): readonly Secret[] {
  return answers.flatMap((answer) => {
    const id = dataOf(answer)['queryId']
    return typeof id === 'string' && id !== '' ? [{ name: `${side}: query id`, value: id }] : []
  })
}

export function requestIds(side: string, { requests }: Traffic): readonly Secret[] {
  return requests.flatMap(({ start }) => {
    const id = /requestId=([\w-]+)/.exec(start)?.[1]
    return id === undefined ? [] : [{ name: `${side}: requestId`, value: id }]
  })
}

/** The token with which a login was asked for. */
export function loginTokens(side: string, { requests }: Traffic): readonly Secret[] {
  return requests.flatMap((request) => {
    const token = dataOf(request)['TOKEN']
    return typeof token === 'string' ? tokenSecrets(`${side}: login token`, token) : []
  })
}

/** Whole, and the signature, which alone makes it worth anything. */
export function tokenSecrets(name: string, token: string): readonly Secret[] {
  const signature = token.split('.')[2] ?? ''
  return [
    { name, value: token },
    { name: `${name}, its signature`, value: signature },
  ]
}

/** `data` of an envelope or of a login; empty where there is none. */
function dataOf({ headers, body }: HttpMessage): JsonObject {
  if (!/json/.test(headers.get('content-type') ?? '')) return {}
  const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  return isObject(value) && isObject(value['data']) ? value['data'] : {}
}
