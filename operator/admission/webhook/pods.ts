/** The webhooks on new pods. */

import { inject } from '../inject/inject.ts'
import { patch } from '../inject/patch.ts'
import {
  annotations,
  proxyContainer,
  type InjectionContext,
  type InjectionRefusal,
} from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import { volumeRefusals } from '../refusals/volumes.ts'
import { declaredVolumes } from '../rendered.ts'
import { isSealed } from '../seal.ts'
import { verify } from '../verify/verify.ts'
import { allow, allowWith, deny, sentence, unavailable, type Verdict } from './answer.ts'
import type { AdmissionDependencies, AdmissionEvent } from './dependencies.ts'
import { wantedConnection } from './namespace-mode.ts'
import type { AdmissionRequest } from './review.ts'
import type { OwnerReference, Pod } from '../pod.ts'

/** An Event has 1,024 characters. */
const toldRefusals = 8

export function injectPod(
  request: AdmissionRequest,
  pod: Pod,
  dependencies: AdmissionDependencies,
): Verdict {
  const found = contextOf(request, pod, dependencies)
  if ('verdict' in found) return found.verdict ?? allow
  const result = inject(pod, found.context)
  const tell = (reason: AdmissionEvent['reason'], note: string) => {
    const object = involved(request, pod)
    if (request.dryRun !== true && object !== undefined)
      dependencies.record({ object, reason, note })
  }
  if ('refusals' in result) {
    tell('PodRefused', result.refusals.slice(0, toldRefusals).map(sentence).join(' '))
    return deny(result.refusals)
  }
  const operations = patch(pod, result.pod)
  const { namespace, name } = found.context.connection
  if (operations.length > 0) tell('PodInjected', `connection ${namespace}/${name}`)
  return allowWith(result.warnings, operations)
}

export function verifyPod(
  request: AdmissionRequest,
  pod: Pod,
  dependencies: AdmissionDependencies,
): Verdict {
  const found = contextOf(request, pod, dependencies)
  if ('verdict' in found) return found.verdict ?? unannotated(pod)
  const refusals = verify(pod, found.context)
  if (refusals.length === 0) return allow
  const { podNamespace, operator } = found.context
  if (refusals.some(isSeal) && refusals.every(isAltered) && isSealed(pod, podNamespace, operator))
    return unavailable('replicas of the operator differ for a moment. Try again')
  return deny(refusals)
}

/** Another replica rendered it a moment ago, with a CA that this one does not have, say. */
function isSeal({ field }: InjectionRefusal): boolean {
  return field === annotationField(annotations.injected)
}

function isAltered({ reason }: InjectionRefusal): boolean {
  return reason === 'Altered'
}

/** Nobody asked for a sidecar: then nothing may look like one. */
function unannotated(pod: Pod): Verdict {
  const named = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  const names = [
    ...named.flatMap(({ name }) => (name === proxyContainer ? [`container ${name}`] : [])),
    ...declaredVolumes(pod.spec).map(({ name }) => `volume ${name}`),
  ]
  const refusals = [
    ...names.map((what) => refuse('NotAnnotated', 'spec', `the pod declares ${what}`)),
    ...(pod.spec === undefined ? [] : volumeRefusals(pod.spec)).filter(
      ({ reason }) => reason === 'EnrolAudience',
    ),
  ]
  return refusals.length === 0 ? allow : deny(refusals)
}

type Found = { readonly context: InjectionContext } | { readonly verdict: Verdict | undefined }

/** `verdict` undefined: no connection is asked for. */
function contextOf(
  { namespace }: AdmissionRequest,
  pod: Pod,
  dependencies: AdmissionDependencies,
): Found {
  const operator = dependencies.operator()
  if (operator === undefined) return { verdict: unavailable('the operator is starting. Try again') }
  if (namespace === undefined)
    return { verdict: deny([refuse('PodInvalid', 'metadata.namespace', 'there is no namespace')]) }
  const labels = dependencies.namespaceLabels(namespace)
  if (labels === undefined)
    return { verdict: unavailable(`namespace ${namespace} is not known yet. Try again`) }
  const wanted = wantedConnection(pod, labels, operator.namespace)
  if ('refusal' in wanted) return { verdict: deny([wanted.refusal]) }
  if (wanted.connection === undefined) return { verdict: undefined }
  const lookup = dependencies.connectionFor(wanted.connection, namespace)
  if ('facts' in lookup)
    return { context: { operator, connection: lookup.facts, podNamespace: namespace } }
  return {
    verdict: lookup.transient ? unavailable(sentence(lookup.refusal)) : deny([lookup.refusal]),
  }
}

/**
 * The pod's controller: the pod itself has no UID yet, often no name, and whoever creates it by hand
 * reads the answer. Without a UID `kubectl describe` would show the Event with any object of that
 * name, so there is none.
 */
function involved(request: AdmissionRequest, pod: Pod): AdmissionEvent['object'] | undefined {
  const { namespace = '' } = request
  const owner = (pod.metadata?.ownerReferences ?? []).find(isController)
  if (owner === undefined || !uidForm.test(owner.uid)) return undefined
  const { apiVersion, kind, name, uid } = owner
  return { apiVersion, kind, namespace, name, uid }
}

const uidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function isController({ controller }: OwnerReference): boolean {
  return controller === true
}
