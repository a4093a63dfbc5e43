/** What became of an AgentPolicy or a MaskingRule. */

import type { AgentPolicy, Condition, MaskingRule } from '../../crds/types.ts'
import type { Compiled, CompiledConnection } from '../compile/compile-all.ts'
import { targetOf } from '../compile/references.ts'
import type { ConfigObjects } from '../store/objects.ts'
import { describeObject } from '../store/objects.ts'
import type { Aspect } from './conditions.ts'
import { stalled } from './conditions.ts'
import { refusalOf, type SidecarCounts } from './connection-status.ts'
import { maskKeyProblems } from './secret-problems.ts'
import { sentencesOf } from './sentences.ts'

export const policyTypes = ['Ready', 'Accepted', 'Programmed'] as const

export function policyAspects(
  object: AgentPolicy | MaskingRule,
  { compiled, objects }: { readonly compiled: Compiled; readonly objects: ConfigObjects },
  sidecars: SidecarCounts,
  previous: readonly Condition[],
): readonly Aspect[] {
  const about = describeObject(object)
  const target = compiled.connections.get(targetOf(object))
  if (target === undefined) {
    const own = compiled.problems.filter((problem) => problem.object === about)
    return stalled(policyTypes, 'TargetNotFound', sentencesOf(own, about))
  }
  const own = target.problems.filter((problem) => problem.object === about)
  if (own.length > 0) {
    return stalled(policyTypes, 'Invalid', `${sentencesOf(own, about)} ${consequence(target)}`)
  }
  const { state } = target
  if ('closed' in state) {
    return state.reason === 'NamespaceNotServed' || state.reason === 'NamespaceTerminating'
      ? stalled(policyTypes, state.reason, state.closed)
      : [accepted, ...stalled(['Ready', 'Programmed'], 'TargetClosed', closedBy(target, state))]
  }
  const masks = state.bundle.masks.filter(({ name }) => name === object.metadata.name)
  const keys = object.kind === 'MaskingRule' ? maskKeyProblems(objects, masks) : []
  if (keys.length > 0) return stalled(policyTypes, 'InvalidMaskKey', sentencesOf(keys, about))
  const refusal = refusalOf(sidecars)
  if (refusal !== undefined)
    return [accepted, ...stalled(['Ready', 'Programmed'], 'BundleRefused', refusal)]
  return [accepted, ...programmed(object, sidecars, previous)]
}

const accepted: Aspect = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'Valid, and its connection is there.',
}

/** Once sidecars have this generation, others' changes that roll out do not make it less so. */
function programmed(
  { metadata: { generation } }: AgentPolicy | MaskingRule,
  { connected, inSync }: SidecarCounts,
  previous: readonly Condition[],
): readonly Aspect[] {
  const before = previous.find(({ type }) => type === 'Programmed')
  const already =
    generation !== undefined &&
    before?.status === 'True' &&
    before.observedGeneration === generation
  if (already || inSync >= connected) {
    const message =
      connected === 0
        ? 'No sidecar of its connection is running; those that start enforce it.'
        : 'Enforced by the sidecars of its connection, and by those that start.'
    return [
      { type: 'Ready', status: 'True', reason: 'Programmed', message },
      { type: 'Programmed', status: 'True', reason: 'Programmed', message },
    ]
  }
  const message = 'On its way to the sidecars; see status.sidecars of the connection.'
  return [
    { type: 'Ready', status: 'Unknown', reason: 'Pending', message },
    { type: 'Programmed', status: 'False', reason: 'Pending', message },
    { type: 'Reconciling', status: 'True', reason: 'RollingOut', message },
  ]
}

function consequence(target: CompiledConnection): string {
  return `${describeObject(target.connection)} is closed until then.`
}

function closedBy(
  { connection }: CompiledConnection,
  { closed }: { readonly closed: string },
): string {
  return `${describeObject(connection)} is closed. ${closed}`
}
