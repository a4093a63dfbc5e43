/**
 * What the API server asks of a CustomResourceDefinition, as far as ours use it.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */

const name = { type: 'string', pattern: '^[a-z]([a-z0-9-]*[a-z0-9])?$' }
const closed = { type: 'object', additionalProperties: false }

/** Structural: a type everywhere; lists have items; properties and additionalProperties exclude each other. */
const structural = {
  ...closed,
  required: ['type'],
  properties: {
    type: { enum: ['object', 'array', 'string', 'integer', 'boolean'] },
    description: { type: 'string' },
    format: { enum: ['int32', 'int64', 'date-time'] },
    default: true,
    enum: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    pattern: { type: 'string' },
    minLength: { type: 'integer' },
    maxLength: { type: 'integer' },
    minimum: { type: 'integer' },
    maximum: { type: 'integer' },
    minItems: { type: 'integer' },
    maxItems: { type: 'integer' },
    minProperties: { type: 'integer' },
    maxProperties: { type: 'integer' },
    required: { type: 'array', items: { type: 'string' } },
    properties: { type: 'object', additionalProperties: { $ref: '#/definitions/structural' } },
    additionalProperties: { $ref: '#/definitions/structural' },
    items: { $ref: '#/definitions/structural' },
    'x-kubernetes-list-type': { enum: ['map', 'set', 'atomic'] },
    'x-kubernetes-list-map-keys': { type: 'array', items: { type: 'string' }, minItems: 1 },
    'x-kubernetes-validations': {
      type: 'array',
      items: {
        ...closed,
        required: ['rule', 'message'],
        properties: {
          rule: { type: 'string' },
          message: { type: 'string', maxLength: 2048 },
          fieldPath: { type: 'string', pattern: '^(\\.[a-zA-Z]+)+$' },
          // FieldValueDuplicate would hide the message.
          reason: { enum: ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired'] },
        },
      },
    },
  },
  not: { required: ['properties', 'additionalProperties'] },
  if: { properties: { type: { const: 'array' } } },
  then: { required: ['items'] },
  dependencies: {
    properties: { properties: { type: { const: 'object' } } },
    items: { properties: { type: { const: 'array' } } },
    'x-kubernetes-list-map-keys': { properties: { 'x-kubernetes-list-type': { const: 'map' } } },
  },
}

const column = {
  ...closed,
  required: ['name', 'type', 'jsonPath', 'description'],
  properties: {
    name: { type: 'string' },
    type: { enum: ['integer', 'number', 'string', 'boolean', 'date'] },
    description: { type: 'string' },
    jsonPath: { type: 'string', pattern: '^\\.' },
    priority: { type: 'integer', minimum: 0 },
  },
}

const version = {
  ...closed,
  required: [
    'name',
    'served',
    'storage',
    'schema',
    'subresources',
    'selectableFields',
    'additionalPrinterColumns',
  ],
  properties: {
    name: { const: 'v1alpha1' },
    served: { const: true },
    storage: { const: true },
    schema: {
      ...closed,
      required: ['openAPIV3Schema'],
      properties: { openAPIV3Schema: { $ref: '#/definitions/structural' } },
    },
    subresources: { const: { status: {} } },
    selectableFields: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: {
        ...closed,
        required: ['jsonPath'],
        properties: { jsonPath: { type: 'string', pattern: '^\\.(spec|status)(\\.[a-zA-Z]+)+$' } },
      },
    },
    additionalPrinterColumns: { type: 'array', minItems: 3, items: column },
  },
}

export const customResourceDefinition = {
  definitions: { structural },
  ...closed,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'apiextensions.k8s.io/v1' },
    kind: { const: 'CustomResourceDefinition' },
    metadata: {
      ...closed,
      required: ['name'],
      properties: { name: { type: 'string', pattern: '^[a-z]+\\.frostgate\\.dev$' } },
    },
    spec: {
      ...closed,
      required: ['group', 'scope', 'names', 'versions'],
      properties: {
        group: { const: 'frostgate.dev' },
        scope: { const: 'Namespaced' },
        names: {
          ...closed,
          required: ['kind', 'listKind', 'plural', 'singular', 'shortNames', 'categories'],
          properties: {
            kind: { type: 'string', pattern: '^[A-Z][A-Za-z]+$' },
            listKind: { type: 'string', pattern: '^[A-Z][A-Za-z]+List$' },
            plural: name,
            singular: name,
            shortNames: { type: 'array', items: name, minItems: 1 },
            categories: { const: ['frostgate'] },
          },
        },
        versions: { type: 'array', minItems: 1, maxItems: 1, items: version },
      },
    },
  },
}
