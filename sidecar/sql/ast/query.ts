/** Queries: WITH, set operations, SELECT and its clauses. */

import type { Expression } from './expression.ts'
import type { Identifier, ObjectName, Spanned } from './names.ts'
import type { FromItem } from './relation.ts'

export interface Query extends Spanned {
  readonly kind: 'Query'
  readonly with: With | undefined
  readonly body: QueryBody
  readonly orderBy: readonly OrderItem[]
  /** `ORDER BY ALL`, which has no items. */
  readonly orderByAll: boolean
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
}

export interface With extends Spanned {
  readonly kind: 'With'
  readonly recursive: boolean
  readonly ctes: readonly Cte[]
  readonly models?: readonly ModelVersion[]
}

/** `v AS MODEL m VERSION x`: what `v!PREDICT(…)` calls. */
export interface ModelVersion extends Spanned {
  readonly kind: 'ModelVersion'
  readonly name: Identifier
  readonly model: ObjectName
  readonly version: Identifier
}

export interface Cte extends Spanned {
  readonly kind: 'Cte'
  readonly name: Identifier
  readonly columns: readonly Identifier[]
  readonly query: Query
}

/** A parenthesised query inside a set operation is a `Query`. */
export type QueryBody = Select | SetOperation | Values | Query

/** A flat chain, left to right: `arms[0] operators[0] arms[1] …`; never nested to the left. */
export interface SetOperation extends Spanned {
  readonly kind: 'SetOperation'
  readonly arms: readonly QueryBody[]
  readonly operators: readonly SetOperator[]
}

export interface SetOperator {
  readonly type: 'UNION' | 'INTERSECT' | 'EXCEPT'
  readonly all: boolean
  readonly byName: boolean
}

/** `VALUES (…), (…)` as a query body or, in FROM, as a relation. Columns are COLUMN1, COLUMN2, … */
export interface Values extends Spanned {
  readonly kind: 'Values'
  readonly rows: readonly (readonly Expression[])[]
}

export interface Select extends Spanned {
  readonly kind: 'Select'
  readonly distinct: boolean
  readonly top: Expression | undefined
  readonly items: readonly SelectItem[]
  /** `INTO :a, :b`: variables of the script around. */
  readonly into: readonly Expression[]
  readonly from: readonly FromItem[]
  readonly connectBy: ConnectBy | undefined
  readonly where: Expression | undefined
  readonly groupBy: GroupBy | undefined
  readonly having: Expression | undefined
  readonly qualify: Expression | undefined
}

/** `START WITH … CONNECT BY …`. */
export interface ConnectBy {
  readonly startWith: Expression | undefined
  readonly conditions: readonly Expression[]
}

/** `expression` may be a `Star`. Without an alias Snowflake names the column by its source text. */
export interface SelectItem extends Spanned {
  readonly kind: 'SelectItem'
  readonly expression: Expression | Star
  readonly alias: Identifier | undefined
}

export interface Star extends Spanned {
  readonly kind: 'Star'
  readonly qualifier: ObjectName | undefined
  readonly ilike: string | undefined
  readonly exclude: readonly Identifier[]
  readonly replace: readonly { readonly expression: Expression; readonly name: Identifier }[]
  readonly rename: readonly { readonly from: Identifier; readonly to: Identifier }[]
}

export interface GroupBy extends Spanned {
  readonly kind: 'GroupBy'
  /** `GROUP BY ALL` has no items. */
  readonly all: boolean
  /** Items of CUBE, ROLLUP and GROUPING SETS are listed flat: for facts they are all grouped on. */
  readonly items: readonly Expression[]
}

export interface OrderItem extends Spanned {
  readonly kind: 'OrderItem'
  readonly expression: Expression
}
