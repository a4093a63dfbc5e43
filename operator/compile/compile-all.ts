/**
 * All connections at once, each by itself: what is wrong with one object closes the connection that
 * it is about, and no other. Pure.
 */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { faultOf } from '../store/fault.ts'
import type { Malformed, Snapshot } from '../store/object-store.ts'
import { describeObject, namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'
import type { ClusterFacts } from './identity-providers.ts'
import type { Inputs } from './memory.ts'
import { rememberInputs, sameInputs } from './memory.ts'
import { compileOne } from './one-connection.ts'
import { danglingProblems, keyOf, secretsOf, targetOf } from './references.ts'

export interface Closed {
  /** One sentence that names the objects at fault. */
  readonly closed: string
  readonly reason:
    | 'CompileFailed'
    | 'NamespaceNotServed'
    | 'NamespaceTerminating'
    | 'Terminating'
    | 'InternalError'
}

export interface CompiledConnection {
  readonly connection: SnowflakeConnection
  readonly state: { readonly bundle: Bundle } | Closed
  /** Of it, and of all policies and masking rules that refer to it. */
  readonly problems: readonly Problem[]
  /** What holds, and may still not be what was meant. */
  readonly warnings: readonly Problem[]
}

export interface Compiled {
  /** By `namespace/name`. */
  readonly connections: ReadonlyMap<string, CompiledConnection>
  /** Of objects that are about no connection that could be read. */
  readonly problems: readonly Problem[]
}

export interface CompileAllOptions {
  readonly cluster?: ClusterFacts
  /** Where connections are served; everywhere, if not given. */
  readonly connectionNamespaces?: readonly string[]
  /** A fault of the compiler at one connection, which is closed by it; for the log. */
  readonly onFault?: (connection: string, incident: string, error: unknown) => void
  /** What was compiled before: connections whose objects are the same are not compiled again. */
  readonly previous?: Compiled
}

export function compileAll(snapshot: Snapshot, options: CompileAllOptions = {}): Compiled {
  const { objects, malformed } = snapshot
  const policies = groupBy(objects.policies, ({ object }) => targetOf(object))
  const maskingRules = groupBy(objects.maskingRules, ({ object }) => targetOf(object))
  const broken = groupBy(malformed, connectionOf)
  const secrets = secretsOf(objects.secrets)
  const compiled = objects.connections.map((connection) => {
    const key = keyOf(connection.object)
    const inputs: Inputs = {
      connection,
      policies: policies.get(key) ?? [],
      maskingRules: maskingRules.get(key) ?? [],
      malformed: broken.get(key) ?? [],
      secrets: secrets.get(namespaceOf(connection.object)) ?? new Map(),
      cluster: options.cluster,
    }
    const isTerminating = snapshot.terminating?.has(namespaceOf(connection.object)) === true
    const previous = options.previous?.connections.get(key)
    return [key, compiledFrom(inputs, options, { previous, isTerminating })] as const
  })
  const connections = new Map(compiled)
  const invalid = malformed.filter(({ kind }) => kind === 'SnowflakeConnection')
  return {
    connections,
    problems: [
      ...danglingProblems(objects, new Set(invalid.map(connectionOf))),
      ...malformed.filter((each) => !connections.has(connectionOf(each))).flatMap(problemsOf),
    ],
  }
}

function compiledFrom(
  inputs: Inputs,
  options: CompileAllOptions,
  now: { readonly previous: CompiledConnection | undefined; readonly isTerminating: boolean },
): CompiledConnection {
  const { connectionNamespaces } = options
  const { previous, isTerminating } = now
  const { object } = inputs.connection
  const namespace = namespaceOf(object)
  if (connectionNamespaces?.includes(namespace) === false) {
    return { connection: object, state: notServed(namespace, connectionNamespaces), ...nothing }
  }
  // Masking rules may go before policies do: no bundle may be made of what is left meanwhile.
  if (isTerminating) return { connection: object, state: terminating(namespace), ...nothing }
  if (object.metadata.deletionTimestamp !== undefined) {
    return { connection: object, state: beingDeleted(object), ...nothing }
  }
  const result =
    previous !== undefined && sameInputs(previous, inputs)
      ? { ...previous, connection: object }
      : compileSafely(inputs, options)
  rememberInputs(result, inputs)
  return result
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const
const nothing = { problems: [], warnings: [] } as const

/** A fault at one connection closes it, and keeps no other from being compiled. */
function compileSafely(inputs: Inputs, { onFault }: CompileAllOptions): CompiledConnection {
  try {
    return compileInputs(inputs)
  } catch (error) {
    const { object } = inputs.connection
    const about = describeObject(object)
    const { incident, message, advice } = faultOf(about, error)
    onFault?.(keyOf(object), incident, error)
    return {
      connection: object,
      state: { closed: `${about} cannot be compiled.`, reason: 'InternalError' },
      problems: [{ ...nowhere, object: about, field: '', message, advice }],
      warnings: [],
    }
  }
}

function compileInputs(inputs: Inputs): CompiledConnection {
  const result = compileOne(inputs, inputs)
  const problems = [
    ...inputs.malformed.flatMap(problemsOf),
    ...('problems' in result ? result.problems : []),
  ]
  return {
    connection: inputs.connection.object,
    state: 'bundle' in result && problems.length === 0 ? result : failed(problems),
    problems,
    warnings: warningsOf(inputs),
  }
}

function failed(problems: readonly Problem[]): Closed {
  const [first, ...rest] = new Set(problems.map(({ object }) => object ?? 'an unknown object'))
  const others =
    rest.length === 0 ? '' : ` and ${rest.length} more (${rest.slice(0, 5).join(', ')})`
  return {
    closed: `Closed by ${first ?? 'an unknown object'}${others}, which cannot be compiled.`,
    reason: 'CompileFailed',
  }
}

function notServed(namespace: string, served: readonly string[]): Closed {
  return {
    closed: `Connections of namespace "${namespace}" are not served; they are in: ${served.join(', ')}.`,
    reason: 'NamespaceNotServed',
  }
}

function terminating(namespace: string): Closed {
  return {
    closed: `Namespace "${namespace}" is being deleted, and its masking rules may go before its policies do.`,
    reason: 'NamespaceTerminating',
  }
}

function beingDeleted(connection: SnowflakeConnection): Closed {
  return {
    closed: `${describeObject(connection)} is being deleted; what holds it is in its metadata.finalizers.`,
    reason: 'Terminating',
  }
}

function warningsOf({ connection, policies }: Inputs): readonly Problem[] {
  return policies.length > 0
    ? []
    : [
        {
          ...connection.locate(['spec']),
          object: describeObject(connection.object),
          field: 'spec',
          message: 'no AgentPolicy refers to this connection, so every login is refused',
          advice: 'Add an AgentPolicy whose connectionRef names it.',
        },
      ]
}

/** A malformed connection is about itself. */
function connectionOf({ kind, namespace, name, connection }: Malformed): string {
  return `${namespace}/${kind === 'SnowflakeConnection' ? name : (connection ?? '')}`
}

function problemsOf({ problems }: Malformed): readonly Problem[] {
  return problems
}

function groupBy<T>(
  entries: readonly T[],
  key: (entry: T) => string,
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(entries, key)
}
