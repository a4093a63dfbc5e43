/** The statements around queries. See `ast.ts` for what a node is. */

import type { Identifier, Literal, ObjectName, Query, Span, Spanned } from './ast.ts'

export type Statement = QueryStatement | SessionStatement | MetaStatement | HeadStatement

export interface QueryStatement extends Spanned {
  readonly kind: 'QueryStatement'
  readonly query: Query
}

/** Statements about the session, parsed to the last token. */
export type SessionStatement = Use | AlterSession | Transaction

export interface Use extends Spanned {
  readonly kind: 'Use'
  readonly object: 'DATABASE' | 'SCHEMA' | 'WAREHOUSE' | 'ROLE' | 'SECONDARY ROLES'
  /** For SECONDARY ROLES: one identifier, ALL or NONE. Bare `USE x` is DATABASE, `USE x.y` SCHEMA. */
  readonly name: ObjectName
}

export interface AlterSession extends Spanned {
  readonly kind: 'AlterSession'
  readonly action: 'SET' | 'UNSET'
  readonly parameters: readonly { readonly name: string; readonly value: Literal | undefined }[]
}

export interface Transaction extends Spanned {
  readonly kind: 'Transaction'
  readonly action: 'BEGIN' | 'COMMIT' | 'ROLLBACK'
  /** `BEGIN NAME x` */
  readonly name: Identifier | undefined
}

/** SHOW and DESCRIBE, parsed to the last token. */
export type MetaStatement = Show | Describe

/** `limit` counts rows that the client sees, so it is applied by the gateway, not upstream. */
export interface Show extends Spanned {
  readonly limit: (Spanned & { readonly rows: number }) | undefined
  readonly kind: 'Show'
  readonly objects: 'DATABASES' | 'SCHEMAS' | 'TABLES' | 'VIEWS' | 'OBJECTS' | 'COLUMNS'
  readonly terse: boolean
  readonly like: string | undefined
  /** `IN ACCOUNT` has no name. */
  readonly in:
    | {
        readonly scope: 'ACCOUNT' | 'DATABASE' | 'SCHEMA' | 'TABLE' | 'VIEW'
        readonly name: ObjectName | undefined
      }
    | undefined
}

export interface Describe extends Spanned {
  readonly kind: 'Describe'
  readonly object: 'TABLE' | 'VIEW'
  readonly name: ObjectName
}

/**
 * Everything else: the verb and object class are known (so that policy can name it and the agent
 * gets a good refusal), the rest is not parsed. Never runs.
 */
export interface HeadStatement extends Spanned {
  readonly kind: 'HeadStatement'
  readonly verb: string
  readonly objectClass: string | undefined
  readonly name: ObjectName | undefined
  /** Does the verb change, create or drop what it names? */
  readonly writes: boolean
  /** COPY INTO a stage or an external address: data leaves. */
  readonly toLocation: boolean
  /** Stage references anywhere in the statement. */
  readonly stages: readonly { readonly name: string; readonly span: Span }[]
}
