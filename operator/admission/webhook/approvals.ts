/** The webhooks of decisions: who made one is written into it, and told at once if it cannot count. */

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import type { RuleInForce } from '../../approvals/judge.ts'
import type { Key } from '../../approvals/types.ts'
import { authorOf } from '../approval/author.ts'
import { stamp } from '../approval/stamp.ts'
import { decisionRefusal, unknownRequest } from '../approval/verify.ts'
import {
  allow,
  allowWith,
  answer,
  deny,
  fault,
  forbid,
  unavailable,
  type Verdict,
} from './answer.ts'
import { objectTooLarge } from './bounds.ts'
import { refuse } from '../refusals/catalogue.ts'
import { record, requestOf, type AdmissionAnswer, type AdmissionRequest } from './review.ts'

export interface ApprovalAdmission {
  /** User name of the operator at the API server. */
  readonly operatorUser: string
  /** Whether requests of that namespace are the operator's to make. */
  serves(namespace: string): boolean
  /** From memory, or else from where it is kept. Rejects if that cannot be asked. */
  request(key: Key): Promise<ApprovalRequest | undefined>
  /** About the request, as far as they are known. */
  decisions(request: Key): readonly ApprovalDecision[]
  /** That asks for the request, as it is in force. */
  ruleFor(request: ApprovalRequest): RuleInForce
  /** Milliseconds since the epoch. */
  now(): number
  /** Logs a fault, and names it. */
  incident(error: unknown): string
}

type Judge = (
  request: AdmissionRequest,
  about: ApprovalRequest,
  admission: ApprovalAdmission,
) => Verdict

const judges: Readonly<Record<string, Judge>> = { '/stamp': stamped, '/decide': decided }

export const approvalPaths: readonly string[] = Object.keys(judges)

/** As `admissionHandler`, for the paths of decisions: never rejects. */
export function approvalHandler(
  admission: ApprovalAdmission,
): (path: string, review: unknown) => Promise<AdmissionAnswer> {
  return async (path, review) => {
    const request = requestOf(review)
    if (request === undefined) return answer('', unknown('is no AdmissionReview'))
    try {
      return answer(request.uid, await judge(path, request, admission))
    } catch (error) {
      return answer(request.uid, fault(admission.incident(error)))
    }
  }
}

async function judge(
  path: string,
  request: AdmissionRequest,
  admission: ApprovalAdmission,
): Promise<Verdict> {
  const { operation, resource, subResource = '', namespace } = request
  const what = `${operation} ${resource.group}/${resource.resource}${subResource && `/${subResource}`}`
  const found = judges[path]
  if (found === undefined || what !== 'CREATE frostgate.dev/approvaldecisions')
    return unknown(`${what} is not judged at ${path}`)
  if (namespace === undefined || namespace === '') return unknown('has no namespace')
  const refusal = objectTooLarge(request.object)
  if (refusal !== undefined) return deny([refusal])
  if (!admission.serves(namespace))
    return forbid(
      `frostgate: namespace ${namespace} has no connections that are served, and so no requests. Decisions are made in the namespace of the request.`,
    )
  const name = record(record(record(request.object)['spec'])['requestRef'])['name']
  if (typeof name !== 'string' || !nameForm.test(name))
    return forbid(`frostgate: ${unknownRequest(namespace, name)}`)
  let about: ApprovalRequest | undefined
  try {
    about = await admission.request({ namespace, name })
  } catch (error) {
    const incident = admission.incident(error)
    return unavailable(
      `request ${name} cannot be read at the moment (incident ${incident}). Try again`,
    )
  }
  if (about === undefined) return forbid(`frostgate: ${unknownRequest(namespace, name)}`)
  return found(request, about, admission)
}

/** Of objects, so that no other path is asked for at the API server. */
const nameForm = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

function stamped(
  request: AdmissionRequest,
  about: ApprovalRequest,
  { operatorUser }: ApprovalAdmission,
): Verdict {
  const result = stamp(request.object, { author: authorOf(request), operatorUser, request: about })
  return 'refusal' in result
    ? forbid(`frostgate: ${result.refusal}`)
    : allowWith([], result.operations)
}

function decided(
  request: AdmissionRequest,
  about: ApprovalRequest,
  admission: ApprovalAdmission,
): Verdict {
  const { namespace = '', name } = about.metadata
  const refusal = decisionRefusal(request.object, {
    author: authorOf(request),
    operatorUser: admission.operatorUser,
    request: about,
    decisions: admission.decisions({ namespace, name }),
    rule: admission.ruleFor(about),
    now: admission.now(),
  })
  return refusal === undefined ? allow : forbid(`frostgate: ${refusal}`)
}

function unknown(what: string): Verdict {
  return deny([refuse('UnknownRequest', '', `the request ${what}`)])
}
