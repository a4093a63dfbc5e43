import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { bindingsOf, structuredBind } from '../../../sidecar/statement/bindings.ts'

const types = [
  'FIXED', 'REAL', 'TEXT', 'BINARY', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ',
  'TIMESTAMP_TZ', 'VARIANT', 'OBJECT', 'ARRAY', 'DECFLOAT', 'ANY',
] // prettier-ignore
const cell = fc.option(fc.string())
const bind = fc.record({
  type: fc.constantFrom(...types),
  value: fc.oneof(cell, fc.array(cell, { maxLength: 5 })),
})

describe('binds', () => {
  test('of every type pass unchanged, by position or name, single or as lists with nulls', () => {
    const name = fc.oneof(fc.nat().map(String), fc.stringMatching(/^[A-Za-z_]\w{0,20}$/))
    fc.assert(
      fc.property(fc.dictionary(name, bind, { minKeys: 1, noNullPrototype: true }), (binds) => {
        expect(bindingsOf(binds)).toEqual(binds)
      }),
    )
  })

  test('keep their format, and nothing else', () => {
    expect(
      bindingsOf({ 1: { type: 'text', value: '{}', fmt: 'json', schema: {}, more: 1 } }),
    ).toEqual({ 1: { type: 'TEXT', value: '{}', fmt: 'json' } })
    expect(() => bindingsOf({ 1: { type: 'TEXT', value: 'x', fmt: "a'; b" } })).toThrow()
  })

  test('of a structured type are found by their schema; an empty one is none', () => {
    const object = { type: 'OBJECT', value: '{}' }
    expect(structuredBind({ 1: object, 2: { ...object, schema: { type: 'map' } } })).toBe('2')
    for (const schema of [null, undefined, {}, ''])
      expect(structuredBind({ 1: { ...object, schema } })).toBeUndefined()
  })
})
