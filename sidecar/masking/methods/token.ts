/**
 * `token`: a keyed token in place of the value. Columns of one domain have equal tokens for equal
 * values. Opaque: `tok_` and 32 hexadecimal digits, cut to the column. Digits: see
 * `token-digits.ts`.
 */

import type { ColumnType } from '../../catalog/types.ts'
import type { MaskMethod } from '../../control/bundle.ts'
import { familyOf } from '../column-types.ts'
import { fitted } from './hash.ts'
import { digestSql, functionSql, secretOf } from './keys.ts'
import type { DerivedKey } from './keys.ts'
import { keepNull, lengthOf, plainText, redactedSql, redactedText, room } from './mask.ts'
import type { Mask } from './mask.ts'
import { digitsImage, digitsNumberSql, digitsTextSql } from './token-digits.ts'

type TokenMethod = Extract<MaskMethod, { readonly kind: 'token' }>

const prefix = 'tok_'
/** The prefix and 64 bits. */
const shortest = 20
const longest = 36

export function token(method: TokenMethod): Mask {
  const { key, format, domain } = method
  const image: Mask['image'] = (cell, type) => {
    if (cell === null) return true
    if (key.kind === 'function') return fits(cell, type)
    if (familyOf(type) === 'number') return /^[1-9]\d*$/.test(cell) && fits(cell, type)
    if (opaqueImage(cell, type)) return true
    if (format === 'Opaque') return false
    return (cell === redactedText(type) && room(type) < shortest) || digitsImage(cell, type)
  }
  return {
    accepts: (type) => {
      if (familyOf(type) === 'number') return format === 'Digits' && (type.scale ?? 0) === 0
      return familyOf(type) === 'text' && (format === 'Digits' || room(type) >= shortest)
    },
    sql: (column, type, writing) => {
      if (key.kind === 'function') return byFunction(column, type, key)
      if (writing === undefined) throw new Error('a keyed mask needs a key')
      const derived = writing.keyring.derive(key.secretName, ['token', domain])
      if (familyOf(type) === 'number') {
        return keepNull(column, digitsNumberSql(column, derived), type)
      }
      const text = plainText(column)
      const opaque = opaqueSql(text, type, derived)
      const value = format === 'Opaque' ? opaque : digitsTextSql(text, type, derived, opaque)
      return keepNull(column, value, type)
    },
    image,
    // Digits of a token look like digits of anything.
    recognises: (text, type) => key.kind === 'inStatement' && opaqueImage(text, type),
    joinable: format === 'Opaque',
    secretName: secretOf(key),
  }
}

/** A token, or where the column is too short for one, the redaction. */
function opaqueSql(text: string, type: ColumnType, key: DerivedKey): string {
  if (room(type) < shortest) return redactedSql(type)
  const digits = Math.min(longest, room(type)) - prefix.length
  return `'${prefix}' || LEFT(${digestSql(text, 'o', key)}, ${String(digits)})`
}

function opaqueImage(cell: string, type: ColumnType): boolean {
  return (
    familyOf(type) === 'text' &&
    room(type) >= shortest &&
    cell.length === Math.min(longest, room(type)) &&
    /^tok_[0-9a-f]+$/.test(cell)
  )
}

function byFunction(
  column: string,
  type: ColumnType,
  key: Parameters<typeof functionSql>[0],
): string {
  if (familyOf(type) === 'text') {
    return keepNull(column, fitted(functionSql(key, plainText(column)), type), type)
  }
  const precision = String(type.precision ?? 38)
  // What is no number, or too long a one, must not be an error, which would tell of the value.
  const number = `TRY_TO_NUMBER(${functionSql(key, `TO_VARCHAR(${column})`)}, ${precision}, 0)`
  return keepNull(column, `COALESCE(${number}, 0)`, type)
}

function fits(cell: string, type: ColumnType): boolean {
  if (familyOf(type) === 'text') return lengthOf(cell) <= room(type)
  return /^-?\d+$/.test(cell) && cell.replace('-', '').length <= (type.precision ?? 38)
}
