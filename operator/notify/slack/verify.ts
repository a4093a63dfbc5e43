/** Whether a request comes from Slack, for the first time, and just now. */

// Of this file alone: the package's own entry loads express and all of Slack's clients.
import bolt from '@slack/bolt/dist/receivers/verify-request.js'

import { linesOf, secretFile, type Secret } from '../secret-file.ts'

export interface Incoming {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly rawBody: Uint8Array
}

export type Verified =
  | { readonly verified: true; readonly body: string }
  | { readonly verified: false; readonly status: 401 | 413 | 503; readonly why: string }

export interface VerifierOptions {
  readonly secrets: Secret<readonly string[]>
  readonly now: () => Date
  /** Signatures that are remembered; when they are as many, nothing more is taken. */
  readonly mostRemembered?: number
}

/** The secrets of a file, one a line; two while it is changed. */
export function signingSecrets(path: string, now?: () => number): Secret<readonly string[]> {
  return secretFile(
    {
      path,
      what: "the app's signing secret",
      parse: (text) => {
        const all = linesOf(text)
        const good = all.every((each) => /^[0-9a-f]{32,128}$/.test(each))
        return good && all.length > 0 && all.length <= 4 ? all : undefined
      },
      advice: 'Write the "Signing Secret" of the app\'s basic information: hexadecimal digits.',
    },
    now,
  )
}

const mostBytes = 512 * 1024
const windowMs = 5 * 60_000

/** Before anything of it is read. */
export function verifier({ secrets, now, mostRemembered = 20_000 }: VerifierOptions) {
  /** By signature, until when it would be taken. In the order in which they came. */
  const seen = new Map<string, number>()
  const forget = (ms: number): void => {
    for (const [signature, until] of seen) if (until < ms) seen.delete(signature)
  }
  return async ({ headers, rawBody }: Incoming): Promise<Verified> => {
    if (rawBody.length > mostBytes) return refused(413, 'it is too long')
    const signature = headers['x-slack-signature'] ?? ''
    const timestamp = headers['x-slack-request-timestamp'] ?? ''
    // The library takes what follows a second "=" and what is no number, and any time to come.
    if (!/^v0=[0-9a-f]{64}$/.test(signature)) return refused(401, 'it is not signed')
    if (!/^[1-9]\d{8,10}$/.test(timestamp)) return refused(401, 'it has no time')
    const ms = now().getTime()
    const sent = Number(timestamp) * 1000
    if (Math.abs(ms - sent) > windowMs)
      return refused(401, 'its time differs by more than five minutes from the clock here')
    const body = textOf(rawBody)
    if (body === undefined) return refused(401, 'it is not text')
    const wanted = { body, signature, timestamp: Number(timestamp), ms }
    if (!(await secrets()).some((secret) => isBy(secret, wanted)))
      return refused(401, 'its signature is not by the signing secret')
    forget(ms)
    if (seen.has(signature)) return refused(401, 'it came before')
    if (seen.size >= mostRemembered) return refused(503, 'too many came; try again in minutes')
    seen.set(signature, sent + windowMs)
    return { verified: true, body }
  }
}

interface Wanted {
  readonly body: string
  readonly signature: string
  readonly timestamp: number
  readonly ms: number
}

function isBy(signingSecret: string, { body, signature, timestamp, ms }: Wanted): boolean {
  return bolt.isValidSlackRequest({
    signingSecret,
    body,
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp },
    nowMilliseconds: ms,
  })
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function refused(status: 401 | 413 | 503, why: string): Verified {
  return { verified: false, status, why }
}
