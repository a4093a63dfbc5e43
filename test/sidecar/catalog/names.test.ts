import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  complete,
  displayObject,
  displayPattern,
  matchesColumn,
  matchesObject,
  qualify,
} from '../../../sidecar/catalog/names.ts'
import { relationKey } from '../../../sidecar/catalog/types.ts'
import { name } from './support.ts'

const here = { database: 'DB', schema: 'S' }

describe('a name is completed', () => {
  test.each([
    [['T'], 'DB.S.T'],
    [['X', 'T'], 'DB.X.T'],
    [['Y', 'X', 'T'], 'Y.X.T'],
  ])('%j from the session', (parts, expected) => {
    expect(qualify(parts, here)).toEqual(name(expected))
  })

  test.each([
    [['T'], { database: null, schema: null }, 'Object T is not fully qualified', 'database'],
    [['T'], { database: 'DB', schema: null }, 'Object T is not', 'schema'],
    [['X', 'T'], { database: null, schema: 'S' }, 'Object X.T is not', 'database'],
    [['T'], { database: null, schema: 'S' }, 'Object T is not', 'database'],
    [['W', 'Y', 'X', 'T'], here, 'Object W.Y.X.T is not', 'three parts'],
    [[], here, 'is not fully qualified', 'three parts'],
  ])('not %j from %j', (parts, context, text, missing) => {
    expect(() => qualify(parts, context)).toThrow(text)
    expect(() => qualify(parts, context)).toThrow(missing)
  })

  test('as far as it goes: a schema without its database says nothing', () => {
    expect(complete(['T'], { database: null, schema: 'S' })).toEqual({
      database: null,
      schema: null,
      name: 'T',
    })
  })
})

describe('a pattern', () => {
  const any = { database: null, schema: null, name: null }

  test('matches exact parts, and every part where it has a star', () => {
    expect(matchesObject({ ...any, database: 'DB' }, name('DB.S.T'))).toBe(true)
    expect(matchesObject({ ...any, database: 'db' }, name('DB.S.T'))).toBe(false)
    expect(matchesObject({ ...any, schema: 'X' }, name('DB.S.T'))).toBe(false)
    expect(matchesObject({ ...any, name: 'X' }, name('DB.S.T'))).toBe(false)
    expect(matchesObject({ ...any, name: '*' }, name('DB.S.T'))).toBe(false)
  })

  test('of columns matches the column too', () => {
    expect(matchesColumn({ ...any, column: 'SSN' }, name('DB.S.T'), 'SSN')).toBe(true)
    expect(matchesColumn({ ...any, column: 'SSN' }, name('DB.S.T'), 'ID')).toBe(false)
    expect(matchesColumn({ ...any, name: 'X', column: null }, name('DB.S.T'), 'ID')).toBe(false)
  })

  test('is shown as it is written', () => {
    expect(displayPattern({ database: 'DB', schema: 'my schema', name: null })).toBe(
      'DB."my schema".*',
    )
    expect(displayObject(name('DB.S.t"x'))).toBe('DB.S."t""x"')
  })
})

test('no two different names share a key', () => {
  const part = fc.string({ unit: fc.constantFrom('A', '"', '.', ',', '\\'), maxLength: 4 })
  const names = fc.record({ database: part, schema: part, name: part })
  fc.assert(
    fc.property(names, names, (one, other) => {
      const same =
        one.database === other.database && one.schema === other.schema && one.name === other.name
      expect(relationKey(one) === relationKey(other)).toBe(same)
    }),
  )
})
