/** A relation of the catalogue as lineage sees it. */

import type { MaskedRelation } from '../masked.ts'
import { carrying, clean } from './taint.ts'
import type { KnownObject, OutputColumn } from './types.ts'

export function knownObject(
  { relation, columns }: MaskedRelation,
  options: Pick<KnownObject, 'rewritten' | 'hidden'>,
): KnownObject {
  const { database, schema, name } = relation.name
  const outputs = relation.columns.map((column): OutputColumn => {
    const masked = columns.get(column.name)
    return { name: column.name, value: masked === undefined ? clean : carrying(masked, -1) }
  })
  return {
    name: [database, schema, name],
    shape: { columns: outputs, known: true, rest: clean },
    ...options,
  }
}
