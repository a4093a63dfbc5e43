/** What a query is made of, and what it gives. */

import type { Dice } from './dice.ts'
import type { Column, Relation } from './relations.ts'

export interface Making {
  readonly dice: Dice
  readonly heat: number
  /** Of sub-queries, still. */
  readonly depth: number
  /** In scope, innermost last. */
  readonly ctes: readonly Relation[]
  /** Columns of the queries around, qualified. */
  readonly outer: readonly Column[]
}

export interface Made {
  readonly sql: string
  readonly columns: readonly Column[]
}

export const deeper = (making: Making): Making => ({ ...making, depth: making.depth - 1 })

/** Columns that can be named from outside: each name once, the nameless left out. */
export function named(columns: readonly Column[]): readonly Column[] {
  const seen = new Set<string>()
  return columns.map((each, index) => {
    const fresh = each.name !== '' && !seen.has(each.name.toUpperCase())
    seen.add(each.name.toUpperCase())
    return fresh ? each : { ...each, name: `\u0000${index}` }
  })
}
