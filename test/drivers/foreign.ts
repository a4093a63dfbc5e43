/** Somebody else at the same gateway, whose results are nobody else's business. */

import { randomUUID } from 'node:crypto'

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import type { Addresses } from './gateway.ts'

export interface Foreign {
  /** Of a statement that succeeded; its session is open. */
  readonly queryId: string
}

export async function foreignStatement({ gateway, issuer }: Addresses): Promise<Foreign> {
  const token = await textAt(`${issuer}/token`, 'access_token', {
    subject: 'somebody-else',
    groups: ['ai-coding-agents'],
  })
  const session = await textAt(`${gateway}/session/v1/login-request`, 'token', {
    data: { ACCOUNT_NAME: 'acme-demo', AUTHENTICATOR: 'OAUTH', TOKEN: token },
  })
  const path = `/queries/v1/query-request?requestId=${randomUUID()}`
  const sqlText = 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id LIMIT 7'
  return { queryId: await textAt(`${gateway}${path}`, 'queryId', { sqlText }, session) }
}

/** Of the answer, or of its `data`. */
export async function textAt(
  url: string,
  name: string,
  body: JsonObject,
  token?: string,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Snowflake Token="${token}"` }),
    },
    body: JSON.stringify(body),
  })
  const answer: unknown = await response.json()
  const data = isObject(answer) && isObject(answer['data']) ? answer['data'] : answer
  const value = isObject(data) ? data[name] : undefined
  if (typeof value === 'string') return value
  throw new Error(`POST ${new URL(url).pathname}: no ${name} in ${JSON.stringify(answer)}`)
}
