import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  parseColumnPattern,
  parseFunctionName,
  parseIdentifier,
  parseObjectPattern,
} from '../../../operator/compile/patterns.ts'

describe('A pattern of objects', () => {
  test.each([
    ['ANALYTICS.*.*', ['ANALYTICS', null, null]],
    ['health.phi.Patients', ['HEALTH', 'PHI', 'PATIENTS']],
    ['"health".phi."Pa""ti.ents"', ['health', 'PHI', 'Pa"ti.ents']],
    ['A."*"._1$', ['A', '*', '_1$']],
    ['*.*.*', [null, null, null]],
    ['"{A,B}".b.c', ['{A,B}', 'B', 'C']],
  ])('%s', (text, expected) => {
    const parsed = parseObjectPattern(text)
    const [database, schema, name] = expected
    expect(parsed).toEqual({ value: { database, schema, name } })
  })

  test.each([
    '',
    'A',
    'A.B',
    'A.B.C.D',
    'A.B.',
    '.A.B',
    'A..B',
    'A.B.C ',
    'A B.C',
    'A/B.C',
    'A.B.1C',
    'A.B.""',
    'A.B."C',
    'A.B.C*',
    'A.B.**',
    'A.B.é',
    'A.B.{C}.D',
    '{A,B}.C.D',
    'A.B.C; DROP',
    `A.B.${'C'.repeat(256)}`,
  ])('is refused with advice: %s', (text) => {
    const parsed = parseObjectPattern(text)
    expect(parsed).not.toHaveProperty('value')
    expect(parsed).toHaveProperty('advice', expect.stringMatching(/\.$/))
  })

  test('of any quoted names means exactly these', () => {
    const name = fc.string({ minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(name, name, name, (database, schema, table) => {
        const text = [database, schema, table]
          .map((part) => `"${part.replaceAll('"', '""')}"`)
          .join('.')
        expect(parseObjectPattern(text)).toEqual({ value: { database, schema, name: table } })
      }),
    )
  })

  test('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('aB1_$.*"{}, é\n')) }),
        (text) => {
          for (const parse of [
            parseObjectPattern,
            parseColumnPattern,
            parseIdentifier,
            parseFunctionName,
          ]) {
            const parsed: object = parse(text)
            expect('value' in parsed).not.toBe('message' in parsed)
          }
        },
      ),
    )
  })
})

describe('A pattern of columns', () => {
  const at = { database: 'A', schema: null, name: 'C' }

  test('lists alternatives in its last part', () => {
    const ssn = { ...at, column: 'SSN' }
    expect(parseColumnPattern('A.*.C.ssn')).toEqual({ value: [ssn] })
    expect(parseColumnPattern('a.*.c.{SSN, "dob"}')).toEqual({
      value: [ssn, { ...at, column: 'dob' }],
    })
    expect(parseColumnPattern('a.*.c.*')).toEqual({ value: [{ ...at, column: null }] })
  })

  test.each([
    'A.B.C',
    'A.B.{C,D}.E',
    'A.B.C.{}',
    'A.B.C.{D',
    'A.B.C.{D,}',
    'A.B.C.{*}',
    'A.B.C.{D}E',
  ])('is refused with advice: %s', (text) => {
    expect(parseColumnPattern(text)).toHaveProperty('advice', expect.stringMatching(/\.$/))
  })
})

describe('A single name', () => {
  test('is folded unless quoted', () => {
    expect(parseIdentifier('agent_reader')).toEqual({ value: 'AGENT_READER' })
    expect(parseIdentifier('"My Role"')).toEqual({ value: 'My Role' })
  })

  test.each(['*', '{A}', 'A.B', 'MY ROLE', ''])('is not: %s', (text) => {
    expect(parseIdentifier(text)).toHaveProperty('message')
  })
})

describe('The name of a function', () => {
  test('is a built-in, or fully qualified', () => {
    expect(parseFunctionName('to_geography')).toEqual({ value: 'TO_GEOGRAPHY' })
    expect(parseFunctionName('util.public.F')).toEqual({ value: 'UTIL.PUBLIC.F' })
  })

  test.each(['*', 'A.B', 'A.B.*', '{A,B}', '"f"', '"A.B".C.D', 'A.B.C.D'])('is not: %s', (text) => {
    expect(parseFunctionName(text)).toHaveProperty('message')
  })
})
