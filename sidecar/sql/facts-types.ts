/** What a statement is, reads, writes and calls: the only thing policy sees of SQL. */

import type { ObjectName, Span, TableReference } from './ast.ts'

/** Statement classes as AgentPolicy rules name them. */
export const statementClasses = [
  'Query',
  'DML',
  'DDL',
  'Drop',
  'Truncate',
  'Load',
  'Unload',
  'FileTransfer',
  'Grant',
  'Session',
  'Meta',
  'Procedure',
  'Script',
  'Transaction',
  'Other',
] as const

export type StatementClass = (typeof statementClasses)[number]

export interface StatementFacts {
  /** `Select`, `Use`, `AlterSession`, `Begin`, `Show`, `DropTable`, `CreateView`, … */
  readonly kind: string
  readonly class: StatementClass
  /** False for a typed head, whose tail was not parsed: such a statement can only be refused. */
  readonly structured: boolean
  /** Every relation reference that is not a CTE in scope, in text order, duplicates kept. */
  readonly reads: readonly RelationUse[]
  /** Objects written, created or dropped, as far as the head names them. */
  readonly writes: readonly ObjectName[]
  /** Every function called, as written and folded: `['IFF']`, `['DB', 'S', 'F']`; text order. */
  readonly functions: readonly FunctionUse[]
  /** Parts whose meaning is not in the text: `IDENTIFIER($v)`, `TABLE($v)`, `$v` as a relation. */
  readonly dynamic: readonly { readonly what: string; readonly span: Span }[]
  /** Stage references (`@s/path`). */
  readonly stages: readonly { readonly name: string; readonly span: Span }[]
  /** Session variables read (`$v`). */
  readonly variables: readonly string[]
  readonly binds: readonly string[]
}

export interface RelationUse {
  readonly name: ObjectName
  readonly reference: TableReference
}

export interface FunctionUse {
  readonly name: readonly string[]
  readonly table: boolean
  readonly span: Span
}
