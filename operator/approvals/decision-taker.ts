/** Decisions that people make through the operator: the page and Slack. */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import { judgeAll, type Judgement, type RuleInForce } from './judge.ts'
import { decisionFrom, longestReason } from './decision-object.ts'
import type { ApprovalDesk, ApprovalStore, Person, PersonsDecision, Via } from './types.ts'

export interface DecisionTakerOptions {
  readonly store: ApprovalStore
  readonly ruleOf: (request: ApprovalRequest) => RuleInForce
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export function decisionTaker(
  options: DecisionTakerOptions,
): Pick<ApprovalDesk, 'decide' | 'mayDecide'> {
  const { store, ruleOf, now } = options

  function judged(
    request: ApprovalRequest,
    decisions: readonly ApprovalDecision[],
    candidate: ApprovalDecision,
  ): Judgement | undefined {
    const time = now()
    const creationTimestamp = new Date(Math.max(time, madeNow(request))).toISOString()
    const made = { ...candidate, metadata: { ...candidate.metadata, creationTimestamp } }
    return judgeAll(request, [...decisions, made], ruleOf(request), time).get(made)
  }

  async function decide(given: PersonsDecision) {
    const request = await store.readRequest(given.request)
    if (request === undefined) {
      return no(`There is no request ${given.request.name} any more.`)
    }
    if (given.verdict === 'Deny' && (given.reason ?? '').trim() === '') {
      return no('Say why you deny it; the agent is told.')
    }
    if ((given.reason ?? '').length > longestReason) {
      return no(`Say it in ${longestReason} characters.`)
    }
    const rule = ruleOf(request)
    const candidate = decisionFrom(request, given, typeof rule === 'object' ? rule : undefined)
    const judgement = judged(request, await store.readDecisions(given.request), candidate)
    if (judgement?.counts === false) return no(sentence(judgement.message))
    const made = await store.createDecision(candidate)
    return made === 'created'
      ? ({ taken: true } as const)
      : no('You have decided about this already, and once made a decision stays as it is.')
  }

  function mayDecide(request: ApprovalRequest, person: Person): true | string {
    const via = viaOf(request, person)
    const given = {
      digest: request.spec.statementDigest,
      verdict: 'Approve',
      reason: undefined,
      via,
      person,
    } as const
    const rule = ruleOf(request)
    const made = decisionFrom(request, given, typeof rule === 'object' ? rule : undefined)
    const { namespace = '', name } = request.metadata
    const signed = { ...made, spec: { ...made.spec, ...(via === 'Key' ? { signature: '-' } : {}) } }
    const judgement = judged(request, store.decisions({ namespace, name }), signed)
    return judgement?.counts === false ? sentence(judgement.message) : true
  }

  return { decide, mayDecide }
}

/** The clock of whoever keeps the request may be ahead of ours: what is made now is not older than it. */
function madeNow({ metadata }: ApprovalRequest): number {
  const made = Date.parse(metadata.creationTimestamp ?? '')
  return Number.isNaN(made) ? 0 : made
}

function viaOf({ spec }: ApprovalRequest, { slack, issuer }: Person): Via {
  if (slack !== undefined) return 'Slack'
  if (issuer !== undefined) return 'Oidc'
  return spec.pod === undefined ? 'Key' : 'Kubernetes'
}

function no(why: string) {
  return { taken: false, why } as const
}

/** Some begin with a user's name, which stays as it is. */
function sentence(message: string): string {
  return `${message.replace(/^(a|it|its|nobody|request|the|what|where)\b/, capitalised)}.`
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
