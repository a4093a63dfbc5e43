import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  describe as inWords,
  patchOf,
  principalOf,
  resumed,
  suspended,
  wordsOf,
  type SuspendField,
} from '../../../cli/suspend/change.ts'

const one = { provider: 'okta', subject: 'one' }
const two = { provider: 'okta', subject: 'two' }

describe('what spec.suspend becomes', () => {
  test('without principals, everybody; those named before stay named', () => {
    expect(suspended(undefined, [], 'r')).toEqual({ all: true, reason: 'r' })
    const before = suspended(undefined, [one], 'a')
    expect(suspended(before, [], 'b')).toEqual({ all: true, principals: [one], reason: 'a; b' })
  })

  test('takes away what is named, and all of it where nothing is', () => {
    const both = suspended(undefined, [one, two], 'r')
    expect(resumed(both, [one])).toEqual({ all: false, principals: [two], reason: 'r' })
    expect(resumed(both, [two, one])).toBeNull()
    expect(resumed(both, [])).toBeNull()
    expect(resumed(undefined, [one])).toBeNull()
    // Everybody stays stopped: one of them was not asked to be let out alone.
    const everybody = suspended(both, [], 'r')
    expect(resumed(everybody, [one, two])).toEqual({ all: true, reason: 'r' })
  })

  test('keeps the newer of two reasons that are too long together', () => {
    const long = 'x'.repeat(1_000)
    expect(suspended(suspended(undefined, [one], long), [two], 'y'.repeat(100)).reason).toBe(
      'y'.repeat(100),
    )
  })

  test('is refused beyond what the schema takes', () => {
    const many = Array.from({ length: 257 }, (_, index) => ({ ...one, subject: `s${index}` }))
    expect(() => suspended(undefined, many, 'r')).toThrow('256 principals')
  })

  test('sets what goes away to null, or a merge would keep it', () => {
    expect(patchOf(null)).toBeNull()
    expect(patchOf({ all: true })).toEqual({ all: true, principals: null, reason: null })
  })

  test('is said in words', () => {
    expect(inWords(null)).toBe('nobody is suspended')
    expect(inWords({ all: true, principals: [one] })).toContain('everybody, and for okta:one')
  })
})

describe('a principal on the command line', () => {
  test('has a provider up to the first colon', () => {
    const subject = 'system:serviceaccount:ci:runner'
    expect(principalOf(`cluster:${subject}`)).toEqual({ provider: 'cluster', subject })
  })

  test.each(['agent-7', ':x', 'okta:', ''])('%j is none', (text) => {
    expect(() => principalOf(text)).toThrow('PROVIDER:SUBJECT')
  })
})

test('whoever is suspended stays so until they, or all, are resumed', () => {
  const person = fc.constantFrom('a', 'b', 'c').map((subject) => ({ provider: 'okta', subject }))
  const people = fc.uniqueArray(person, { selector: wordsOf, maxLength: 3 })
  const step = fc.record({ suspend: fc.boolean(), people })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let field: SuspendField | null = null
      let all = false
      const named = new Set<string>()
      for (const { suspend, people: chosen } of steps) {
        field = suspend
          ? suspended(field ?? undefined, chosen, 'r')
          : resumed(field ?? undefined, chosen)
        if (chosen.length === 0) all = suspend
        if (chosen.length === 0 && !suspend) named.clear()
        for (const each of chosen) {
          if (suspend) named.add(wordsOf(each))
          else named.delete(wordsOf(each))
        }
        expect(field?.all ?? false).toBe(all)
        expect(new Set((field?.principals ?? []).map(wordsOf))).toEqual(named)
      }
    }),
  )
})
