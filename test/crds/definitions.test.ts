import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { OpenApiSchema } from '../../crds/definitions.ts'
import { definedKinds, definitionFile, readSchema } from '../../crds/definitions.ts'
import { generateTypes } from '../../crds/generate.ts'
import { messageKeywords } from '../../crds/messages.ts'
import { readRule } from '../../crds/rules.ts'
import { statementClasses } from '../../sidecar/sql/facts-types.ts'
import { customResourceDefinition } from './definition-schema.ts'

/** Every schema of a kind with its path, the root first. */
function schemasOf(
  schema: OpenApiSchema,
  path = '',
): readonly (readonly [string, OpenApiSchema])[] {
  return [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      schemasOf(child, `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : schemasOf(schema.items, `${path}[]`)),
    ...(schema.additionalProperties === undefined
      ? []
      : schemasOf(schema.additionalProperties, `${path}.*`)),
  ]
}

describe.each(definedKinds)('The definition of %s', (kind) => {
  const schemas = schemasOf(readSchema(kind))

  test('is a CustomResourceDefinition with a structural schema', () => {
    const validate = new Ajv({ allErrors: true, strict: false }).compile(customResourceDefinition)
    validate(parse(readFileSync(definitionFile(kind), 'utf8')))
    expect(validate.errors ?? []).toEqual([])
  })

  test('describes every field in whole sentences', () => {
    const bad = schemas.filter(([, { description }]) => !/^["A-Z][^]{10,}\.$/.test(description))
    expect(bad.map(([path]) => path)).toEqual([])
  })

  test('bounds every list, map and text, which keeps CEL rules within their cost', () => {
    const unbounded = schemas.filter(
      ([path, schema]) =>
        path.startsWith('.spec') &&
        ((schema.type === 'array' && schema.maxItems === undefined) ||
          (schema.additionalProperties !== undefined && schema.maxProperties === undefined) ||
          (schema.type === 'string' &&
            schema.maxLength === undefined &&
            schema.enum === undefined)),
    )
    expect(unbounded.map(([path]) => path)).toEqual([])
  })

  test('has only CEL rules that are evaluated outside of a cluster too, about fields that exist', () => {
    const rules = schemas.flatMap(([path, schema]) =>
      (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, schema, rule })),
    )
    expect(rules.length).toBeGreaterThan(0)
    for (const { path, schema, rule } of rules) {
      const { fields, fieldPath } = readRule(rule)
      const missing = [...fields, ...fieldPath].filter(
        (field) => schema.properties?.[String(field)] === undefined,
      )
      expect(missing, path).toEqual([])
    }
  })

  test('lists in each rule of a union every member that the schema has', () => {
    const unions = schemas.filter(([, schema]) =>
      (schema['x-kubernetes-validations'] ?? []).some(({ rule }) => rule.includes('exists_one')),
    )
    for (const [path, schema] of unions.filter(([path]) => /(credential|mask)$/.test(path))) {
      const [rule] = schema['x-kubernetes-validations'] ?? []
      expect(rule && readRule(rule).fields, path).toEqual(Object.keys(schema.properties ?? {}))
    }
  })

  test('has a default only where the default is valid', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    const wrong = schemas.filter(
      ([, schema]) => schema.default !== undefined && !ajv.validate({ ...schema }, schema.default),
    )
    expect(wrong.map(([path]) => path)).toEqual([])
  })

  test('uses only keywords for whose errors there is a text', () => {
    const silent = new Set(['description', 'format', 'default', 'properties', 'items'])
    const used = schemas.flatMap(([, schema]) => Object.keys(schema))
    const unknown = used.filter(
      (key) => !messageKeywords.has(key) && !silent.has(key) && !key.startsWith('x-kubernetes-'),
    )
    expect([...new Set(unknown)]).toEqual([])
  })
})

describe('The API', () => {
  test('has types.ts as generated from the definitions', async () => {
    const file = join(import.meta.dirname, '../../crds/types.ts')
    expect(readFileSync(file, 'utf8')).toBe(await generateTypes())
  })

  test('names the classes of statements that the SQL front end knows', () => {
    const statements = schemasOf(readSchema('AgentPolicy')).find(([path]) =>
      path.endsWith('.rules[].statements[]'),
    )
    expect(statements?.[1].enum).toEqual(statementClasses)
  })
})
