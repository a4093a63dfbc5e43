import { describe, expect, test } from 'vitest'
import { readRule } from '../../crds/rules.ts'

const rule = (text: string) => readRule({ rule: text, message: 'm' })

describe('A CEL rule of the definitions', () => {
  test('may ask for exactly one of several fields', () => {
    const { holds } = rule('[has(self.a), has(self.b), has(self.c)].exists_one(given, given)')
    expect([{}, { a: 1 }, { c: null }, { a: 1, b: 1 }, { a: 1, b: 1, c: 1 }].map(holds)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
  })

  test('may ask for at least one of several fields', () => {
    const { holds } = rule('has(self.a) ||\n  has(self.b)')
    expect([{}, { a: 1 }, { a: 1, b: 1 }, { c: 1 }].map(holds)).toEqual([false, true, true, false])
  })

  test('may ask for one field where another is', () => {
    const { holds } = rule('!has(self.a) || has(self.b)')
    expect([{}, { b: 1 }, { a: 1, b: 1 }, { a: 1 }].map(holds)).toEqual([true, true, true, false])
  })

  test('may ask for a field where another has a value, and only there', () => {
    const { holds, fields } = rule("(self.a == 'x') == has(self.b)")
    const objects = [{}, { a: 'y' }, { a: 'x', b: 1 }, { a: 'x' }, { a: 'y', b: 1 }, { b: 1 }]
    expect(objects.map(holds)).toEqual([true, true, true, false, false, false])
    expect(fields).toEqual(['b'])
  })

  test('escapes a reserved word as CEL asks', () => {
    expect(rule('has(self.__null__) || has(self.in_)').fields).toEqual(['null', 'in_'])
  })

  test('does not take an inherited property for a field', () => {
    expect(rule('has(self.constructor) || has(self.toString)').holds({})).toBe(false)
  })

  test.each([
    'self.a == self.b',
    'has(self.a) && has(self.b)',
    '!has(self.a) || !has(self.b)',
    '!has(self.a) || has(self.b) || has(self.c)',
    "(self.a == 'x') != has(self.b)",
    '[has(self.a), has(self.b)].exists(given, given)',
    'has(self.a) || has(self.b) || true',
  ])('of any other form stops the program: %s', (text) => {
    expect(() => rule(text)).toThrow(/unknown form/)
  })
})
