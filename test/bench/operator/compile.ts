/** What one changed object costs, without the network: compile, and the verdict of `/validate`. */

import { compileAll } from '../../../operator/compile/compile-all.ts'
import { recogniseStored, storedOf } from '../../../operator/store/kube-objects.ts'
import type { CustomObject } from '../../../operator/store/kube-objects.ts'
import type { Snapshot } from '../../../operator/store/object-store.ts'
import type { Located } from '../../../operator/store/objects.ts'
import { validateObject } from '../../../operator/wiring/validate-object.ts'
import { objectsOf, policy, type Placed } from './objects.ts'

export interface CompileTimes {
  /** Milliseconds, of each run. */
  readonly all: readonly number[]
  readonly oneChanged: readonly number[]
  readonly validate: readonly number[]
}

export function measureCompile(connections: number, runs: number): CompileTimes {
  const objects = objectsOf(connections).map(recognised)
  const snapshot = snapshotOf(objects)
  const place = objects.findIndex(({ object }) => object.kind === 'AgentPolicy')
  let previous = compileAll(snapshot)
  const all = repeated(runs, () => () => void compileAll(snapshot))
  const oneChanged = repeated(runs, (run) => {
    const next = snapshotOf(objects.with(place, recognised(policy(0, 'first', run))))
    return () => {
      previous = compileAll(next, { previous })
    }
  })
  const validate = repeated(runs, (run) => {
    const { object } = policy(1, 'first', run)
    return () => void validateObject(object, snapshot, previous, {})
  })
  return { all, oneChanged, validate }
}

/** `prepare` is not timed. */
function repeated(runs: number, prepare: (run: number) => () => void): readonly number[] {
  return Array.from({ length: runs }, (_, index) => {
    const run = prepare(index + 1)
    const since = performance.now()
    run()
    return performance.now() - since
  })
}

function recognised({ object }: Placed): Located<CustomObject> {
  const kind = (object as unknown as CustomObject).kind
  const { metadata } = object
  const uid = `${kind}/${metadata.name}`
  const made = recogniseStored(storedOf(kind, { ...object, metadata: { ...metadata, uid } }))
  if ('malformed' in made) throw new Error(JSON.stringify(made.malformed.problems))
  return made.located
}

function snapshotOf(all: readonly Located<CustomObject>[]): Snapshot {
  const ofKind = <K extends CustomObject['kind']>(kind: K) =>
    all.filter(
      (each): each is Located<Extract<CustomObject, { kind: K }>> => each.object.kind === kind,
    )
  return {
    objects: {
      connections: ofKind('SnowflakeConnection'),
      policies: ofKind('AgentPolicy'),
      maskingRules: ofKind('MaskingRule'),
      secrets: [],
    },
    malformed: [],
    namespaces: new Map(),
  }
}
