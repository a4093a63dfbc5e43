import type { StatementContext } from './context.ts'

/** What a SHOW looks at: everything, one database, one schema or one relation. */
export interface Scope {
  readonly database: string | null
  readonly schema: string | null
  readonly relation: string | null
}

export type Facts = Readonly<Record<string, string | null>>

export interface Shown {
  readonly columns: readonly string[]
  /** The column that LIKE and STARTS WITH look at. */
  readonly named: string
  /** Whether TERSE leaves columns out. */
  readonly terse?: false
  readonly list: (context: StatementContext, scope: Scope) => readonly Facts[]
}

/** SHOW's LIKE: case-insensitive, `%` and `_` as in SQL. */
export function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${source}$`, 'is')
}
