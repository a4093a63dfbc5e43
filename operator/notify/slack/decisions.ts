/** What a verified interaction comes to: a sentence for the person, and perhaps a decision. */

import type { ApprovalRequest } from '../../../crds/types.ts'
import { visibleText } from '../../../sidecar/statement/visible-text.ts'
import type { ApprovalDesk, ApprovalStore, Person } from '../../approvals/types.ts'
import type { SlackSettings } from '../settings.ts'
import { pageOf } from '../summary.ts'
import type { Seen } from './actions.ts'
import { isShownWhole } from './message.ts'
import type { Actor } from './payload.ts'

export interface DecisionsOptions {
  readonly settings: SlackSettings
  readonly pageUrl: string | undefined
  readonly desk: Pick<ApprovalDesk, 'decide' | 'mayDecide'>
  readonly store: Pick<ApprovalStore, 'readRequest'>
}

export interface Outcome {
  readonly done: boolean
  readonly sentence: string
}

type Found = { readonly person: Person; readonly request: ApprovalRequest } | string

export class SlackDecisions {
  readonly #options: DecisionsOptions

  constructor(options: DecisionsOptions) {
    this.#options = options
  }

  /** Undefined if the person may decide about it. */
  async whyNot(actor: Actor, seen: Seen): Promise<string | undefined> {
    const found = await this.#find(actor, seen)
    if (typeof found === 'string') return found
    const may = this.#options.desk.mayDecide(found.request, found.person)
    return may === true ? undefined : sentenceOf(may)
  }

  async decide(
    actor: Actor,
    seen: Seen,
    verdict: 'Approve' | 'Deny',
    reason: string | undefined,
  ): Promise<Outcome> {
    const found = await this.#find(actor, seen)
    if (typeof found === 'string') return { done: false, sentence: found }
    const { person, request } = found
    const page = pageOf(this.#options.pageUrl, request.metadata)
    if (verdict === 'Approve' && !isShownWhole(request, page)) {
      const sentence =
        'This statement is too long to be shown here whole. Read it, and approve it, on the page or by frostgate approve.'
      return { done: false, sentence }
    }
    const { digest } = seen
    const decision = {
      request: seen.request,
      digest,
      verdict,
      reason,
      via: 'Slack',
      person,
    } as const
    const taken = await this.#options.desk.decide(decision)
    const { name } = seen.request
    if (!taken.taken) return { done: false, sentence: sentenceOf(taken.why) }
    const what = verdict === 'Approve' ? 'approved' : 'denied'
    return { done: true, sentence: `You have ${what} request ${name}.` }
  }

  async #find(actor: Actor, seen: Seen): Promise<Found> {
    const person = personOf(actor, this.#options.settings)
    if (typeof person === 'string') return person
    const request = await this.#options.store.readRequest(seen.request)
    if (request === undefined) return `Request ${seen.request.name} is not there any more.`
    if (request.spec.statementDigest !== seen.digest)
      return 'This button is about another statement than the request. Nothing was decided; read the request again.'
    return { person, request }
  }
}

/** A sentence if Slack's user is nobody whom the settings know. */
function personOf({ user }: Actor, { teamId, people }: SlackSettings): Person | string {
  const mapped = Object.hasOwn(people, user) ? people[user] : undefined
  if (mapped === undefined)
    return `Your Slack user ${visibleText(user)} stands for nobody who may decide. Ask whoever runs Frostgate to name it under slack.people.`
  const { issuer, subject, groups, aliases } = mapped
  const username = `${issuer}#${subject}`
  return { username, groups, issuer, subject, aliases, slack: { team: teamId, user } }
}

function sentenceOf(why: string): string {
  const text = visibleText(why)
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return `Nothing was decided. ${begun}${/[.!?]$/.test(begun) ? '' : '.'}`
}
