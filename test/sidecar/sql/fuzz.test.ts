/** A minute's worth of nothing: the fuzzer's checks on texts that are the same each time. */

import { describe, expect, test } from 'vitest'

import { check } from '../../fuzz/check.ts'
import { families } from '../../fuzz/families.ts'
import { sentence } from '../../fuzz/grammar.ts'
import { rules } from '../../fuzz/grammar-rules.ts'
import { mutate } from '../../fuzz/mutate.ts'
import { random } from '../../fuzz/random.ts'
import { parseStatements } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

function faults(texts: readonly string[]): readonly unknown[] {
  return texts.flatMap((text) => {
    const outcome = check(text)
    return outcome.result === 'fault' ? [{ text, fault: outcome.fault }] : []
  })
}

describe('the fuzzer finds nothing', () => {
  const chance = random(20261122)

  test('in a thousand families of nested openers, to the bounds', () => {
    const all = families()
    const texts = Array.from({ length: 1000 }, () => chance.pick(all)).flatMap((family) =>
      [12, 140, 300].map((depth) => family.text(depth)),
    )
    expect(faults(texts)).toEqual([])
  })

  test('in sentences of its grammar, and it takes most of them', () => {
    const texts = Array.from({ length: 600 }, () => sentence(chance))
    expect(faults(texts)).toEqual([])
    const taken = texts.filter((text) => check(text).result === 'taken').length
    expect(taken / texts.length).toBeGreaterThan(0.9)
  })

  test('in such sentences with pieces moved about', () => {
    const texts = Array.from({ length: 1500 }, () =>
      mutate(sentence(chance), sentence(chance), chance),
    )
    expect(faults(texts)).toEqual([])
  })
})

describe('what the fuzzer found is refused at its place', () => {
  test.each([
    ['SELECT a COLLATE b FROM t', 18],
    ['CALL f(a COLLATE ->>, 1)', 18],
    ['SELECT 1 ->> DECLARE x INT', 27],
    ['EXPLAIN DECLARE x INT', 22],
  ])('%s', (text, column) => {
    const error = refusal(() => parseStatements(text))
    expect(error).toMatchObject({ entry: 'SqlSyntax', line: 1, column })
  })
})

describe('the fuzzer would find something', () => {
  test('a seed repeats a text', () => {
    expect(sentence(random(7))).toBe(sentence(random(7)))
    expect(sentence(random(7))).not.toBe(sentence(random(8)))
  })

  test('each alternative of its grammar is taken alone', () => {
    const refused = Object.entries(rules).flatMap(([name, alternatives]) => {
      if (!['statement', 'dml', 'load', 'meta', 'ddl', 'block', 'query'].includes(name)) return []
      return alternatives
        .map((alternative) => smallest(alternative))
        .filter((text) => check(text).result !== 'taken')
    })
    expect(refused).toEqual([])
  })
})

/** An alternative with the first alternative of each rule in it. */
function smallest(alternative: string): string {
  let text = alternative
  while (/<\w+>/.test(text)) {
    text = text.replaceAll(/<(\w+)>/g, (_whole, name: string) => rules[name]?.[0] ?? '')
  }
  return text
}
