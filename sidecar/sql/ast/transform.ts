/** What FROM makes of a relation's rows: PIVOT, UNPIVOT, MATCH_RECOGNIZE, RESAMPLE. */

import type { ColumnReference, Expression } from './expression.ts'
import type { Identifier, Spanned } from './names.ts'
import type { OrderItem, Query, SelectItem } from './query.ts'

export type Transform = Pivot | Unpivot | MatchRecognize | Resample

interface Aliased {
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
}

/** `PIVOT (sum(a) AS x FOR c IN ('p' AS q, 'r') DEFAULT ON NULL (0))`. */
export interface Pivot extends Spanned, Aliased {
  readonly kind: 'Pivot'
  readonly aggregates: readonly SelectItem[]
  readonly column: ColumnReference
  /** A list, every value there is, or what a query gives. */
  readonly values: readonly SelectItem[] | Query
  /** Of `ANY ORDER BY …`. */
  readonly orderBy: readonly OrderItem[]
  readonly defaultOnNull: Expression | undefined
}

/** `UNPIVOT (value FOR name IN (a, b AS c))`. */
export interface Unpivot extends Spanned, Aliased {
  readonly kind: 'Unpivot'
  readonly value: Identifier
  readonly name: Identifier
  readonly columns: readonly SelectItem[]
}

export interface MatchRecognize extends Spanned, Aliased {
  readonly kind: 'MatchRecognize'
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  readonly measures: readonly SelectItem[]
  /** The symbol of AFTER MATCH SKIP TO. */
  readonly skipTo: Identifier | undefined
  /** The symbols of PATTERN, in the order in which they stand there. */
  readonly pattern: readonly Identifier[]
  readonly subsets: readonly {
    readonly name: Identifier
    readonly symbols: readonly Identifier[]
  }[]
  readonly definitions: readonly {
    readonly symbol: Identifier
    readonly condition: Expression
  }[]
}

/** `RESAMPLE (USING t INCREMENT BY INTERVAL '1 day' PARTITION BY a METADATA_COLUMNS …)`. */
export interface Resample extends Spanned, Aliased {
  readonly kind: 'Resample'
  readonly using: Expression
  readonly increment: Expression
  readonly partitionBy: readonly Expression[]
  readonly metadata: readonly SelectItem[]
}
