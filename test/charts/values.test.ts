/** values.yaml, its schema and its comments tell the same. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { readValues, withValues } from '../../charts/values-table.ts'
import { chart, everything, hasHelm, render, withHelm } from './support.ts'

withHelm()

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const read = (name: string) => readFileSync(join(chart, name), 'utf8')
const schema = JSON.parse(read('values.schema.json')) as Schema
const values = readValues(read('values.yaml'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  schema as object,
)

function resolved(each: Schema): Schema {
  const name = each.$ref?.replace('#/$defs/', '')
  return name === undefined ? each : (schema.$defs?.[name] ?? each)
}

/** Paths of all settings, as deep as the schema has properties. */
function paths(each: Schema, path: readonly string[] = []): readonly string[] {
  const { properties } = resolved(each)
  // What a container takes is one value.
  if (properties === undefined || path.at(-1) === 'resources') return [path.join('.')]
  return Object.entries(properties).flatMap(([name, inner]) => paths(inner, [...path, name]))
}

describe('values.yaml', () => {
  test('has a comment for every value', () => {
    expect(values.filter(({ comment }) => comment === '')).toEqual([])
  })

  test('has every value of the schema, and the schema every value', () => {
    const known = paths(schema).filter((path) => path !== 'global')
    expect(values.map(({ path }) => path).sort()).toEqual([...known].sort())
  })

  test.each(['values.yaml', 'values-ha.yaml'])('is valid: %s', (name) => {
    expect(validate(parse(read(name))), JSON.stringify(validate.errors)).toBe(true)
  })

  test('is the table of the page, and a page without marks is no page', () => {
    const page = readFileSync(join(chart, '../../docs/install.md'), 'utf8')
    for (const { path } of values) expect(page).toContain(`\`${path}\``)
    expect(() => withValues('# Install')).toThrow('lacks the marks')
  })
})

describe('The schema of values', () => {
  test('is closed at every object that has named fields', () => {
    const open: string[] = []
    const visit = (each: Schema, path: string): void => {
      if (each.properties !== undefined && each.additionalProperties !== false) open.push(path)
      for (const group of [each.properties ?? {}, each.$defs ?? {}])
        for (const [name, inner] of Object.entries(group)) visit(inner, `${path}.${name}`)
    }
    visit(schema, '')
    expect(open).toEqual([])
  })

  test('knows every value that can be set', () => {
    expect(validate(everything), JSON.stringify(validate.errors)).toBe(true)
  })
})

describe.runIf(hasHelm)('helm refuses', () => {
  test.each([
    ['a value that is misspelt', { replica: 3 }, /replica/],
    ['a misspelt one inside', { sidecar: { image: { repo: 'x/y' } } }, /repo/],
    ['no replicas', { replicas: 0 }, /replicas/],
    ['a level that is none', { logLevel: 'loud' }, /logLevel/],
    ['a namespace that cannot be', { connectionNamespaces: ['Team A'] }, /connectionNamespaces/],
    ['a digest that is a tag', { image: { digest: 'latest' } }, /digest/],
    [
      'an image name that would end a CEL text',
      { sidecar: { image: { repository: "x/y' || true || '" } } },
      /repository/,
    ],
    [
      'sidecars without a memory limit',
      { sidecar: { resources: { limits: { memory: null } } } },
      /memory/,
    ],
    ['a port of the system', { ports: { webhook: 443 } }, /webhook/],
  ])('%s', async (_, wrong, told) => {
    await expect(render(wrong)).rejects.toThrow(told)
  })
})
