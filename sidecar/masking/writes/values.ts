/** Values for protected columns: whoever sees only masks can mean nothing but a value of their own. */

import { FrostgateError } from '../../errors.ts'
import type { Expression } from '../../sql/ast.ts'
import type { Insert } from '../../sql/statements.ts'
import type { MaskedColumn } from '../masked.ts'
import { maskOf } from '../methods/index.ts'
import { columnName } from '../strict.ts'
import type { Writing } from './writing.ts'

export type StoredValue = Insert['rows'][number][number]

/**
 * Literals, binds and DEFAULT, and none that the mask itself could be: a client that read it would
 * write it over the real value.
 * @throws FrostgateError ProtectedValueRefused, MaskWriteBack
 */
export function checkValue(writing: Writing, column: MaskedColumn, value: StoredValue): void {
  if (value === 'DEFAULT') return
  const texts = textsOf(writing, value)
  if (texts === null) throw valueRefused(writing, column, 'an expression', value.span.start)
  if (column.column.type.name !== 'TEXT') return
  const mask = maskOf(column.method)
  if (!texts.some((text) => mask.recognises(text, column.column.type))) return
  throw FrostgateError.of(
    'MaskWriteBack',
    { column: columnName(column), rule: column.rule },
    writing.position(value.span.start),
  )
}

export function valueRefused(
  writing: Writing,
  column: Pick<MaskedColumn, 'rule'> & (MaskedColumn | { readonly shown: string }),
  found: string,
  token: number,
): FrostgateError {
  const name = 'shown' in column ? column.shown : columnName(column)
  return FrostgateError.of(
    'ProtectedValueRefused',
    { column: name, rule: column.rule, found },
    writing.position(token),
  )
}

/** What a literal or bind stands for, NULLs aside; null for any other expression. */
function textsOf(writing: Writing, value: Expression): readonly string[] | null {
  if (value.kind === 'Literal') return value.type === 'null' ? [] : [value.value]
  if (value.kind === 'Unary') {
    const { operator, operand } = value
    const signed = operator === '-' || operator === '+'
    return signed && operand.kind === 'Literal' && operand.type === 'number' ? [] : null
  }
  if (value.kind !== 'Bind') return null
  // Without a value it is only being described, or Snowflake refuses it.
  return writing.bound(value.name)
}
