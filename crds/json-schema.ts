/**
 * The definitions' schemas as JSON Schema, with what the API server adds to them: unknown fields
 * are refused, and metadata is that of every Kubernetes object.
 */

import type { DefinedKind, OpenApiSchema } from './definitions.ts'
import { apiVersion } from './definitions.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const text = { type: 'string' } as const
const textMap = { type: 'object', additionalProperties: text } as const

/** DNS-1123 subdomain and label, as Kubernetes names its objects. */
const label = '[a-z0-9]([a-z0-9-]*[a-z0-9])?'

/** ObjectMeta: what people write, and what `kubectl get -o yaml` shows besides. */
export const objectMeta: JsonSchema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: {
      description: 'A name is lower-case letters, digits, hyphens and dots.',
      type: 'string',
      minLength: 1,
      maxLength: 253,
      pattern: `^${label}(\\.${label})*$`,
    },
    namespace: {
      description: 'A namespace is lower-case letters, digits and hyphens.',
      type: 'string',
      minLength: 1,
      maxLength: 63,
      pattern: `^${label}$`,
    },
    labels: textMap,
    annotations: textMap,
    finalizers: { type: 'array', items: text },
    uid: text,
    resourceVersion: text,
    generation: { type: 'integer' },
    creationTimestamp: { type: ['string', 'null'] },
    deletionTimestamp: { type: ['string', 'null'] },
    deletionGracePeriodSeconds: { type: 'integer' },
    generateName: text,
    selfLink: text,
    ownerReferences: { type: 'array', items: { type: 'object' } },
    managedFields: { type: 'array', items: { type: 'object' } },
  },
}

/** core/v1 Secret. */
export const secretSchema: JsonSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 'v1' },
    kind: { const: 'Secret' },
    metadata: objectMeta,
    type: text,
    immutable: { type: 'boolean' },
    data: textMap,
    stringData: textMap,
  },
}

/** The whole object of a kind. */
export function toJsonSchema(kind: DefinedKind, schema: OpenApiSchema): JsonSchema {
  const root = convert(schema) as { readonly properties: Readonly<Record<string, JsonSchema>> }
  // Of an object that is not in a cluster, nobody waits for a status.
  const status = { ...root.properties['status'], default: undefined }
  return {
    ...root,
    properties: {
      ...root.properties,
      apiVersion: { const: apiVersion },
      kind: { const: kind },
      metadata: objectMeta,
      status,
    },
  }
}

function convert(schema: OpenApiSchema): JsonSchema {
  const { properties, items, additionalProperties, ...rest } = schema
  // Kubernetes' extensions and formats are not JSON Schema; `validation.ts` sees to the former.
  const plain = Object.fromEntries(
    Object.entries(rest).filter(([key]) => !key.startsWith('x-') && key !== 'format'),
  )
  if (schema.type === 'array') return { ...plain, items: items && convert(items) }
  if (schema.type !== 'object') return plain
  return {
    ...plain,
    properties: Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, child]) => [name, convert(child)]),
    ),
    additionalProperties:
      additionalProperties === undefined ? false : convert(additionalProperties),
  }
}
