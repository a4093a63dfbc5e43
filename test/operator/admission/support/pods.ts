/** Pods for tests, from the least that asks for a connection. */

import { inject } from '../../../../operator/admission/inject/inject.ts'
import {
  annotations,
  type InjectionContext,
  type InjectionRefusal,
} from '../../../../operator/admission/injection.ts'
import type { Container, Pod, PodSpec } from '../../../../operator/admission/pod.ts'
import { context } from './context.ts'

export const app: Container = { name: 'app', image: 'ghcr.io/acme/app:1' }

export function podWith(
  spec: Partial<PodSpec> = {},
  more: Readonly<Record<string, string>> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'job', annotations: { [annotations.connection]: 'acme', ...more } },
    spec: { containers: [app], ...spec },
  }
}

/** The pod injected; throws its refusals. */
export function injected(pod: Pod = podWith(), how: InjectionContext = context): Pod {
  const result = inject(pod, how)
  if ('refusals' in result) throw new Error(result.refusals.map(String).join())
  return result.pod
}

export function refusalsOf(pod: Pod, how: InjectionContext = context): readonly InjectionRefusal[] {
  const result = inject(pod, how)
  return 'refusals' in result ? result.refusals : []
}

export function warningsOf(pod: Pod, how: InjectionContext = context): readonly string[] {
  const result = inject(pod, how)
  return 'refusals' in result ? [] : result.warnings
}

/** `[reason, field]` of each, as a test reads best. */
export function reasons(
  found: readonly InjectionRefusal[],
): readonly (readonly [string, string])[] {
  return found.map(({ reason, field }) => [reason, field])
}

/** A copy whose changes stay its own. */
export function changed(pod: Pod, change: (copy: Pod & { spec: PodSpec }) => void): Pod {
  const copy = structuredClone(pod)
  const { spec } = copy
  if (spec === undefined) throw new Error('a pod without spec')
  change({ ...copy, spec })
  return copy
}
