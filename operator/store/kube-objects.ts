/** What is kept of an object of the API server, and whether it is fit to be compiled. */

import type { Kind } from '../../crds/definitions.ts'
import type { FieldProblem } from '../../crds/field-path.ts'
import { formatField, valueAt } from '../../crds/field-path.ts'
import type { AgentPolicy, MaskingRule, SnowflakeConnection } from '../../crds/types.ts'
import { validateObject } from '../../crds/validation.ts'
import type { KubeObject } from '../kube/resources.ts'
import { apiVersionOf, resources } from '../kube/resources.ts'
import { faultOf } from './fault.ts'
import type { Malformed, ObjectReference } from './object-store.ts'
import type { Located, Secret } from './objects.ts'
import type { Problem } from './problem.ts'

export type CustomObject = SnowflakeConnection | AgentPolicy | MaskingRule

export const customResources = {
  SnowflakeConnection: resources.snowflakeConnections,
  AgentPolicy: resources.agentPolicies,
  MaskingRule: resources.maskingRules,
} as const satisfies Readonly<Record<ObjectReference['kind'], unknown>>

/** A custom object as it is kept: what people wrote, and beside it what we wrote. */
export interface Stored {
  /** Changes if and only if what people wrote does. */
  readonly revision: string
  /** Not validated. */
  readonly object: KubeObject & { readonly kind: Kind; readonly spec?: unknown }
  readonly status: Readonly<Record<string, unknown>> | undefined
}

export function storedOf(kind: ObjectReference['kind'], raw: KubeObject): Stored {
  const { name, namespace, labels, annotations, generation, uid, deletionTimestamp } =
    raw.metadata ?? {}
  const metadata = { name, namespace, labels, annotations, generation, uid, deletionTimestamp }
  const { spec, status } = raw as { readonly spec?: unknown; readonly status?: unknown }
  return {
    // The API server counts changes of spec in the generation, and none of status.
    revision: JSON.stringify([uid, generation, labels, annotations, deletionTimestamp]),
    object: {
      apiVersion: apiVersionOf(customResources[kind]),
      kind,
      metadata: withoutUndefined(metadata),
      spec,
    },
    status: status as Stored['status'],
  }
}

export type Recognised =
  { readonly located: Located<CustomObject> } | { readonly malformed: Malformed }

/**
 * The server validated it, too, but perhaps by an earlier definition. An object at which validation
 * itself fails is malformed: it must keep no other from being seen.
 */
export function recogniseStored(stored: Stored): Recognised {
  try {
    return recognise(stored)
  } catch (error) {
    return { malformed: unreadable(stored, error) }
  }
}

function unreadable({ object }: Stored, error: unknown): Malformed {
  const { kind, metadata = {} } = object
  const { namespace = '', name = '', generation } = metadata
  const about = `${kind} ${namespace}/${name}`
  const { message, advice } = faultOf(about, error)
  return {
    kind,
    namespace,
    name,
    generation,
    connection: connectionOf(object),
    problems: [{ ...nowhere, object: about, field: '', message, advice }],
  }
}

function recognise({ object }: Stored): Recognised {
  const { kind, metadata = {} } = object
  const { namespace = '', name = '', generation } = metadata
  // Validation fills in defaults; what the reflector keeps stays as the server told it.
  const filled = structuredClone(object)
  const problems = validateObject(kind, filled)
  if (problems.length === 0) return { located: locatedInCluster(filled as CustomObject) }
  return {
    malformed: {
      kind: kind,
      namespace,
      name,
      generation,
      connection: connectionOf(object),
      problems: problems.map((problem) => inCluster(`${kind} ${namespace}/${name}`, problem)),
    },
  }
}

/** core/v1 Secret, without what Helm, controllers and kubectl note in its metadata. */
export function secretOf(raw: KubeObject): Secret {
  const { name = '', namespace, resourceVersion } = raw.metadata ?? {}
  const { type, data } = raw as Pick<Secret, 'type' | 'data'>
  return withoutUndefined({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, resourceVersion },
    type,
    data,
  }) as Secret
}

export function locatedInCluster<T>(object: T): Located<T> {
  return { object, locate: () => nowhere }
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const

function connectionOf(object: Stored['object']): string | undefined {
  const name =
    object.kind === 'SnowflakeConnection'
      ? object.metadata?.name
      : valueAt(object, ['spec', 'connectionRef', 'name'])
  return typeof name === 'string' ? name : undefined
}

function inCluster(object: string, { path, message, advice }: FieldProblem): Problem {
  return { ...nowhere, object, field: formatField(path), message, advice }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
