import { describe, expect, test } from 'vitest'
import type { OpenApiSchema } from '../../../crds/definitions.ts'
import { kinds, readSchema } from '../../../crds/definitions.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { isEmbeddedExample } from '../../../operator/compile/embedded-example.ts'
import { unserved } from '../../../operator/compile/unserved.ts'
import { bundleOf, changed, problemsOf, valid, withFolder } from './folder.ts'

const second = {
  'second.yaml': (valid['connection.yaml'] ?? '')
    .replace('name: acme\n', 'name: other\n')
    .replaceAll('acme', 'other'),
}

describe('A bundle', () => {
  test('of a policy without rules has none, and so denies all', async () => {
    const policy = (valid['policy.yaml'] ?? '').replace(/ {2}rules:[^]*$/, '')
    const bundle = await bundleOf({ ...valid, 'policy.yaml': policy })
    expect(bundle.policies.map(({ rules }) => rules)).toEqual([[]])
  })

  test('has the same digest, however the objects are spread over files', async () => {
    const twoPolicies = {
      ...valid,
      'b.yaml': (valid['policy.yaml'] ?? '').replace('name: agents', 'name: z-last'),
    }
    const one = await bundleOf({ 'all.yml': Object.values(twoPolicies).reverse().join('---\n') })
    const many = await bundleOf(twoPolicies)
    expect(one).toEqual(many)
    expect(many.policies.map(({ name }) => name)).toEqual(['agents', 'z-last'])
  })

  test('has another digest for any other meaning', async () => {
    const digests = await Promise.all(
      [valid, changed('masking.yaml', 'keepLast: 4', 'keepLast: 3')].map(
        async (files) => (await bundleOf(files)).digest,
      ),
    )
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(digests[0]).not.toBe(digests[1])
  })

  test('fills in what is not given', async () => {
    const { connection, policies, masks } = await bundleOf(valid)
    expect(connection).toMatchObject({ namespace: 'frostgate', maxSessionAge: 28_800 })
    expect(connection.identityProviders[0]).toMatchObject({
      groupsClaim: 'groups',
      algorithms: ['RS256', 'ES256'],
    })
    expect(policies[0]).toMatchObject({ mode: 'Enforce', recording: 'Full' })
    expect(masks[0]).toMatchObject({ usage: 'Strict', subjects: [], exceptFor: [] })
  })

  test('has every column that braces list', async () => {
    const files = changed('masking.yaml', '[A.B.C.SSN]', '["A.B.C.{SSN,DOB}"]')
    const { masks } = await bundleOf(files)
    expect(masks[0]?.columns.map(({ column }) => column)).toEqual(['SSN', 'DOB'])
  })
})

describe('Of several connections', () => {
  const files = { ...valid, ...second }

  test('one is chosen by name, with what refers to it only', async () => {
    expect((await bundleOf(files, { connection: 'acme' })).policies).toHaveLength(1)
    const other = await bundleOf(files, { connection: 'frostgate/other' })
    expect(other.connection.account).toBe('OTHER-PROD')
    expect([other.policies, other.masks]).toEqual([[], []])
  })

  test('one has to be chosen', async () => {
    expect(await problemsOf(files)).toEqual([
      'second.yaml:4:3: there are several SnowflakeConnections. Choose one by name: frostgate/acme, frostgate/other.',
    ])
  })

  test('an unknown one cannot be chosen', async () => {
    expect(await problemsOf(files, { connection: 'acne' })).toEqual([
      'there is no SnowflakeConnection called "acne". Choose one by name: frostgate/acme, frostgate/other.',
    ])
  })
})

test('A folder without a connection says so, and that its rules refer to nothing', async () => {
  const { 'masking.yaml': masking = '' } = valid
  expect(await problemsOf({ 'masking.yaml': masking })).toEqual([
    'there is no SnowflakeConnection. Add one.',
    'masking.yaml:6:20 spec.connectionRef.name: there is no SnowflakeConnection "acme" in namespace "frostgate". There are: none. References stay within a namespace.',
  ])
})

test('Problems of several objects are all listed, in reading order', async () => {
  const files = {
    ...changed('policy.yaml', '[A.B.*]', '[A]'),
    'masking.yaml': (valid['masking.yaml'] ?? '').replace('[A.B.C.SSN]', '[B, C]'),
  }
  const places = (await problemsOf(files)).map((line) => line.split(' ')[0])
  expect(places).toEqual(['masking.yaml:7:13', 'masking.yaml:7:16', 'policy.yaml:14:17'])
})

test('Only the annotation with this very value marks the embedded example', async () => {
  const marks = ['embedded', 'Embedded', 'true']
  const found = marks.map(async (value) => {
    const text = `name: acme\n  annotations: { frostgate.dev/example: "${value}" }`
    const files = changed('connection.yaml', 'name: acme', text)
    const result = await withFolder(files, (directory) => compileDirectory(directory))
    return 'connection' in result && isEmbeddedExample(result.connection)
  })
  expect(await Promise.all(found)).toEqual([true, false, false])
})

/** Paths of all fields whose description says that they are not served, `*` for list entries. */
function describedAsUnserved(schema: OpenApiSchema, path: string): readonly string[] {
  if (schema.description.includes('Not served by this version')) return [path]
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      describedAsUnserved(child, `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : describedAsUnserved(schema.items, `${path}.*`)),
  ]
}

test('What is described as not served is refused, and what is refused is described so', () => {
  const described = kinds.flatMap((kind) => describedAsUnserved(readSchema(kind), kind))
  const refused = unserved.map(({ kind, path }) => [kind, ...path].join('.'))
  expect(refused.toSorted()).toEqual(described.toSorted())
})
