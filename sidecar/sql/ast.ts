/**
 * The syntax tree: readonly data, one `kind` literal per node, spans in token indexes.
 *
 * A span is half-open, `[start, end)`, and counts tokens without comments, so that a node can be
 * cut out of, or replaced in, the token stream without looking at text. No node is printed: what
 * runs upstream is always the token stream (see `emit.ts`).
 */

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Spanned {
  readonly span: Span
}

/** `value` is the name as Snowflake stores it: unquoted is folded to upper case, quoted is exact. */
export interface Identifier extends Spanned {
  readonly kind: 'Identifier'
  readonly value: string
  readonly quoted: boolean
}

/**
 * One to three parts for relations and functions: `[[database.]schema.]name`. Of a name spelled by
 * a literal, `IDENTIFIER('a.b')`, the first part has the literal's span and the others none.
 */
export interface ObjectName extends Spanned {
  readonly kind: 'ObjectName'
  readonly parts: readonly Identifier[]
}

// ── Queries ───────────────────────────────────────────────────────────────────────────────────

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
  readonly from: readonly FromItem[]
  readonly where: Expression | undefined
  readonly groupBy: GroupBy | undefined
  readonly having: Expression | undefined
  readonly qualify: Expression | undefined
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

// ── FROM ──────────────────────────────────────────────────────────────────────────────────────

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
  TableReference | DerivedTable | TableFunction | ParenthesisedJoin | DynamicRelation

/**
 * A name in FROM. Whether it is a CTE or an object is decided by scope in `facts.ts`.
 * `span` covers the name and the time-travel and sample clauses, but not the alias: it is what
 * masking replaces. `name.span` covers only the name.
 */
export interface TableReference extends Spanned {
  readonly kind: 'TableReference'
  readonly name: ObjectName
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
  /** Expressions inside AT/BEFORE, if any. */
  readonly timeTravel: readonly Expression[]
  /** Expressions inside SAMPLE, if any. After an alias they lie outside `span`. */
  readonly sample: readonly Expression[]
}

/** `VALUES …` in FROM is one, too. As with all relations, `span` leaves out the alias. */
export interface DerivedTable extends Spanned {
  readonly kind: 'DerivedTable'
  readonly lateral: boolean
  readonly query: Query
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
  readonly sample: readonly Expression[]
}

/** `TABLE(f(…))`, `LATERAL f(…)`: FLATTEN, GENERATOR, RESULT_SCAN and others. */
export interface TableFunction extends Spanned {
  readonly kind: 'TableFunction'
  readonly lateral: boolean
  readonly call: FunctionCall
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
}

export interface ParenthesisedJoin extends Spanned {
  readonly kind: 'ParenthesisedJoin'
  readonly item: FromItem
}

/** A relation named at run time: `IDENTIFIER($v)`, `TABLE(?)`, `$v`. */
export interface DynamicRelation extends Spanned {
  readonly kind: 'DynamicRelation'
  readonly argument: Expression
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
}

// ── Expressions ───────────────────────────────────────────────────────────────────────────────

export type Expression =
  | Literal
  | ColumnReference
  | Positional
  | Variable
  | Bind
  | FunctionCall
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
  readonly value: Expression | Star | Query
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

export interface Unary extends Spanned {
  readonly kind: 'Unary'
  readonly operator: '+' | '-' | 'NOT'
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

/** `IDENTIFIER($v)` as a value: a column named at run time. */
export interface DynamicName extends Spanned {
  readonly kind: 'DynamicName'
  readonly argument: Expression
}

export interface ArrayLiteral extends Spanned {
  readonly kind: 'ArrayLiteral'
  readonly items: readonly Expression[]
}

export interface ObjectLiteral extends Spanned {
  readonly kind: 'ObjectLiteral'
  readonly entries: readonly { readonly key: string; readonly value: Expression }[]
}
