/** Snapshots for tests, from objects as plain values. */

import { recogniseLeniently, separateTwins } from '../../../operator/store/recognise-leniently.ts'
import { groupByKind } from '../../../operator/store/directory-store.ts'
import type { Snapshot } from '../../../operator/store/object-store.ts'

type Fields = Readonly<Record<string, unknown>>

/** The snapshot of a store that holds these objects; throws for what is no object of ours. */
export function snapshotOf(...objects: readonly object[]): Snapshot {
  const recognised = separateTwins(
    objects.map((value) =>
      recogniseLeniently({ value: structuredClone(value), locate: () => nowhere }),
    ),
  )
  return {
    objects: groupByKind(recognised.flatMap((each) => ('located' in each ? [each.located] : []))),
    malformed: recognised.flatMap((each) => {
      if ('problems' in each) throw new Error(JSON.stringify(each.problems))
      return 'malformed' in each ? [each.malformed] : []
    }),
    namespaces: new Map(),
  }
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const

const object = (kind: string, name: string, spec: Fields, metadata: Fields = {}) => ({
  apiVersion: 'frostgate.dev/v1alpha1',
  kind,
  metadata: {
    name,
    namespace: 'frostgate',
    generation: 1,
    uid: `uid-${kind}-${name}`,
    ...metadata,
  },
  spec,
})

export const connection = (name: string, spec: Fields = {}, metadata: Fields = {}) =>
  object(
    'SnowflakeConnection',
    name,
    {
      account: `${name}-prod`,
      user: 'FROSTGATE',
      role: 'READER',
      warehouse: 'WH',
      credential: { keyPair: { secretRef: { name: `${name}-key` } } },
      identityProviders: [
        { name: 'okta', oidc: { issuer: 'https://acme.okta.example', audiences: ['frostgate'] } },
      ],
      ...spec,
    },
    metadata,
  )

export const policy = (name: string, target: string, spec: Fields = {}, metadata: Fields = {}) =>
  object(
    'AgentPolicy',
    name,
    {
      connectionRef: { name: target },
      subjects: [{ provider: 'okta', groups: ['ai'] }],
      rules: [{ name: 'read', action: 'Allow', statements: ['Query'], objects: ['A.B.*'] }],
      ...spec,
    },
    metadata,
  )

export const maskingRule = (name: string, target: string, spec: Fields = {}) =>
  object('MaskingRule', name, {
    connectionRef: { name: target },
    columns: ['A.B.C.SSN'],
    mask: { partial: { keepLast: 4 } },
    ...spec,
  })

export const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'frostgate' },
  stringData,
})
