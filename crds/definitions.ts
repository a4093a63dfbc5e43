/** The CustomResourceDefinitions of this folder, read. They are the source of truth of the API. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const kinds = ['SnowflakeConnection', 'AgentPolicy', 'MaskingRule'] as const

export type Kind = (typeof kinds)[number]

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
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: OpenApiSchema } }[]
  }
}

/** Where the definition of a kind is, for programs that apply or document it. */
export function definitionFile(kind: Kind): string {
  return join(import.meta.dirname, `${kind.toLowerCase()}.yaml`)
}

/** The schema of a kind's only version. */
export function readSchema(kind: Kind): OpenApiSchema {
  // These files are part of the program; a test holds their shape.
  const definition = parse(readFileSync(definitionFile(kind), 'utf8')) as CustomResourceDefinition
  const [version] = definition.spec.versions
  if (version === undefined) throw new Error(`${definitionFile(kind)} has no version`)
  return version.schema.openAPIV3Schema
}
