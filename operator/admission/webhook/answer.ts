/** What the webhooks answer, in the words and codes that controllers act on. */

import type { InjectionRefusal } from '../injection.ts'
import type { PatchOperation } from '../inject/patch.ts'
import type { AdmissionAnswer, AdmissionResponse } from './review.ts'

/** Kubernetes cuts longer ones. */
const longestWarning = 120
/** It drops all beyond 4,096 characters together. */
const mostWarnings = 32
/** More would not be read; an author who mends these sees the rest. */
const mostRefusals = 32

/** Before its uid. */
export type Verdict = Omit<AdmissionResponse, 'uid'>

export const allow: Verdict = { allowed: true }

export function allowWith(
  warnings: readonly string[],
  operations: readonly PatchOperation[] = [],
): Verdict {
  return {
    allowed: true,
    ...(operations.length === 0
      ? {}
      : {
          patchType: 'JSONPatch' as const,
          patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
        }),
    ...(warnings.length === 0 ? {} : { warnings: warnings.slice(0, mostWarnings).map(shortened) }),
  }
}

/**
 * 403: trying again is of no use; controllers such as ARC's give up on it. All reasons are in the
 * message, so that the author mends them in one go.
 */
export function deny(refusals: readonly InjectionRefusal[]): Verdict {
  const [shown, more] = [refusals.slice(0, mostRefusals), refusals.length - mostRefusals]
  return forbid([...shown.map(sentence), ...(more > 0 ? [`And ${more} more.`] : [])].join(' '))
}

/** The same in words of somebody else. */
export function forbid(message: string): Verdict {
  return failure(403, 'Forbidden', message)
}

/** 503: the same request may pass later without anybody changing anything. */
export function unavailable(message: string): Verdict {
  return failure(503, 'ServiceUnavailable', `frostgate: ${message}`)
}

/** 500: a fault of the operator's. */
export function fault(incident: string): Verdict {
  const advice = 'Try again; if it stays, look for the incident in the operator’s log.'
  return failure(500, 'InternalError', `frostgate: incident ${incident}. ${advice}`)
}

export function answer(uid: string, verdict: Verdict): AdmissionAnswer {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...verdict },
  }
}

/** `frostgate HostNetwork at spec.hostNetwork: the pod uses the node’s network. Remove …` */
export function sentence({ reason, field, message, advice }: InjectionRefusal): string {
  return `frostgate ${reason}${field === '' ? '' : ` at ${field}`}: ${message}. ${advice}`
}

function failure(code: number, reason: string, message: string): Verdict {
  return { allowed: false, status: { status: 'Failure', code, reason, message } }
}

function shortened(warning: string): string {
  const text = `frostgate: ${warning}`
  return text.length <= longestWarning ? text : `${text.slice(0, longestWarning - 1)}…`
}
