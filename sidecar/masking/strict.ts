/**
 * Strict use: a protected column may be shown, not reckoned with. Masks at read already keep its
 * values in; this keeps wrong answers out, since `WHERE ssn = '…'` on masks finds nothing.
 */

import { displayObject } from '../catalog/names.ts'
import type { CatalogRelation } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import { printName } from '../sql/names.ts'
import type { Use } from './lineage/types.ts'
import type { MaskedColumn, MaskedRelation } from './masked.ts'

/** Where a token stands in the client's text, both from 1. */
export type PositionOf = (token: number) => { readonly line: number; readonly column: number }

/**
 * Refuses the first use, in text order, of a column whose rule does not allow it. Joinable columns
 * count as Strict: what would make them joinable, a keyed token, is no mask method yet.
 * @throws FrostgateError ColumnUseRefused, ColumnUnresolvable
 */
export function checkUse(
  uses: readonly Use[],
  positionOf: PositionOf,
  relations: readonly MaskedRelation[],
): void {
  const [first] = uses
    .flatMap(({ usage, value }) =>
      usage === null
        ? []
        : [...value.taint].map(([column, token]) => ({
            usage,
            column,
            token,
            name: value.untraced,
          })),
    )
    .filter(({ column }) => column.usage !== 'AtRead')
    .toSorted((a, b) => a.token - b.token)
  if (first === undefined) return
  const { usage, column, name } = first
  const position = positionOf(Math.max(first.token, 0))
  const object = displayObject(column.relation.name)
  if (name !== null) {
    throw FrostgateError.of('ColumnUnresolvable', { column: name, usage, object }, position)
  }
  throw FrostgateError.of(
    'ColumnUseRefused',
    {
      column: columnName(column),
      rule: column.rule,
      usage,
      line: position.line,
      position: position.column,
      suggestion: suggestion(column.relation, relations),
    },
    position,
  )
}

/** `DB.S.T.COLUMN`, quoted only where it has to be. */
export function columnName({ relation, column }: MaskedColumn): string {
  const { database, schema, name } = relation.name
  return printName([database, schema, name, column.name])
}

/** A column to use instead: the likeliest key that is not protected. */
function suggestion(relation: CatalogRelation, relations: readonly MaskedRelation[]): string {
  const masked = relations.find((candidate) => candidate.relation === relation)?.columns
  const open = relation.columns.filter(({ name }) => masked?.has(name) !== true)
  const key =
    open.find(({ name }) => name === 'ID') ??
    open.find(({ name }) => name.endsWith('_ID')) ??
    open[0]
  return key === undefined ? 'one of another relation' : printName([relation.name.name, key.name])
}
