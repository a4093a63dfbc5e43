/**
 * Strict use: a protected column may be shown, not reckoned with. Masks at read already keep its
 * values in; this keeps wrong answers out, since `WHERE ssn = '…'` on masks finds nothing.
 */

import { displayObject } from '../catalog/names.ts'
import type { CatalogRelation } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import { printName } from '../sql/names.ts'
import { isJoinable } from './joinable.ts'
import type { Use } from './lineage/types.ts'
import type { MaskedColumn, MaskedRelation } from './masked.ts'

/** Where a token stands in the client's text, both from 1. */
export type PositionOf = (token: number) => { readonly line: number; readonly column: number }

/**
 * Refuses the first use, in text order, of a column whose rule does not allow it.
 * @throws FrostgateError ColumnUseRefused, ColumnUnresolvable
 */
export function checkUse(
  uses: readonly Use[],
  positionOf: PositionOf,
  relations: readonly MaskedRelation[],
): void {
  const [first] = uses
    .flatMap((use) =>
      use.usage === null
        ? []
        : [...use.value.taint]
            .filter(([column]) => !allowed(use, column))
            .map(([column, token]) => ({
              usage: words(use.usage ?? '', use, column),
              column,
              token,
              name: use.value.untraced,
            })),
    )
    .toSorted((a, b) => a.token - b.token)
  if (first === undefined) return
  const { usage, column, name } = first
  const position = positionOf(Math.max(first.token, 0))
  const object = displayObject(column.relation.name)
  if (name !== null) {
    throw FrostgateError.of('ColumnUnresolvable', { column: name, usage, object }, position)
  }
  throw useRefused(column, usage, position, relations)
}

function allowed({ kind, value }: Use, column: MaskedColumn): boolean {
  if (column.usage === 'AtRead') return true
  if (!isJoinable(column)) return false
  if (kind === 'Predicate') return value.compared === true
  return kind === 'Bare' && value.carried?.includes(column) === true
}

/** A joinable column invites `= '…'`, which would find nothing. */
function words(usage: string, { kind }: Use, column: MaskedColumn): string {
  return kind === 'Predicate' && isJoinable(column)
    ? `${usage} other than = or <> or IN with a column of the same key (no value equals a token)`
    : usage
}

export function useRefused(
  column: MaskedColumn,
  usage: string,
  position: ReturnType<PositionOf>,
  relations: readonly MaskedRelation[],
): FrostgateError {
  return FrostgateError.of(
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

const names = new WeakMap<MaskedColumn, string>()

/** `DB.S.T.COLUMN`, quoted only where it has to be. */
export function columnName(masked: MaskedColumn): string {
  let text = names.get(masked)
  if (text === undefined) {
    const { database, schema, name } = masked.relation.name
    text = printName([database, schema, name, masked.column.name])
    names.set(masked, text)
  }
  return text
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
