import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, canonicalSha256 } from '../../sidecar/canonical-json.ts'

describe('Canonical JSON', () => {
  test('sorts members by UTF-16 code units, at every depth', () => {
    // The example of RFC 8785, section 3.2.3: a surrogate pair sorts before U+FB33.
    const value = { '\ufb33': 1, '\u{1f600}': 2, '€': 3, b: { z: 1, a: 2 }, '1': 4 }
    expect(canonicalJson(value)).toBe('{"1":4,"b":{"a":2,"z":1},"€":3,"\u{1f600}":2,"\ufb33":1}')
  })

  test('writes numbers and strings as ECMAScript does', () => {
    expect(canonicalJson([1e21, 0.1, -0, 1e-7, 'a"\\\n\u0001é'])).toBe(
      '[1e+21,0.1,0,1e-7,"a\\"\\\\\\n\\u0001é"]',
    )
  })

  test('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}')
  })

  test('escapes a lone surrogate, so that it differs from its replacement', () => {
    expect(canonicalJson('\ud800')).toBe('"\\ud800"')
    expect(canonicalSha256('\ud800')).not.toBe(canonicalSha256('\ufffd'))
  })

  test.each([
    ['NaN', NaN],
    ['an infinity', [-Infinity]],
    ['a bigint', 1n],
    ['undefined in a list', [undefined]],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a function', () => 1],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(/no JSON form/)
  })

  test('hashes the canonical text with SHA-256', () => {
    // printf '{"a":1}' | sha256sum
    expect(canonicalSha256({ a: 1 })).toBe(
      '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    )
  })

  test('says the same value, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        // JSON has no -0, so both sides go through it.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
    )
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}
