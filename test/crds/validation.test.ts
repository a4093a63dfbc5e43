import { describe, expect, test } from 'vitest'
import type { OpenApiSchema } from '../../crds/definitions.ts'
import { definedKinds } from '../../crds/definitions.ts'
import { extensionProblems } from '../../crds/extensions.ts'
import { formatField } from '../../crds/field-path.ts'
import { validateObject } from '../../crds/validation.ts'
import { objectOf, refusedObjects } from './cases.ts'

describe('An object that the API server would refuse is refused here too', () => {
  test.each(refusedObjects)('$kind: $title', ({ kind, object, old, field, message }) => {
    const problems = validateObject(kind, structuredClone(object), old)
    const there = problems.filter(({ path }) => formatField(path).startsWith(field))
    expect(there.map((problem) => problem.message).join('; ')).toContain(message ?? '')
    expect(there).not.toEqual([])
    for (const problem of problems) expect(problem.advice).toMatch(/[.?]$/)
  })
})

describe('A valid object', () => {
  test.each(definedKinds)('of kind %s has no problem, and none when it stays as it is', (kind) => {
    expect(validateObject(kind, objectOf(kind))).toEqual([])
    expect(validateObject(kind, objectOf(kind), objectOf(kind))).toEqual([])
  })

  test('that is new has nothing that it must be equal to', () => {
    const moved = objectOf('MaskingRule', { connectionRef: { name: 'other' } })
    expect(validateObject('MaskingRule', moved)).toEqual([])
  })

  test('may change in what is not fixed', () => {
    const changed = objectOf('AgentPolicy', { mode: 'Observe' })
    expect(validateObject('AgentPolicy', changed, objectOf('AgentPolicy'))).toEqual([])
  })
})

describe('A rule that cannot be evaluated', () => {
  const schema: OpenApiSchema = {
    type: 'string',
    description: 'A duration.',
    'x-kubernetes-validations': [{ rule: "duration(self) > duration('1s')", message: 'm' }],
  }

  test('refuses a value that nothing else is wrong with', () => {
    const found = extensionProblems(schema, 'soon', undefined, { malformed: false })
    expect(found).toEqual([{ path: [], message: 'm', advice: 'It says "soon".' }])
  })

  test('says nothing of a value that the schema has refused', () => {
    expect(extensionProblems(schema, 7, undefined, { malformed: true })).toEqual([])
  })
})

test('A list entry is compared with the entry of the same key, wherever it stood', () => {
  const schema: OpenApiSchema = {
    type: 'array',
    description: 'Entries.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      description: 'An entry.',
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'm' }],
    },
  }
  const [a, b] = [
    { name: 'a', value: 1 },
    { name: 'b', value: 2 },
  ]
  const changes = (now: unknown) =>
    extensionProblems(schema, now, [a, b], { malformed: false }).map(({ path }) => path)
  expect(changes([b, a, { name: 'new' }])).toEqual([])
  expect(changes([b, { name: 'a', value: 3 }])).toEqual([[1]])
})
