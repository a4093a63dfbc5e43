/** What became of every object: pure, so that it can be written, compared and tested. */

import type { AgentPolicy, MaskingRule, SnowflakeConnection } from '../../crds/types.ts'
import type { Compiled } from '../compile/compile-all.ts'
import { targetOf } from '../compile/references.ts'
import type { Malformed, ObjectReference, Snapshot } from '../store/object-store.ts'
import { describeObject, namespaceOf } from '../store/objects.ts'
import type { Aspect, Status } from './conditions.ts'
import { conditionsIn, conditionsOf, stalled } from './conditions.ts'
import type { SidecarCounts } from './connection-status.ts'
import { connectionAspects, connectionFacts, noSidecars } from './connection-status.ts'
import { policyAspects, policyTypes } from './policy-status.ts'
import { sentencesOf } from './sentences.ts'

export interface StatusEntry {
  readonly reference: ObjectReference
  /** Of the object itself; undefined outside of a cluster. */
  readonly uid: string | undefined
  readonly status: Status
}

/**
 * The status of each object, by `Kind namespace/name`.
 *
 * @param sidecars by `namespace/name` of the connection
 * @param previous what was written before, by `Kind namespace/name`; of others, the object tells
 */
export function statuses(
  snapshot: Snapshot,
  compiled: Compiled,
  sidecars: ReadonlyMap<string, SidecarCounts>,
  previous: ReadonlyMap<string, Status>,
  now: Date,
): ReadonlyMap<string, StatusEntry> {
  const { objects, malformed } = snapshot
  const countsOf = (key: string) => sidecars.get(key) ?? noSidecars
  const before = (object: Config) =>
    conditionsIn(previous.get(describeObject(object)) ?? object.status)
  const entry = (object: Config, aspects: readonly Aspect[], facts: Status = {}): StatusEntry => {
    const { generation, uid } = object.metadata
    return {
      reference: referenceOf(object),
      uid,
      status: statusOf(conditionsOf(aspects, generation, before(object), now), generation, facts),
    }
  }
  const connections = Array.from(compiled.connections, ([key, each]) => {
    const counts = countsOf(key)
    const aspects = connectionAspects(each, objects, counts)
    return entry(each.connection, aspects, connectionFacts(each, counts))
  })
  const policies = [...objects.policies, ...objects.maskingRules].map(({ object }) => {
    const counts = countsOf(targetOf(object))
    return entry(object, policyAspects(object, { compiled, objects }, counts, before(object)))
  })
  const invalid = malformed.map((each) => malformedEntry(each, previous, now))
  const all = [...connections, ...policies, ...invalid]
  return new Map(all.map((each) => [nameOf(each.reference), each]))
}

type Config = SnowflakeConnection | AgentPolicy | MaskingRule

function malformedEntry(
  { kind, namespace, name, generation, problems }: Malformed,
  previous: ReadonlyMap<string, Status>,
  now: Date,
): StatusEntry {
  const reference = { kind, namespace, name }
  const key = nameOf(reference)
  const types = kind === 'SnowflakeConnection' ? (['Ready'] as const) : policyTypes
  const aspects = stalled(types, 'Invalid', sentencesOf(problems, key))
  const conditions = conditionsOf(aspects, generation, conditionsIn(previous.get(key)), now)
  return { reference, uid: undefined, status: statusOf(conditions, generation, {}) }
}

function statusOf(
  conditions: Status[string],
  generation: number | undefined,
  facts: Status,
): Status {
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions,
    ...facts,
  }
}

export function referenceOf(object: Config): ObjectReference {
  return { kind: object.kind, namespace: namespaceOf(object), name: object.metadata.name }
}

/** `AgentPolicy frostgate/agents` */
export function nameOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace}/${name}`
}
