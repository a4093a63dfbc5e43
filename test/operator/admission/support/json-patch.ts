/** Applies the one operation of RFC 6902 that is used, as an API server does. */

import type { PatchOperation } from '../../../../operator/admission/inject/patch.ts'
import type { Pod } from '../../../../operator/admission/pod.ts'

/** Errors: where a parent is missing, as the API server has it. */
export function apply(pod: Pod, operations: readonly PatchOperation[]): Pod {
  const copy = structuredClone(pod)
  for (const { path, value } of operations) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = steps.pop() ?? ''
    let target = copy as Record<string, unknown>
    for (const step of steps) {
      const next = target[step]
      if (typeof next !== 'object' || next === null) throw new Error(`${path} has no parent`)
      target = next as Record<string, unknown>
    }
    target[last] = structuredClone(value)
  }
  return copy
}
