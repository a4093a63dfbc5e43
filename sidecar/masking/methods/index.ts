/**
 * The table of mask methods. A mask is a SQL expression over one column whose value has the
 * column's declared type, is NULL for NULL, never raises an error on any input (an error is a bit
 * of the value), and does not depend on session parameters or collations; and a check that a
 * returned cell can be such a value.
 */

import type { MaskMethod } from '../../control/bundle.ts'
import { bucket } from './bucket.ts'
import { dateTruncate } from './date-truncate.ts'
import { email } from './email.ts'
import { hash } from './hash.ts'
import type { Mask } from './mask.ts'
import { nothing } from './null.ts'
import { partial } from './partial.ts'
import { redact } from './redact.ts'
import { regex } from './regex.ts'
import { token } from './token.ts'

export { keyringOf, withoutKeys } from './keys.ts'
export type { Keyring, KeyText } from './keys.ts'
export type { Mask, Writing } from './mask.ts'

type Methods = { readonly [M in MaskMethod as M['kind']]: (method: M) => Mask }

const methods: Methods = {
  null: nothing,
  redact,
  hash,
  token,
  email,
  regex,
  dateTruncate,
  bucket,
  partial,
}

export function maskOf(method: MaskMethod): Mask {
  // The key is the method's own kind, which the compiler cannot see.
  const make = methods[method.kind] as (method: MaskMethod) => Mask
  return make(method)
}
