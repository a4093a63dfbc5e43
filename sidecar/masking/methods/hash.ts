/**
 * `hash`: a keyed digest, in hexadecimal, cut to the column. Equal values of the columns that one
 * rule masks have equal digests, if the columns are equally long or hold 64 characters.
 */

import type { MaskKey } from '../../control/bundle.ts'
import { familyOf } from '../column-types.ts'
import { digestSql, functionSql, secretOf } from './keys.ts'
import { keepNull, lengthOf, plainText, room } from './mask.ts'
import type { Mask } from './mask.ts'

/** 64 bits: fewer would meet by chance in a table of some million rows. */
const shortest = 16
const digits = 64

export function hash({ key }: { readonly key: MaskKey }): Mask {
  const image: Mask['image'] = (cell, type) => {
    if (cell === null) return true
    if (key.kind === 'function') return lengthOf(cell) <= room(type)
    return cell.length === Math.min(digits, room(type)) && /^[0-9a-f]+$/.test(cell)
  }
  return {
    accepts: (type) => familyOf(type) === 'text' && room(type) >= shortest,
    sql: (column, type, writing) => {
      const text = plainText(column)
      if (key.kind === 'function')
        return keepNull(column, fitted(functionSql(key, text), type), type)
      if (writing === undefined) throw new Error('a keyed mask needs a key')
      const derived = writing.keyring.derive(key.secretName, ['hash', writing.rule])
      const most = Math.min(digits, room(type))
      return keepNull(column, `LEFT(${digestSql(text, 'h', derived)}, ${String(most)})`, type)
    },
    image,
    recognises: (text, type) => key.kind === 'inStatement' && image(text, type),
    joinable: true,
    secretName: secretOf(key),
  }
}

/** What the account's function gives, cut to the column. */
export function fitted(value: string, type: { readonly length: number | null }): string {
  return type.length === null ? value : `LEFT(${value}, ${String(type.length)})`
}
