/** Parts of CREATE and ALTER: columns, constraints, parameters, sources, actions. */

import type { Statement } from '../statements/table.ts'
import type { Body } from './body.ts'
import type { Expression } from './expression.ts'
import type { Identifier, Spanned, TargetName } from './names.ts'
import type { Property, PropertyValue } from './property.ts'
import type { Query } from './query.ts'
import type { TableReference } from './relation.ts'

/** A column of a table or view; of a view or CTAS it may have neither type nor anything else. */
export interface ColumnDefinition extends Spanned {
  readonly kind: 'ColumnDefinition'
  readonly name: Identifier
  /** Canonical text: `NUMBER(10,2)`. */
  readonly type: string | undefined
  /** DEFAULT, or `AS (…)` of a virtual column; both may call functions. */
  readonly value: Expression | undefined
  readonly constraints: readonly Constraint[]
  /** NULL, COLLATE, AUTOINCREMENT, COMMENT … */
  readonly properties: readonly Property[]
  /** Masking and projection policies, tags. */
  readonly attachments: readonly Attachment[]
}

/**
 * A policy, tag or contact put on the object or column that a statement is about:
 * `ROW ACCESS POLICY p ON (a)`, `TAG (t = 'x')` (one per tag), `CONTACT (STEWARD = c)`.
 */
export interface Attachment extends Spanned {
  readonly kind: 'Attachment'
  /** The class of what is named: MASKING POLICY, TAG, CONTACT … */
  readonly objectClass: string
  readonly name: TargetName
  /** What a policy is given: `ON (a, b)`, `USING (a, b > 1)`, `ENTITY KEY (a)`. */
  readonly arguments: readonly Expression[]
  /** A tag's. */
  readonly value: PropertyValue | undefined
}

export interface Constraint extends Spanned {
  readonly kind: 'Constraint'
  readonly type: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY' | 'CHECK' | 'NOT NULL' | 'INDEX'
  readonly name: Identifier | undefined
  readonly columns: readonly Identifier[]
  readonly references:
    { readonly table: TargetName; readonly columns: readonly Identifier[] } | undefined
  readonly check: Expression | undefined
  /** Columns that a hybrid table's index carries along. */
  readonly include: readonly Identifier[]
  /** COMMENT. */
  readonly properties: readonly Property[]
}

/** Of a function, procedure, policy or task: `name type [DEFAULT value]`. */
export interface Parameter extends Spanned {
  readonly kind: 'Parameter'
  readonly name: Identifier | undefined
  /** Of procedures; undefined where nothing is said, which is IN. */
  readonly mode: 'IN' | 'OUT' | undefined
  readonly type: string
  readonly value: Expression | undefined
}

/** `RETURNS type [[NOT] NULL]`, `RETURNS TABLE (name type, …)`. */
export interface Returns {
  /** `TABLE` of a table, whose columns may be none. */
  readonly type: string
  readonly columns: readonly Parameter[]
  /** Undefined where nothing is said. */
  readonly nullable: boolean | undefined
}

/** Where a new object comes from. Tables whose rows are taken are `TableReference`s. */
export interface Source extends Spanned {
  readonly kind: 'Source'
  readonly type: 'AS' | 'CLONE' | 'LIKE' | 'ON' | 'USING TEMPLATE' | 'FROM' | 'FOR'
  /** What the text calls it: TABLE, VIEW, STAGE, SHARE, SCHEMA …; else the new object's class. */
  readonly objectClass: string
  readonly table: TableReference | undefined
  /** Of what has no rows, or of a table that only run time names. */
  readonly name: TargetName | undefined
  /** AT or BEFORE behind `name`. */
  readonly timeTravel: readonly Expression[]
  readonly query: Query | undefined
}

/** One change of ALTER: `ADD COLUMN a INT`, `SET COMMENT = 'x'`, `RENAME TO b`. */
export interface AlterAction extends Spanned {
  readonly kind: 'AlterAction'
  /** Its words: `ADD COLUMN`, `SET`, `UNSET`, `RENAME TO`, `SWAP WITH`, `SUSPEND`, … */
  readonly action: string
  /** The object that the action names: the new name, the other table, a policy, a role. */
  readonly target: TargetName | undefined
  /** The target's class: TABLE, ROW ACCESS POLICY, …; undefined without a target. */
  readonly targetClass: string | undefined
  readonly columns: readonly ColumnDefinition[]
  /** Columns only named: DROP COLUMN a, CLUSTER BY, policy arguments. */
  readonly names: readonly Identifier[]
  readonly constraints: readonly Constraint[]
  readonly attachments: readonly Attachment[]
  readonly expressions: readonly Expression[]
  /** Tables whose rows the change takes in. */
  readonly tables: readonly TableReference[]
  readonly properties: readonly Property[]
  readonly query: Query | undefined
  readonly body: Body | undefined
  /** The new body of a task or alert. */
  readonly statement: Statement | undefined
}
