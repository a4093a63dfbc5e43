/** Values. */

import type { DynamicName, Identifier, ObjectName, Spanned, Stage } from './names.ts'
import type { OrderItem, Query, Star } from './query.ts'
import type { Relation } from './relation.ts'

export type Expression =
  | Literal
  | ColumnReference
  | Positional
  | Variable
  | Bind
  | FunctionCall
  | MethodCall
  | DynamicCall
  | Stage
  | Cast
  | Case
  | Unary
  | Chain
  | Between
  | InList
  | InQuery
  | Like
  | IsTest
  | Exists
  | ScalarSubquery
  | Tuple
  | Path
  | Lambda
  | DynamicName
  | ArrayLiteral
  | ObjectLiteral

export interface Literal extends Spanned {
  readonly kind: 'Literal'
  readonly type:
    'string' | 'number' | 'boolean' | 'null' | 'binary' | 'date' | 'time' | 'timestamp' | 'interval'
  /** Decoded text; numbers keep their spelling. Empty for null. */
  readonly value: string
}

/** `[database.][schema.][relation.]column`, as written. */
export interface ColumnReference extends Spanned {
  readonly kind: 'ColumnReference'
  readonly parts: readonly Identifier[]
}

/** `$3` or `t.$3`: the n-th column, counted from 1. */
export interface Positional extends Spanned {
  readonly kind: 'Positional'
  readonly qualifier: ObjectName | undefined
  readonly position: number
}

/** `$name`, a session variable. */
export interface Variable extends Spanned {
  readonly kind: 'Variable'
  readonly name: string
}

/** `?` (name is its ordinal counted from 1), `:1` or `:name`. */
export interface Bind extends Spanned {
  readonly kind: 'Bind'
  readonly name: string
}

export interface FunctionCall extends Spanned {
  readonly kind: 'FunctionCall'
  readonly name: ObjectName
  readonly distinct: boolean
  readonly arguments: readonly Argument[]
  readonly withinGroup: readonly OrderItem[]
  readonly window: WindowSpecification | undefined
}

export interface Argument extends Spanned {
  readonly kind: 'Argument'
  /** `name => value` */
  readonly name: Identifier | undefined
  readonly value: Expression | Star | Query | TableArgument
}

/** `TABLE(t)` or `TABLE(SELECT …)` as an argument: the function reads the rows. */
export interface TableArgument extends Spanned {
  readonly kind: 'TableArgument'
  readonly source: Relation
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
}

/** `model!PREDICT(…)`: a method of an object that is none of the relations. */
export interface MethodCall extends Spanned {
  readonly kind: 'MethodCall'
  readonly object: ObjectName
  /** Of `MODEL(model, version)!METHOD(…)`. */
  readonly version: Identifier | undefined
  readonly method: Identifier
  readonly arguments: readonly Argument[]
  readonly window: WindowSpecification | undefined
}

/** `IDENTIFIER($v)(…)`: what is called is not in the text. */
export interface DynamicCall extends Spanned {
  readonly kind: 'DynamicCall'
  readonly name: DynamicName
  readonly arguments: readonly Argument[]
}

export interface WindowSpecification extends Spanned {
  readonly kind: 'WindowSpecification'
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  /** The offsets of a frame: `ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING`. */
  readonly frame: readonly Expression[]
}

/** `CAST(x AS t)`, `TRY_CAST(x AS t)`, `x::t`. A chain of `::` is one `Cast` with several types. */
export interface Cast extends Spanned {
  readonly kind: 'Cast'
  readonly expression: Expression
  readonly types: readonly string[]
}

export interface Case extends Spanned {
  readonly kind: 'Case'
  readonly operand: Expression | undefined
  readonly whens: readonly { readonly when: Expression; readonly then: Expression }[]
  readonly else: Expression | undefined
}

/** `(+)` stands behind its operand, `**` before an array whose elements it lists. */
export type UnaryOperator = '+' | '-' | 'NOT' | 'PRIOR' | 'CONNECT_BY_ROOT' | '**' | '(+)'

export interface Unary extends Spanned {
  readonly kind: 'Unary'
  readonly operator: UnaryOperator
  readonly operand: Expression
}

/** Operators of one precedence level, flat: `operands[0] operators[0] operands[1] …`. */
export interface Chain extends Spanned {
  readonly kind: 'Chain'
  readonly operators: readonly string[]
  readonly operands: readonly Expression[]
}

export interface Between extends Spanned {
  readonly kind: 'Between'
  readonly negated: boolean
  readonly expression: Expression
  readonly low: Expression
  readonly high: Expression
}

export interface InList extends Spanned {
  readonly kind: 'InList'
  readonly negated: boolean
  readonly expression: Expression
  readonly items: readonly Expression[]
}

export interface InQuery extends Spanned {
  readonly kind: 'InQuery'
  readonly negated: boolean
  readonly expression: Expression
  readonly query: Query
}

export interface Like extends Spanned {
  readonly kind: 'Like'
  readonly operator: 'LIKE' | 'ILIKE' | 'RLIKE' | 'REGEXP'
  readonly negated: boolean
  readonly expression: Expression
  /** Several patterns for LIKE ANY/ALL. */
  readonly patterns: readonly Expression[]
  readonly escape: Expression | undefined
}

/** `x IS [NOT] NULL | TRUE | FALSE | DISTINCT FROM y`. */
export interface IsTest extends Spanned {
  readonly kind: 'IsTest'
  readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'DISTINCT FROM'
  readonly negated: boolean
  readonly expression: Expression
  readonly other: Expression | undefined
}

export interface Exists extends Spanned {
  readonly kind: 'Exists'
  readonly query: Query
}

export interface ScalarSubquery extends Spanned {
  readonly kind: 'ScalarSubquery'
  readonly query: Query
}

export interface Tuple extends Spanned {
  readonly kind: 'Tuple'
  readonly items: readonly Expression[]
  /** `(*)` and `(t.*, u.*)`, as arguments of SEARCH. */
  readonly stars?: readonly Star[]
}

/** Semi-structured access: `base:a.b[0]['c']`. Expressions inside brackets are listed. */
export interface Path extends Spanned {
  readonly kind: 'Path'
  readonly base: Expression
  readonly subscripts: readonly Expression[]
}

export interface Lambda extends Spanned {
  readonly kind: 'Lambda'
  readonly parameters: readonly Identifier[]
  readonly body: Expression
}

export interface ArrayLiteral extends Spanned {
  readonly kind: 'ArrayLiteral'
  readonly items: readonly Expression[]
}

export interface ObjectLiteral extends Spanned {
  readonly kind: 'ObjectLiteral'
  readonly entries: readonly { readonly key: string; readonly value: Expression }[]
  /** `{*}`, `{t.* EXCLUDE a}` and `{** o}`: their keys are not in the text. */
  readonly spread: readonly (Star | Expression)[]
}
