/** What is known of a result before it comes: the post-conditions of its columns. */

import type { Shape, Traced } from './lineage/types.ts'
import { maskOf } from './methods/index.ts'

export interface OutputPlan {
  /** As Snowflake will name it; null for a column that is named by its text. */
  readonly name: string | null
  /** Set where a protected column comes out unchanged: whether a cell can be its mask. */
  readonly image: ((cell: string | null) => boolean) | null
}

/** Null where number or order of the columns is not known. */
export function outputPlans(shape: Shape): readonly OutputPlan[] | null {
  return shape.known
    ? shape.columns.map(({ name, value }) => ({ name, image: imageOf(value) }))
    : null
}

function imageOf({ carried }: Traced): OutputPlan['image'] {
  if (carried === null) return null
  const masks = carried.map(({ method, column }) => ({ mask: maskOf(method), type: column.type }))
  return (cell) => masks.some(({ mask, type }) => mask.image(cell, type))
}
