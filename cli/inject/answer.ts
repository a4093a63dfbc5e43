/** What becomes of each object of a manifest. */

import { inject } from '../../operator/admission/inject/inject.ts'
import type { InjectionRefusal } from '../../operator/admission/injection.ts'
import { findPod } from '../../operator/admission/workloads.ts'
import { contextFor, type ContextOptions } from './context.ts'

export interface Answer {
  readonly kind: string
  readonly name: string
  /** `namespace/name`; null where none is asked for. */
  readonly connection: string | null
  /** `Unchanged`: it has no pod, or its pod asks for no connection. */
  readonly outcome: 'Injected' | 'Refused' | 'Unchanged'
  readonly refusals: readonly InjectionRefusal[]
  readonly warnings: readonly string[]
  /** As it would be; as it was, unless injected. */
  readonly object: unknown
}

export function answerFor(object: unknown, options: ContextOptions): Answer {
  const found = findPod(object)
  const nothing = { connection: null, refusals: [], warnings: [], object }
  if ('problem' in found)
    return {
      ...nothing,
      kind: found.kind,
      name: '',
      outcome: 'Refused',
      refusals: [
        {
          reason: 'PodInvalid',
          field: '',
          message: found.problem,
          advice: 'Correct it; kubectl apply --dry-run=server checks it against a cluster.',
        },
      ],
    }
  if (found.pod === undefined)
    return { ...nothing, kind: found.kind, name: '', outcome: 'Unchanged' }
  const { kind, name, prefix } = found
  const context = contextFor(found, options)
  if (context === undefined) return { ...nothing, kind, name, outcome: 'Unchanged' }
  const connection = `${context.connection.namespace}/${context.connection.name}`
  const result = inject(found.pod, context)
  if ('refusals' in result)
    return {
      ...nothing,
      kind,
      name,
      connection,
      outcome: 'Refused',
      refusals: result.refusals.map((refusal) => ({
        ...refusal,
        field: `${prefix}${refusal.field}`,
      })),
    }
  return {
    kind,
    name,
    connection,
    outcome: 'Injected',
    refusals: [],
    warnings: result.warnings,
    object: found.withPod(result.pod),
  }
}
