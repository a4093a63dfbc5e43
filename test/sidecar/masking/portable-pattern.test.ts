import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPattern, replacementProblem } from '../../../sidecar/masking/portable-pattern.ts'

describe('A portable pattern', () => {
  test.each([
    ['[0-9]+', 0, 1],
    ['^([^@]+)@(acme|bdex)\\.com$', 2, 1],
    ['[A-Za-z]{2}[0-9]{3,5}x?', 0, 2],
    ['(ab){2}-[-x]', 1, 0],
  ])('is %s', (pattern, groups, variable) => {
    expect(readPattern(pattern)).toEqual({ groups, variable })
  })

  test.each([
    ['', 'empty text'], ['a*', 'empty text'], ['^$', 'empty text'], ['()', 'empty text'], ['(a?)b', 'empty text'],
    ['(?:a)', 'look-around'], ['a(?!b)', 'look-around'], ['(a)\\1', 'not read the same'], ['\\d', 'not read the same'],
    ['\\b', 'not read the same'], ['a.b', 'line ends'], ['a+?', 'lazy'], ['a++', 'lazy'], ['(a+)+', 'exponential'],
    ['(a|ab)', 'choose differently'], ['([a]|b)', 'choose differently'], ['a||b', 'choose differently'], ['[\\d]', 'this class'],
    ['[[:alpha:]]', 'this class'], ['[z-a]', 'this class'], ['[]', 'this class'], ['[a&&b]', 'this class'],
    ['(a', 'not closed'], ['a)', 'closes nothing'], ['+a', 'stands where'], ['a{256}', 'exceeds'], ['a{3,2}', 'before it starts'],
    ['^*a', 'anchor'], ['a{x}', 'stands where'], ['\\', 'not read the same'], ['\\-', 'not read the same'],
  ])('is not %s', (pattern = '', reason) => {
    const read = readPattern(pattern)
    expect('problem' in read ? read.problem.message : 'read').toContain(reason)
  }) // prettier-ignore

  test('is a JavaScript pattern with as many groups, and never throws', () => {
    const text = fc
      .array(
        fc.constantFrom(...Array.from('ab09-^$.*+?{}()[]|\\,'), '[a-z]', '{2}', '{1,3}', '\\.'),
        {
          maxLength: 9,
        },
      )
      .map((parts) => parts.join(''))
    let portable = 0
    fc.assert(
      fc.property(text, (pattern) => {
        const read = readPattern(pattern)
        if ('problem' in read) {
          expect(read.problem.at).toBeLessThanOrEqual(pattern.length)
          return
        }
        portable += 1
        const groups = (new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 0) - 1
        expect(groups).toBe(read.groups)
        expect(new RegExp(pattern, 'u').test('')).toBe(false)
      }),
      { numRuns: 3_000, seed: 7 },
    )
    expect(portable).toBeGreaterThan(200)
  })
})

describe('A replacement', () => {
  test.each([
    ['x', 0, undefined],
    ['\\1-\\2$', 2, undefined],
    ['\\2', 1, 'it names group 2, and the pattern has 1'],
    ['\\0', 1, 'a backslash must be followed by the number of a group, from 1 to 9'],
    ['\\', 1, 'a backslash must be followed by the number of a group, from 1 to 9'],
  ])('%s of a pattern with %i groups', (text, groups, problem) => {
    expect(replacementProblem(text, groups)).toBe(problem)
  })
})
