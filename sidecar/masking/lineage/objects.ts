/** A relation of the catalogue as lineage sees it. */

import type { MaskedRelation } from '../masked.ts'
import { carrying, clean } from './taint.ts'
import type { KnownObject, OutputColumn, Shape } from './types.ts'

/** Of relations that are kept between statements; by identity, so never another principal's. */
const shapes = new WeakMap<MaskedRelation, Shape>()

export function knownObject(
  masked: MaskedRelation,
  options: Pick<KnownObject, 'rewritten' | 'hidden'>,
): KnownObject {
  const { database, schema, name } = masked.relation.name
  const shape = shapes.get(masked) ?? shapeOf(masked)
  shapes.set(masked, shape)
  return { name: [database, schema, name], shape, ...options }
}

function shapeOf({ relation, columns }: MaskedRelation): Shape {
  const outputs = relation.columns.map((column): OutputColumn => {
    const masked = columns.get(column.name)
    return { name: column.name, value: masked === undefined ? clean : carrying(masked, -1) }
  })
  return { columns: outputs, known: true, rest: clean }
}
