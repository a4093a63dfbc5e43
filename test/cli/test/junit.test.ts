import fc from 'fast-check'
import { expect, test } from 'vitest'

import { junitXml } from '../../../cli/test/junit.ts'
import type { CaseResult } from '../../../cli/test/result.ts'
import type { Judgement } from '../../../sidecar/statement/judgement.ts'

function result(name: string, expected?: string): CaseResult {
  return {
    suite: 's<uite>',
    file: 'f.yaml',
    name,
    differences: expected === undefined ? [] : [{ what: 'error', expected, actual: 'none' }],
    judgement: { verdict: 'allow' } as Judgement,
    milliseconds: 1.5,
  }
}

test('suites hold their cases, and failures say what differs', () => {
  const xml = junitXml([result('one'), result('two', 'a & b')])
  expect(xml).toContain('<testsuite name="s&lt;uite&gt;" tests="2" failures="1" errors="0"')
  expect(xml).toContain(
    '<testcase name="one" classname="s&lt;uite&gt;" file="f.yaml" time="0.002"/>',
  )
  expect(xml).toContain('>error: expected a &amp; b, got none</failure>')
})

/** XML 1.0, production Char. */
const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const entities = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'", '&#10;': '\n', '&#9;': '\t', '&#13;': '\r' } as const // prettier-ignore

test('any text comes back from the XML, but for characters that XML cannot hold', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, (name, expected) => {
      const xml = junitXml([result(name, expected)])
      expect(xml).toMatch(allowed)
      // A tag ends at the first >, and attributes at the first quote: everything else is escaped.
      const [, attribute = ''] = /<testcase name="([^"<>]*)"/.exec(xml) ?? []
      const read = attribute.replace(/&[#\w]+;/g, (entity) => {
        if (entity in entities) return entities[entity as keyof typeof entities]
        throw new Error(`unknown entity ${entity}`)
      })
      const held = Array.from(name, (character) =>
        allowed.test(character) ? character : '\u{fffd}',
      )
      expect(read).toBe(held.join(''))
    }),
    { numRuns: 500 },
  )
})
