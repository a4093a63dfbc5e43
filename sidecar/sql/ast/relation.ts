/** What a FROM clause reads. */

import type { Expression, FunctionCall, MethodCall, Positional } from './expression.ts'
import type { Identifier, ObjectName, Spanned, Stage } from './names.ts'
import type { Property } from './property.ts'
import type { Query, SelectItem } from './query.ts'
import type { Transform } from './transform.ts'

export type FromItem = Join | Relation

/** A flat chain: `first` then each step in order. */
export interface Join extends Spanned {
  readonly kind: 'Join'
  readonly first: Relation
  readonly steps: readonly JoinStep[]
}

export interface JoinStep extends Spanned {
  readonly kind: 'JoinStep'
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS' | 'ASOF'
  readonly natural: boolean
  readonly relation: Relation
  /** ON, or ASOF's MATCH_CONDITION and ON together. */
  readonly conditions: readonly Expression[]
  readonly using: readonly Identifier[]
}

export type Relation =
  | TableReference
  | DerivedTable
  | TableFunction
  | ParenthesisedJoin
  | DynamicRelation
  | StageRelation
  | PriorResult
  | SemanticView
  | TransformedRelation

/** How the rest of its block calls a relation. */
interface Aliased {
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
}

interface Sampled {
  /** Expressions inside SAMPLE, if any. After an alias they lie outside `span`. */
  readonly sample: readonly Expression[]
}

/**
 * A name in FROM. Whether it is a CTE or an object is decided by scope in `facts.ts`.
 * `span` covers the name and the time-travel and sample clauses, but not the alias: it is what
 * masking replaces. `name.span` covers only the name.
 */
export interface TableReference extends Spanned, Aliased, Sampled {
  readonly kind: 'TableReference'
  readonly name: ObjectName
  /** Expressions inside AT, BEFORE and END, if any. */
  readonly timeTravel: readonly Expression[]
  /** CHANGES: not its rows, but what became of them, with columns that it has not. */
  readonly changes?: true
}

/** `VALUES …` in FROM is one, too. As with all relations, `span` leaves out the alias. */
export interface DerivedTable extends Spanned, Aliased, Sampled {
  readonly kind: 'DerivedTable'
  readonly lateral: boolean
  readonly query: Query
}

/** `TABLE(f(…))`, `LATERAL f(…)`: FLATTEN, GENERATOR, RESULT_SCAN and others. */
export interface TableFunction extends Spanned, Aliased, Sampled {
  readonly kind: 'TableFunction'
  readonly lateral: boolean
  readonly call: FunctionCall | MethodCall
}

/** `(a JOIN b)`, with an alias maybe, by which alone its columns are then known. */
export interface ParenthesisedJoin extends Spanned, Aliased, Sampled {
  readonly kind: 'ParenthesisedJoin'
  readonly item: FromItem
}

/** A relation named at run time: `IDENTIFIER($v)`, `TABLE(?)`, `$v`. */
export interface DynamicRelation extends Spanned, Aliased, Sampled {
  readonly kind: 'DynamicRelation'
  readonly argument: Expression
  readonly timeTravel: readonly Expression[]
}

/** Files: `@s/path (FILE_FORMAT => f, PATTERN => '…')`. */
export interface StageRelation extends Spanned, Aliased, Sampled {
  readonly kind: 'StageRelation'
  readonly stage: Stage
  readonly options: readonly Property[]
}

/** `$1`: the result of the link before this one in a `->>` chain, `$2` of the one before that. */
export interface PriorResult extends Spanned, Aliased, Sampled {
  readonly kind: 'PriorResult'
  readonly link: Positional
}

/** `SEMANTIC_VIEW(v METRICS … DIMENSIONS … WHERE …)`: which tables it reads is the view's to know. */
export interface SemanticView extends Spanned, Aliased, Sampled {
  readonly kind: 'SemanticView'
  readonly view: TableReference
  readonly items: readonly SelectItem[]
  readonly where: Expression | undefined
}

/** A relation and what is made of its rows, step by step. `span` covers all of it. */
export interface TransformedRelation extends Spanned, Sampled {
  readonly kind: 'TransformedRelation'
  readonly relation: Relation
  readonly transforms: readonly Transform[]
}
