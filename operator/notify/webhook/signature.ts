/**
 * Signatures after the specification "Standard Webhooks" (symmetric, v1): HMAC-SHA256 over
 * `id.timestamp.body`. https://www.standardwebhooks.com
 */

import { createHmac } from 'node:crypto'

import { linesOf, secretFile, type Secret } from '../secret-file.ts'

/**
 * The keys of a file, one a line. While a secret is changed there are two, and messages carry a
 * signature by each: the receiver accepts whichever it knows.
 */
export function webhookSecret(path: string, now?: () => number): Secret<readonly Buffer[]> {
  return secretFile(
    {
      path,
      what: "a webhook's secret",
      parse: keysIn,
      advice:
        'Write "whsec_" and 24 to 64 random bytes in base64, such as by: echo "whsec_$(openssl rand -base64 32)"',
    },
    now,
  )
}

function keysIn(text: string): readonly Buffer[] | undefined {
  const keys = linesOf(text).map((line) => {
    const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(line)?.[1]
    const key = Buffer.from(base64 ?? '', 'base64')
    return key.length >= 24 && key.length <= 64 ? key : undefined
  })
  const good = keys.filter((key) => key !== undefined)
  return good.length === keys.length && good.length > 0 && good.length <= 4 ? good : undefined
}

export interface Signed {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

export function signed(id: string, time: Date, body: string, keys: readonly Buffer[]): Signed {
  const timestamp = String(Math.floor(time.getTime() / 1000))
  const signatures = keys.map(
    (key) =>
      `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
