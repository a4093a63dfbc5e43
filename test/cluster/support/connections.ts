/** Connections of a suite's own, with policy and masking rule, after those of the example. */

import type { KubeObject } from '../kubectl.ts'
import { exampleFile, release } from './frostgate.ts'

type Fields = Readonly<Record<string, unknown>>

export interface OwnConnection {
  readonly connection: object
  readonly policy: object
  readonly masking: object
}

/**
 * A connection of that name to the example's stand-in, for the ServiceAccount `runner` of the
 * namespace. Its policy has no limit of statements per minute.
 */
export function ownConnection(name: string, namespace: string, spec: Fields = {}): OwnConnection {
  const subjects = [{ provider: 'cluster', serviceAccounts: [{ namespace, name: 'runner' }] }]
  const connectionRef = { name }
  const limits = { rowsPerStatement: 100_000 }
  return {
    connection: named('connection', name, spec),
    policy: named('policy', name, { connectionRef, subjects, limits }),
    masking: maskingOf(name),
  }
}

/** The masking rule of such a connection, which shows as many last digits as told. */
export function maskingOf(name: string, keepLast = 4): object {
  return named('masking', name, { connectionRef: { name }, mask: { partial: { keepLast } } })
}

function named(file: string, name: string, spec: Fields): object {
  const [object] = exampleFile('frostgate', `${file}.yaml`) as unknown as readonly (KubeObject & {
    readonly spec: Fields
  })[]
  if (object === undefined) throw new Error(`examples/ci-runner has no ${file}.yaml`)
  const metadata = { name, namespace: release.namespace }
  return { ...object, metadata, spec: { ...object.spec, ...spec } }
}
