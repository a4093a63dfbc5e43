import { describe, expect, test } from 'vitest'
import { maskOf } from '../../../../sidecar/masking/methods/index.ts'
import { integer, text, type } from '../fixture.ts'

const redact = maskOf({ kind: 'redact' })
const nothing = maskOf({ kind: 'null' })
const last4 = maskOf({ kind: 'partial', keepFirst: 0, keepLast: 4 })

describe('redact gives a constant of the declared type, and NULL for NULL', () => {
  test.each([
    ['text', text(11), "'***'", 'VARCHAR(11)', '***', '**'],
    ['short text, cut to its length', text(2), "'**'", 'VARCHAR(2)', '**', '***'],
    ['number', type('NUMBER', { precision: 10, scale: 2 }), '0', 'NUMBER(10,2)', '0.00', '1.00'],
    ['float', type('FLOAT'), '0', 'FLOAT', '0', '0.5'],
    ['boolean', type('BOOLEAN'), 'FALSE', 'BOOLEAN', '0', '1'],
    ['date', type('DATE'), 'DATE_FROM_PARTS(1900, 1, 1)', 'DATE', '-25567', '19000'],
    ['time', type('TIME', { scale: 3 }), 'TIME_FROM_PARTS(0, 0, 0)', 'TIME(3)', '0.000', '1.000'],
    [
      'timestamp without zone',
      type('TIMESTAMP_NTZ', { scale: 9 }),
      'TIMESTAMP_NTZ_FROM_PARTS(1970, 1, 1, 0, 0, 0)',
      'TIMESTAMP_NTZ(9)',
      '0.000000000',
      '1.000000000',
    ],
    [
      'timestamp with local zone',
      type('TIMESTAMP_LTZ', { scale: 3 }),
      'TO_TIMESTAMP_LTZ(0)',
      'TIMESTAMP_LTZ(3)',
      '0.000',
      '86400.000',
    ],
    [
      'timestamp with zone',
      type('TIMESTAMP_TZ', { scale: 0 }),
      "TIMESTAMP_TZ_FROM_PARTS(1970, 1, 1, 0, 0, 0, 0, 'UTC')",
      'TIMESTAMP_TZ(0)',
      '0 1440',
      '0 1500',
    ],
  ])('%s', (_name, of, constant, declared, inside, outside) => {
    expect(redact.accepts(of)).toBe(true)
    expect(redact.sql('"C"', of)).toBe(
      `CAST(CASE WHEN "C" IS NULL THEN NULL ELSE ${constant} END AS ${declared})`,
    )
    expect(redact.image(inside, of)).toBe(true)
    expect(redact.image(null, of)).toBe(true)
    expect(redact.image(outside, of)).toBe(false)
    expect(redact.image('', of)).toBe(false)
  })

  test.each(['VARIANT', 'OBJECT', 'ARRAY', 'BINARY', 'GEOGRAPHY', 'VECTOR'])(
    '%s has no such constant',
    (name) => {
      expect(redact.accepts(type(name))).toBe(false)
    },
  )
})

describe('null fits every type', () => {
  test('of a type that can be written, it is cast to it', () => {
    expect(nothing.sql('"C"', text(11))).toBe('CAST(NULL AS VARCHAR(11))')
    expect(nothing.sql('"C"', integer)).toBe('CAST(NULL AS NUMBER(38,0))')
    expect(nothing.sql('"C"', type('BINARY', { length: 16 }))).toBe('CAST(NULL AS BINARY(16))')
  })

  test('of any other, a branch that is never taken gives the type', () => {
    expect(nothing.sql('"C"', type('VECTOR'))).toBe('CASE WHEN FALSE THEN "C" END')
    expect(nothing.sql('"C"', type('VARIANT'))).toBe('CASE WHEN FALSE THEN "C" END')
  })

  test('its image is NULL alone', () => {
    expect(nothing.image(null, integer)).toBe(true)
    expect(nothing.image('0', integer)).toBe(false)
  })
})

describe('partial keeps the ends of a text and never more than half of it', () => {
  test('its SQL masks a short value wholly and cannot ask REPEAT for a negative count', () => {
    expect(last4.sql('"C"', text(11))).toBe(
      'CAST(CASE WHEN "C" IS NULL THEN NULL ELSE CASE WHEN LENGTH("C") < 8 ' +
        `THEN REPEAT('*', LENGTH("C")) ELSE REPEAT('*', GREATEST(LENGTH("C") - 4, 0)) || ` +
        'RIGHT("C", 4) END END AS VARCHAR(11))',
    )
    const both = maskOf({ kind: 'partial', keepFirst: 1, keepLast: 2 })
    expect(both.sql('"C"', text(9))).toContain(
      `LEFT("C", 1) || REPEAT('*', GREATEST(LENGTH("C") - 3, 0)) || RIGHT("C", 2)`,
    )
    const none = maskOf({ kind: 'partial', keepFirst: 0, keepLast: 0 })
    expect(none.sql('"C"', text(9))).toContain(`ELSE REPEAT('*', LENGTH("C")) END`)
  })

  test.each([
    ['*******3456', true],
    ['****3456', true],
    ['***', true],
    ['', true],
    [null, true],
    ['900-12-3456', false],
    ['******-3456', false],
    ['***3456', false],
    ['*******345😀', true],
  ])('a cell %j is in the image of keepLast 4: %s', (cell, inside) => {
    expect(last4.image(cell, text(11))).toBe(inside)
  })

  test('it is for text only', () => {
    expect(last4.accepts(text(11))).toBe(true)
    expect(last4.accepts(integer)).toBe(false)
    expect(last4.accepts(type('VARIANT'))).toBe(false)
  })
})
