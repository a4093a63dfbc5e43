/** What a class's own grammar gives to the nodes of CREATE and ALTER. */

import type {
  AlterAction,
  Argument,
  Attachment,
  Body,
  ColumnDefinition,
  Constraint,
  Expression,
  Parameter,
  Property,
  Query,
  Returns,
  Source,
} from '../ast.ts'
import type { Statement } from '../statements/table.ts'
import type { SemanticView } from './view/semantic-parts.ts'

export interface CreateTail {
  readonly columns?: readonly ColumnDefinition[]
  readonly constraints?: readonly Constraint[]
  /** Policies, tags and contacts. */
  readonly attachments?: readonly Attachment[]
  /** Of functions, procedures and policies. */
  readonly parameters?: readonly Parameter[]
  /** Of functions, procedures and policies. */
  readonly returns?: Returns
  readonly source?: Source
  readonly properties?: readonly Property[]
  /** AS of a view, CTAS, dynamic table. */
  readonly query?: Query
  /** Conditions and policy bodies: `WHEN …`, `-> …`, CLUSTER BY, PARTITION BY, … */
  readonly expressions?: readonly Expression[]
  readonly body?: Body
  /** A body that is no string: of a task, an alert, a procedure. */
  readonly statement?: Statement
  /** What an alert asks, where that is no query: SHOW, CALL. */
  readonly condition?: Statement
  /** What an instance is made with. */
  readonly arguments?: readonly Argument[]
  /** Of a semantic view. */
  readonly semantics?: SemanticView
}

export interface AlterTail {
  readonly actions: readonly AlterAction[]
}
