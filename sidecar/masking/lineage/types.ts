/**
 * What lineage is made of. One traced value per column or expression, one shape per query, one
 * source per FROM item, one scope per query block.
 *
 * Lineage may say "carries" where a value does not, never the reverse: strict use, the boundary of
 * views and the post-conditions rest on it. The masks of base tables do not (see `rewrite.ts`).
 */

import type { Expression, Query, Span, TableFunction, TableReference } from '../../sql/ast.ts'
import type { MaskedColumn, Taint } from '../masked.ts'

export interface Traced {
  readonly taint: Taint
  /** Not null: the value is one of these columns' values, unchanged. Null: clean, or derived. */
  readonly carried: readonly MaskedColumn[] | null
  /** A name that could not be traced; its taint is that of everything in scope. */
  readonly untraced: string | null
  /** All it carries, it carries by comparing tokens of one key with each other. */
  readonly compared?: boolean
}

export interface OutputColumn {
  /** Null: Snowflake names it by its text. */
  readonly name: string | null
  readonly value: Traced
}

export interface Shape {
  readonly columns: readonly OutputColumn[]
  /** False: number or order of columns is not known; `rest` is what an unlisted one carries. */
  readonly known: boolean
  readonly rest: Traced
}

/** One FROM item as the rest of its block sees it. */
export interface Source {
  /** By which its columns may be qualified: an alias, or up to three parts. Empty: by none. */
  readonly names: readonly string[]
  readonly shape: Shape
  /** Set where a masking derived table stands for a qualified name: the alias it gets. */
  readonly standIn: string | null
  /** It has no column that `shape` does not list, however old the catalogue. */
  readonly closed: boolean
}

export interface Scope {
  readonly parent: Scope | null
  readonly ctes: CteScope | null
  readonly sources: readonly Source[]
  /** USING or NATURAL: `*` lists merged columns in an order we do not rely on. */
  readonly merged: boolean
  /** Aliases of the select items, traced when first asked for. */
  readonly aliases: ReadonlyMap<string, readonly AliasedItem[]>
  /** Parameters of the lambdas around. */
  readonly parameters: ReadonlyMap<string, Traced>
  /** What decides which rows an aggregate of this block sees as a group. */
  readonly grouping: Taint
}

/** `trace` gives null while the item itself is being traced. */
export interface AliasedItem {
  readonly trace: () => Traced | null
}

export interface CteScope {
  readonly parent: CteScope | null
  readonly name: string
  readonly shape: () => Shape
}

/**
 * What a use makes of a value, as far as `Joinable` asks: `Bare` compares it whole with others of
 * its column (GROUP BY, DISTINCT, COUNT, UNION), `Predicate` asks whether it is true.
 */
export type UseKind = 'Predicate' | 'Bare' | 'Other'

/** Where a protected column is used other than by projecting it. */
export interface Use {
  readonly kind: UseKind
  /** In words: `a WHERE predicate`. Null: inside a sub-query or view, reported there. */
  readonly usage: string | null
  readonly value: Traced
}

/** A relation in FROM that is an object, as the caller resolved it. */
export interface KnownObject {
  readonly name: readonly [string, string, string]
  readonly shape: Shape
  /** The statement will read a masking derived table in its place. */
  readonly rewritten: boolean
  /** What its own filters read, where the caller counts that. */
  readonly hidden: Taint
}

/** What the caller knows and wants to hear. */
export interface Surroundings {
  /** Undefined: not an object, so it must be a CTE. */
  readonly objectOf: (reference: TableReference) => KnownObject | undefined
  /** What a table function gives, where the caller knows: RESULT_SCAN of a released result. */
  readonly tableOf?: (call: TableFunction) => Shape | undefined
  /** Told of every column of a relation that is named, also by a star. */
  readonly named?: (value: Traced) => void
  /** A column or star was found in a source that needs its qualifier rewritten. */
  readonly requalify: (qualified: Requalified) => void
}

export interface Requalified {
  readonly span: Span
  /** What to write instead: the alias of the stand-in, and the column if the span covers it. */
  readonly name: readonly string[]
}

/** The knot: parts of lineage that need each other get each other through this. */
export interface Tracer extends Surroundings {
  readonly uses: Use[]
  readonly query: (query: Query, scope: Scope) => Shape
  readonly expression: (expression: Expression, scope: Scope) => Traced
  readonly use: (usage: string | null, ...values: readonly Traced[]) => void
  readonly useAs: (kind: UseKind, usage: string, ...values: readonly Traced[]) => void
  /** How deep tracing stands in aliases of aliases, over all blocks. */
  readonly nested: { aliases: number }
  /** Counts columns looked at, so that no statement keeps the gateway busy for long. */
  readonly spend: (columns: number) => void
}
