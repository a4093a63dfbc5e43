/** Configuration objects as a store hands them out: valid by schema, defaults filled in. */

import type { FieldPath } from '../../crds/field-path.ts'
import type { AgentPolicy, MaskingRule, ObjectMeta, SnowflakeConnection } from '../../crds/types.ts'

/** Where a field is written; all undefined for an object that came from a cluster. */
export interface Place {
  readonly file: string | undefined
  /** From 1. */
  readonly line: number | undefined
  /** From 1. */
  readonly column: number | undefined
}

/** The place of a field, or of the nearest thing around it that is written. */
export type Locate = (path: FieldPath) => Place

export interface Located<T> {
  readonly object: T
  readonly locate: Locate
}

/** core/v1 Secret, as far as it is read. */
export interface Secret {
  readonly apiVersion: 'v1'
  readonly kind: 'Secret'
  readonly metadata: ObjectMeta
  /** Base64. */
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
}

export type ConfigObject = SnowflakeConnection | AgentPolicy | MaskingRule | Secret

export interface ConfigObjects {
  readonly connections: readonly Located<SnowflakeConnection>[]
  readonly policies: readonly Located<AgentPolicy>[]
  readonly maskingRules: readonly Located<MaskingRule>[]
  readonly secrets: readonly Located<Secret>[]
}

/** Where an object without a namespace lives, outside of a cluster. */
export const defaultNamespace = 'frostgate'

export function namespaceOf(object: ConfigObject): string {
  return object.metadata.namespace ?? defaultNamespace
}

/** `AgentPolicy frostgate/ai-agents` */
export function describeObject(object: ConfigObject): string {
  return `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`
}
