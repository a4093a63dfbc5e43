/** A stand-in for Slack: its Web API, where answers go, and interactions that it signs. */

import { createHmac } from 'node:crypto'

import { receiver, type Received, type Receiver, type ReceivesAt } from '../support.ts'

export const signingSecret = 'a'.repeat(32)
export const team = 'T0123456789'
export const stranger = 'U0STRANGER'

export interface SlackStandIn {
  readonly api: Receiver
  /** Of the Web API, by method. */
  calls(method: string): readonly Readonly<Record<string, string>>[]
  /** What people were answered, in order. */
  answers(): readonly string[]
  /** What the Web API answers instead, by method. */
  readonly instead: Map<string, { status: number; headers?: Record<string, string>; body: string }>
}

export async function slackStandIn(at?: ReceivesAt): Promise<SlackStandIn> {
  const api = await receiver(at)
  const instead: SlackStandIn['instead'] = new Map()
  let posted = 0
  api.answer = ({ path }) => {
    if (path.startsWith('/hooks/')) return { status: 200, body: 'ok' }
    const method = path.replace('/api/', '')
    const other = instead.get(method)
    if (other !== undefined) return other
    posted += 1
    const body = JSON.stringify({ ok: true, channel: 'C0123456789', ts: `1700000000.${posted}` })
    return { status: 200, headers: { 'content-type': 'application/json' }, body }
  }
  const of = (prefix: string): readonly Received[] =>
    api.received.filter(({ path }) => path.startsWith(prefix))
  return {
    api,
    instead,
    calls: (method) =>
      of(`/api/${method}`).map(({ body }) => Object.fromEntries(new URLSearchParams(body))),
    answers: () =>
      of('/hooks/').map(({ body }) => (JSON.parse(body) as { readonly text: string }).text),
  }
}

export interface SignedInteraction {
  readonly headers: Readonly<Record<string, string>>
  readonly rawBody: Buffer
}

export function signedBody(
  text: string,
  seconds: number,
  secret = signingSecret,
): SignedInteraction {
  const hex = createHmac('sha256', secret).update(`v0:${seconds}:${text}`).digest('hex')
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${hex}`,
    },
    rawBody: Buffer.from(text),
  }
}

export function interaction(payload: unknown, seconds: number, secret?: string): SignedInteraction {
  const text = `payload=${encodeURIComponent(JSON.stringify(payload))}`
  return signedBody(text, seconds, secret)
}

interface Press {
  readonly action: string
  readonly value: string
  readonly user: string
  readonly responseUrl: string
  readonly team?: string
  readonly userTeam?: string
}

export function pressed({ action, value, user, responseUrl, ...more }: Press) {
  return {
    type: 'block_actions',
    team: { id: more.team ?? team },
    user: { id: user, team_id: more.userTeam ?? more.team ?? team },
    trigger_id: '1.2.trigger',
    response_url: responseUrl,
    actions: [{ type: 'button', action_id: action, value }],
  }
}

export function submitted(metadata: string, reason: string, user: string) {
  return {
    type: 'view_submission',
    team: { id: team },
    user: { id: user, team_id: team },
    view: {
      callback_id: 'frostgate_denial',
      private_metadata: metadata,
      state: {
        values: { frostgate_reason: { reason: { type: 'plain_text_input', value: reason } } },
      },
    },
  }
}
