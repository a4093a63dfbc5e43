import { describe, expect, test } from 'vitest'
import { readRule } from '../../crds/rules.ts'

const rule = (text: string) => readRule({ rule: text, message: 'm' })

describe('A CEL rule of the definitions', () => {
  test.each([
    [
      'exactly one of several fields',
      '[has(self.a), has(self.b), has(self.c)].exists_one(given, given)',
      [{}, { a: 1 }, { c: null }, { a: 1, b: 1 }, { a: 1, b: 1, c: 1 }],
      [false, true, true, false, false],
    ],
    [
      'at least one of several fields',
      'has(self.a) ||\n  has(self.b)',
      [{}, { a: 1 }, { a: 1, b: 1 }, { c: 1 }],
      [false, true, true, false],
    ],
    [
      'one field where another is',
      '!has(self.a) || has(self.b)',
      [{}, { b: 1 }, { a: 1, b: 1 }, { a: 1 }],
      [true, true, true, false],
    ],
    [
      'a field where another has a value',
      "(self.a == 'x') == has(self.b)",
      [{ a: 'y' }, { a: 'x', b: 1 }, { a: 'x' }, { a: 'y', b: 1 }],
      [true, true, false, false],
    ],
    [
      'a duration in a range',
      "duration(self) >= duration('1m') && duration(self) <= duration('24h')",
      ['60s', '23h59m60s', '59s', '25h'],
      [true, true, false, false],
    ],
    [
      'numbers as whole ones',
      'self.a + 1 <= self.b',
      [
        { a: 1, b: 2 },
        { a: 2, b: 2 },
      ],
      [true, false],
    ],
    [
      'a form of text',
      "self.matches('^(a|b\\\\[1\\\\])$')",
      ['a', 'b[1]', 'b1'],
      [true, true, false],
    ],
    [
      'a number of entries of some kind',
      'self.filter(each, has(each.k)).size() <= 1',
      [[], [{ k: {} }, {}], [{ k: 1 }, { k: 2 }]],
      [true, true, false],
    ],
  ])('may ask for %s', (_, text, values: readonly unknown[], expected) => {
    const { holds } = rule(text)
    expect(values.map((value) => holds(value))).toEqual(expected)
  })

  test('may compare with the object as it was', () => {
    const { holds, transition } = rule('self == oldSelf')
    const value = { a: [1, { b: 'x' }] }
    expect(transition).toBe(true)
    expect(holds(value, structuredClone(value))).toBe(true)
    expect(holds(value, { a: [1, { b: 'y' }] })).toBe(false)
  })

  test('names fields that CEL reserves between underscores, or as they are', () => {
    const { holds, fields } = rule('has(self.__null__) || has(self.function)')
    expect(fields).toEqual(['null', 'function'])
    expect([{ null: {} }, { function: 'F' }, {}].map((value) => holds(value))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('does not take an inherited property for a field', () => {
    expect(rule('has(self.constructor) || has(self.toString)').holds({})).toBe(false)
  })

  test('that cannot be evaluated says so, and does not hold by it', () => {
    expect(rule("self.a == 'x'").holds({})).toBe('unknown')
    expect(rule("duration(self) > duration('1s')").holds('soon')).toBe('unknown')
  })

  test.each([
    ["quantity(self).compareTo(quantity('1Gi')) < 0"],
    ['isURL(self)'],
    ['self.a.isSorted()'],
    ['self.?a.hasValue()'],
    ['request.userInfo.username == "x"'],
    ['self.a &&'],
    ['1 + 1'],
  ])('that needs what is not known here stops the program: %s', (text) => {
    expect(() => rule(text)).toThrow()
  })
})
