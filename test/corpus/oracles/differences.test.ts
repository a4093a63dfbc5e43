import { describe, expect, test } from 'vitest'

import { disagreements, lacking, renewed } from './differences.ts'
import type { Difference } from './differences.ts'

const found: Difference = {
  statement: '0123456789abcdef',
  corpus: 'a.json',
  source: 'a.sql#1',
  kind: 'Select',
  oracles: ['polyglot'],
  ours: ['t'],
  theirs: ['u'],
  reason: '',
}
const written: Difference = { ...found, reason: 'written' }
const corpora = [{ name: 'a.json', statements: [] }]

describe('the list made anew', () => {
  test('keeps what people wrote, also when one more oracle says the same', () => {
    const two: Difference = { ...found, oracles: ['polyglot', 'sqlparser-ts'] }
    const checked: Difference = { ...written, checked: 'by hand' }
    expect(renewed([checked], [two], corpora)).toEqual([
      { ...two, reason: 'written', checked: 'by hand' },
    ])
  })

  test('keeps nothing that was written for other names or another statement', () => {
    const names = { ...found, theirs: ['v'] }
    const statement = { ...found, statement: 'fedcba9876543210' }
    expect(renewed([written], [names, statement], corpora)).toEqual([names, statement])
  })

  test('keeps no reason that only a proof may give', () => {
    expect(renewed([{ ...found, reason: 'in-a-string' }], [found], corpora)).toEqual([found])
  })

  test('leaves out what is no difference any more, and keeps what is of a corpus elsewhere', () => {
    const elsewhere = { ...written, corpus: 'b.json' }
    expect(renewed([written, elsewhere], [], corpora)).toEqual([elsewhere])
  })
})

describe('an entry', () => {
  test.each([
    ['without a reason is refused', found, 'it has no reason'],
    ['with a reason that does not exist is refused', written, 'there is no reason written'],
    ['with a proven reason passes', { ...found, reason: 'dual' }, undefined],
    [
      'on which oracles agree has to be checked by a person',
      { ...found, reason: 'empty-schema', oracles: ['polyglot', 'sqlparser-ts'] as const },
      'oracles agree, and nobody says that it was checked',
    ],
    [
      'on which oracles agree passes when it was',
      {
        ...found,
        reason: 'empty-schema',
        oracles: ['polyglot', 'sqlparser-ts'] as const,
        checked: 'It is PUBLIC.',
      },
      undefined,
    ],
  ])('%s', (_title, difference, complaint) => {
    expect(lacking(difference)).toBe(complaint)
  })
})

describe('the list and what was found', () => {
  const said = (known: readonly Difference[], now: readonly Difference[]) =>
    disagreements(known, now, corpora).map((line) => line.split(':')[0])

  test('agree when each is in the other', () => {
    expect(said([written], [found])).toEqual([])
  })

  test('disagree about a new difference, a stale one, and a changed one', () => {
    expect(said([], [found])).toEqual(['new'])
    expect(said([written], [])).toEqual(['no difference any more'])
    expect(said([written], [{ ...found, ours: [] }])).toEqual(['new', 'no difference any more'])
  })

  test('disagree about a reason that is not proven any more', () => {
    expect(said([{ ...found, reason: 'dual' }], [found])).toEqual(['the reason is not proven'])
  })

  test('say nothing about a corpus that is not at hand', () => {
    expect(said([{ ...written, corpus: 'b.json' }], [])).toEqual([])
  })
})
