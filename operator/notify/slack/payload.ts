/** What somebody did in Slack, read from what Slack sends. Whatever is not known is undefined. */

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import { actions, denial, readButtonValue, type Seen } from './actions.ts'

export interface Actor {
  /** Every workspace that is named: in a shared channel, the person may be of another. */
  readonly teams: readonly string[]
  readonly user: string
}

export type Interaction =
  /** A button that opens the page: Slack tells of it, and there is nothing to do. */
  | { readonly kind: 'opened'; readonly actor: Actor }
  | {
      readonly kind: 'pressed'
      readonly verdict: 'Approve' | 'Deny'
      readonly actor: Actor
      readonly seen: Seen
      readonly answerTo: string
      readonly trigger: string
    }
  | {
      readonly kind: 'denied'
      readonly actor: Actor
      readonly seen: Seen
      readonly reason: string
      /** Where the person is answered; the form has kept it. */
      readonly answerTo: string
    }

export function readInteraction(body: string): Interaction | undefined {
  const all = new URLSearchParams(body).getAll('payload')
  const [text] = all
  if (text === undefined || all.length > 1) return undefined
  const payload = jsonOf(text)
  const actor = payload && actorOf(payload)
  if (payload === undefined || actor === undefined) return undefined
  if (payload['type'] === 'block_actions') return pressed(payload, actor)
  if (payload['type'] === 'view_submission') return denied(payload, actor)
  return undefined
}

function actorOf(payload: JsonObject): Actor | undefined {
  const user = objectIn(payload, 'user')
  const id = textIn(user, 'id')
  const team = textIn(objectIn(payload, 'team'), 'id')
  if (id === undefined || team === undefined) return undefined
  const own = user?.['team_id'] ?? team
  return typeof own === 'string' ? { user: id, teams: [team, own] } : undefined
}

function pressed(payload: JsonObject, actor: Actor): Interaction | undefined {
  const { actions: all } = payload
  const [action, more] = Array.isArray(all) ? (all as readonly unknown[]) : []
  if (!isObject(action) || more !== undefined) return undefined
  const { action_id: id } = action
  if (id === actions.open) return { kind: 'opened', actor }
  const verdict = id === actions.approve ? 'Approve' : id === actions.deny ? 'Deny' : undefined
  const seen = readButtonValue(textIn(action, 'value') ?? '')
  const answerTo = textIn(payload, 'response_url')
  const trigger = textIn(payload, 'trigger_id')
  if (verdict === undefined || seen === undefined) return undefined
  if (answerTo === undefined || trigger === undefined) return undefined
  return { kind: 'pressed', verdict, actor, seen, answerTo, trigger }
}

function denied(payload: JsonObject, actor: Actor): Interaction | undefined {
  const view = objectIn(payload, 'view')
  if (view?.['callback_id'] !== denial.callback) return undefined
  const kept = jsonOf(textIn(view, 'private_metadata') ?? '')
  const seen = readButtonValue(textIn(kept, 'seen') ?? '')
  const answerTo = textIn(kept, 'answerTo')
  const values = objectIn(objectIn(view, 'state'), 'values')
  const reason = textIn(objectIn(objectIn(values, denial.block), denial.input), 'value')
  if (seen === undefined || answerTo === undefined) return undefined
  return { kind: 'denied', actor, seen, answerTo, reason: (reason ?? '').trim() }
}

/** What the form for a denial keeps. */
export function keptInForm(value: string, answerTo: string): string {
  return JSON.stringify({ seen: value, answerTo })
}

function jsonOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function objectIn(value: JsonObject | undefined, field: string): JsonObject | undefined {
  const found = value !== undefined && Object.hasOwn(value, field) ? value[field] : undefined
  return isObject(found) ? found : undefined
}

function textIn(value: JsonObject | undefined, field: string): string | undefined {
  const found = value !== undefined && Object.hasOwn(value, field) ? value[field] : undefined
  return typeof found === 'string' ? found : undefined
}
