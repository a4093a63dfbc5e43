/** The admission webhooks: from a review to its answer, without the network. */

import type { InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { verifyConnect } from '../verify/connect.ts'
import { verifyEphemeral } from '../verify/ephemeral.ts'
import { verifyTokenRequest, type TokenRequestSpec } from '../verify/token-request.ts'
import { verifyUpdate } from '../verify/update.ts'
import { objectTooLarge, podTooLarge } from './bounds.ts'
import { allow, allowWith, answer, deny, fault, forbid, type Verdict } from './answer.ts'
import type { AdmissionDependencies } from './dependencies.ts'
import { injectPod, verifyPod } from './pods.ts'
import { record, requestOf, type AdmissionAnswer, type AdmissionRequest } from './review.ts'
import type { Pod } from '../pod.ts'

type Judge = (request: AdmissionRequest, dependencies: AdmissionDependencies) => Verdict

/** By path, then by `operation resource/subresource`. What is not here is refused. */
const judges: Readonly<Record<string, Readonly<Record<string, Judge>>>> = {
  '/inject': {
    'CREATE pods': (request, dependencies) =>
      injectPod(request, request.object as Pod, dependencies),
  },
  '/verify': {
    'CREATE pods': (request, dependencies) =>
      verifyPod(request, request.object as Pod, dependencies),
    'UPDATE pods': changed,
    'UPDATE pods/resize': changed,
    'UPDATE pods/ephemeralcontainers': ({ object }) => verdictOf(verifyEphemeral(object as Pod)),
    'CONNECT pods/exec': connect,
    'CONNECT pods/attach': connect,
    'CONNECT pods/portforward': () => allow,
    'CREATE serviceaccounts/token': ({ object, userInfo }) =>
      verdictOf(
        verifyTokenRequest(record(object)['spec'] as TokenRequestSpec, userInfo.username ?? ''),
      ),
  },
  '/validate': Object.fromEntries(
    [
      'snowflakeconnections',
      'agentpolicies',
      'maskingrules',
      'approvalrequests',
      'approvaldecisions',
    ]
      .flatMap((resource) => [`CREATE ${resource}`, `UPDATE ${resource}`])
      .map((key) => [key, validated]),
  ),
}

export const admissionPaths: readonly string[] = Object.keys(judges)

/**
 * Answers reviews posted to `path`. Never throws: a fault of ours is answered with 500 and the
 * name of its log entry. The HTTP status is 200 always; the verdict is within.
 */
export function admissionHandler(
  dependencies: AdmissionDependencies,
): (path: string, review: unknown) => AdmissionAnswer {
  return (path, review) => {
    const request = requestOf(review)
    if (request === undefined) return answer(uidOf(review), unknown('is no AdmissionReview'))
    try {
      return answer(request.uid, judge(path, request, dependencies))
    } catch (error) {
      return answer(request.uid, fault(dependencies.incident(error)))
    }
  }
}

function judge(
  path: string,
  request: AdmissionRequest,
  dependencies: AdmissionDependencies,
): Verdict {
  // Deleting opens nothing, and a webhook that stands in its way is a webhook nobody can remove.
  if (request.operation === 'DELETE') return allow
  const { operation, resource, subResource = '' } = request
  const name = subResource === '' ? resource.resource : `${resource.resource}/${subResource}`
  const found = judges[path]?.[`${operation} ${name}`]
  if (found === undefined) return unknown(`${operation} ${name} is not judged at ${path}`)
  const tooLarge = boundOf(path)
  const refusal = tooLarge(request.object) ?? tooLarge(request.oldObject)
  return refusal === undefined ? found(request, dependencies) : deny([refusal])
}

function boundOf(path: string): (object: unknown) => InjectionRefusal | undefined {
  return path === '/validate' ? objectTooLarge : podTooLarge
}

function changed({ object, oldObject }: AdmissionRequest): Verdict {
  return verdictOf(verifyUpdate(oldObject as Pod, object as Pod))
}

function connect({ object, subResource }: AdmissionRequest): Verdict {
  const { container } = record(object)
  return verdictOf(
    verifyConnect(typeof container === 'string' ? { container } : {}, subResource ?? ''),
  )
}

function validated({ object }: AdmissionRequest, dependencies: AdmissionDependencies): Verdict {
  const { errors, warnings } = dependencies.validate(object)
  return errors.length === 0 ? allowWith(warnings) : forbid(`frostgate: ${errors.join(' ')}`)
}

function verdictOf(refusals: readonly InjectionRefusal[]): Verdict {
  return refusals.length === 0 ? allow : deny(refusals)
}

function unknown(what: string): Verdict {
  return deny([refuse('UnknownRequest', '', `the request ${what}`)])
}

function uidOf(review: unknown): string {
  const { uid } = record(record(review)['request'])
  return typeof uid === 'string' ? uid : ''
}
