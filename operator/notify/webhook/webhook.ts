/** A receiver of anybody's making: signed JSON by POST. */

import { createHash } from 'node:crypto'

import type { ApprovalRequest } from '../../../crds/types.ts'
import type { Phase } from '../../approvals/types.ts'
import type { Secret } from '../secret-file.ts'
import type { WebhookSettings } from '../settings.ts'
import { summaryOf } from '../summary.ts'
import { DeliveryFailed, retryAfterMs, type Target } from '../target.ts'
import { wantsConnections } from '../wants.ts'
import { signed } from './signature.ts'

export interface WebhookOptions {
  readonly settings: WebhookSettings
  readonly pageUrl: string | undefined
  readonly secret: Secret<readonly Buffer[]>
  readonly now?: () => Date
  /** For the whole of an attempt. */
  readonly timeoutMs?: number
}

export function webhookTarget(options: WebhookOptions): Target {
  const { settings, pageUrl, secret, now = () => new Date(), timeoutMs = 10_000 } = options
  const { name, url, includeStatement, connections } = settings
  const { host } = new URL(url)
  return {
    name,
    atOnce: 4,
    wants: wantsConnections(connections),
    tell: async (request, phase) => {
      const body = JSON.stringify({
        event: phase === 'Pending' ? 'requested' : 'decided',
        time: now().toISOString(),
        request: summaryOf(request, phase, { pageUrl, includeStatement }),
      })
      const keys = await secret().catch((error: unknown) => {
        throw new DeliveryFailed('target', error instanceof Error ? error.message : String(error))
      })
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'frostgate',
        ...signed(idOf(request, phase, name), now(), body, keys),
      }
      const response = await posted(url, host, { headers, body, timeoutMs })
      judge(response, host, now())
      return {}
    },
  }
}

/** The same for each attempt, and for another replica's: a receiver leaves out what it knows. */
function idOf({ metadata }: ApprovalRequest, phase: Phase, target: string): string {
  const { uid = '', namespace = '', name } = metadata
  const text = JSON.stringify([uid, namespace, name, phase, target])
  return `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

interface Post {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
}

/** Messages name the host only: a path or query may be a secret. */
async function posted(url: string, host: string, post: Post): Promise<Response> {
  const { headers, body, timeoutMs } = post
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    // What it says is nobody's business here.
    await response.body?.cancel()
    return response
  } catch (error) {
    const why =
      (error as Error).name === 'TimeoutError' ? `in ${timeoutMs / 1000} s` : codeOf(error)
    throw new DeliveryFailed(
      'target',
      `${host} did not answer (${why}). It is tried again until the request ends; see that the receiver is up, and that the operator reaches it.`,
    )
  }
}

function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : 'no connection'
}

/** What a status says about whom. Others than these are about the one request. */
const ofTarget: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 410, 425, 429])

function judge({ status, headers }: Response, host: string, now: Date): void {
  if (status >= 200 && status < 300) return
  const of = status >= 500 || status < 400 || ofTarget.has(status) ? 'target' : 'request'
  const advice =
    status < 400
      ? 'Redirects are not followed: write the final address into the settings.'
      : 'See why the receiver does not take it.'
  throw new DeliveryFailed(
    of,
    `${host} answered HTTP ${status}. It is tried again until the request ends. ${advice}`,
    retryAfterMs(headers.get('retry-after'), now),
  )
}
