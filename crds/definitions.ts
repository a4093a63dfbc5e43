/** The CustomResourceDefinitions of this folder, read. They are the source of truth of the API. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What people write: the kinds that a folder of configuration may hold. */
export const kinds = ['SnowflakeConnection', 'AgentPolicy', 'MaskingRule'] as const

export type Kind = (typeof kinds)[number]

/** What is asked and answered while agents work; never a part of a configuration. */
export const approvalKinds = ['ApprovalRequest', 'ApprovalDecision'] as const

export const definedKinds = [...kinds, ...approvalKinds] as const

export type DefinedKind = (typeof definedKinds)[number]

export const apiVersion = 'frostgate.dev/v1alpha1'

/** The part of OpenAPI v3 that a structural schema may use, as far as these definitions use it. */
export interface OpenApiSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description: string
  readonly format?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly additionalProperties?: OpenApiSchema
  readonly items?: OpenApiSchema
  readonly 'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly CelRule[]
}

export interface CelRule {
  readonly rule: string
  readonly message: string
  /** The field at fault inside the one that the rule stands on, such as `.host`. */
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: OpenApiSchema } }[]
  }
}

/** Where the definition of a kind is, for programs that apply or document it. */
export function definitionFile(kind: DefinedKind): string {
  return join(import.meta.dirname, `${kind.toLowerCase()}.yaml`)
}

/** The API server describes metadata itself, and refuses a definition that does. */
const metadata: OpenApiSchema = {
  type: 'object',
  description: 'Name, namespace, labels and annotations.',
}

/** The schema of a kind's only version. */
export function readSchema(kind: DefinedKind): OpenApiSchema {
  // These files are part of the program; a test holds their shape.
  const definition = parse(readFileSync(definitionFile(kind), 'utf8')) as CustomResourceDefinition
  const [version] = definition.spec.versions
  if (version === undefined) throw new Error(`${definitionFile(kind)} has no version`)
  const schema = version.schema.openAPIV3Schema
  return { ...schema, properties: { ...schema.properties, metadata } }
}
