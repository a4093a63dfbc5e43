/** The columns that a statement gives values to. */

import { displayObject, matchesColumn } from '../../catalog/names.ts'
import { FrostgateError } from '../../errors.ts'
import type { Insert } from '../../sql/statements.ts'
import type { MaskedColumn } from '../masked.ts'
import { checkValue } from './values.ts'
import type { StoredValue } from './values.ts'
import type { Scope } from '../lineage/types.ts'
import type { Target, Writing } from './writing.ts'

export type TargetColumn = Insert['columns'][number]

/** Stored names, in the order of values; undefined for one that only run time tells. */
export function namesOf(columns: readonly TargetColumn[]): readonly (string | undefined)[] {
  return columns.map((column) =>
    column.kind === 'ColumnReference' ? column.parts.at(-1)?.value : undefined,
  )
}

/** As INSERT without a list means it. */
export function everyName({ masked }: Target): readonly string[] {
  return masked?.relation.columns.map(({ name }) => name) ?? []
}

/**
 * The column's protection, if it has one.
 * @throws FrostgateError ColumnUnresolvable for a column that the catalogue does not list, where
 * it may be a protected one.
 */
export function protectionOf(
  writing: Writing,
  { name, masked }: Target,
  column: string | undefined,
  token: number,
): MaskedColumn | undefined {
  const known = masked?.relation.columns.some((candidate) => candidate.name === column)
  if (known === true) return masked?.columns.get(column ?? '')
  const suspect =
    (masked?.columns.size ?? 0) > 0 ||
    writing.setting.binding.some(({ columns }) =>
      columns.some((pattern) => matchesColumn(pattern, name, column ?? '')),
    )
  if (!suspect) return undefined
  throw FrostgateError.of(
    'ColumnUnresolvable',
    { column: column ?? 'beyond the last', usage: writing.words, object: displayObject(name) },
    writing.position(token),
  )
}

/** `column = value`, in whatever form. */
export function assign(
  writing: Writing,
  target: Target,
  column: string | undefined,
  value: StoredValue,
  scope?: Scope,
): void {
  const token = value === 'DEFAULT' ? 0 : value.span.start
  const protection = protectionOf(writing, target, column, token)
  if (protection !== undefined) checkValue(writing, protection, value)
  else if (value !== 'DEFAULT') writing.keep(value, scope)
}
