/** What a statement is, reads, writes and calls: the only thing policy sees of SQL. */

import type { ObjectName, Span, TableReference } from './ast.ts'
import type { Node } from './walk.ts'

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
  /** Was it read to its last token? Always so: the rest is refused. */
  readonly structured: boolean
  /**
   * The statements inside this one, in text order: of a block, of EXPLAIN, of a `->>` chain, of a
   * body. Their facts are in the lists below; each must be allowed for itself.
   */
  readonly parts: readonly StatementPart[]
  /** Every relation whose rows are read and that is not a CTE in scope; text order, duplicates kept. */
  readonly reads: readonly RelationUse[]
  /** Objects whose rows or definition change: written, created, altered, dropped. */
  readonly writes: readonly ObjectUse[]
  /** Other objects named: warehouses, roles, policies, file formats, sources of DDL, listed scopes. */
  readonly uses: readonly ObjectUse[]
  /** Every function and procedure called, as written and folded: `['IFF']`; text order. */
  readonly functions: readonly FunctionUse[]
  /**
   * Columns as written, each with the block whose FROM or target may bind it. A script's variables
   * are among them, with the statement of the script as their block.
   */
  readonly columns: readonly ColumnUse[]
  /** Parts whose meaning is not in the text: `IDENTIFIER($v)`, `TABLE($v)`, `$v` as a relation. */
  readonly dynamic: readonly { readonly what: string; readonly span: Span }[]
  /** Stage references (`@s/path`). */
  readonly stages: readonly StageUse[]
  /** Addresses outside Snowflake: `s3://…`, `https://…`, `file://…`. */
  readonly urls: readonly { readonly url: string; readonly span: Span }[]
  /** Session variables read (`$v`). */
  readonly variables: readonly string[]
  /** Session variables given a value or removed. */
  readonly assigns: readonly string[]
  /** Session parameters set or unset by ALTER SESSION. */
  readonly parameters: readonly string[]
  /** Privileges given or taken by GRANT and REVOKE: `SELECT`, `CREATE TABLE`, `ALL`. */
  readonly granted: readonly string[]
  readonly binds: readonly string[]
  /** AT, BEFORE and CHANGES clauses: rows that are not there any more. */
  readonly timeTravel: readonly Span[]
  /** Uses of results of earlier statements: RESULT_SCAN, LAST_QUERY_ID. */
  readonly priorResults: readonly Span[]
  readonly effects: Effects
}

export interface Effects {
  /** Data read is stored: INSERT … SELECT, CTAS, MERGE, CLONE, COPY INTO a table. */
  readonly persists: boolean
  /** Data leaves for a stage, a file or an address. */
  readonly unloads: boolean
  /** Something will run later, without this session: TASK, ALERT, PIPE, dynamic tables. */
  readonly schedules: boolean
}

export interface StatementPart {
  readonly kind: string
  readonly class: StatementClass
  readonly structured: boolean
  readonly span: Span
}

export interface RelationUse {
  readonly name: ObjectName
  readonly reference: TableReference
}

export interface ObjectUse {
  readonly name: ObjectName
  /** TABLE, VIEW, STAGE, ROLE, WAREHOUSE, …; RELATION where the text tells no more. */
  readonly objectClass: string
  /**
   * What is done to it: SELECT, INSERT, UPDATE, DELETE, TRUNCATE, CREATE, REPLACE, ALTER, DROP,
   * UNDROP, USAGE, REFERENCES, OPERATE, MONITOR, GRANT, REVOKE, DESCRIBE, …
   */
  readonly privilege: string
}

/** Does the use change rows of what is there, as DML does? */
export function changesRows({ privilege }: Pick<ObjectUse, 'privilege'>): boolean {
  return privilege === 'INSERT' || privilege === 'UPDATE' || privilege === 'DELETE'
}

export interface FunctionUse {
  readonly name: readonly string[]
  /** Of a method the name ends with the method's own: `m!PREDICT` is `['M', 'PREDICT']`. */
  readonly type: 'Scalar' | 'Table' | 'Procedure' | 'Method'
  readonly span: Span
}

export interface ColumnUse {
  readonly name: readonly string[]
  readonly span: Span
  /** The nearest query, SELECT or statement around it. */
  readonly scope: Node
}

export interface StageUse {
  /** As written: `@db.s.stage/path`. */
  readonly name: string
  readonly access: 'Read' | 'Write' | 'List' | 'Remove'
  readonly span: Span
}
