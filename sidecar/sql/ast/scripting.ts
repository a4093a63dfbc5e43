/** Snowflake Scripting: what stands in a block besides SQL statements. */

import type { Statement } from '../statements/table.ts'
import type { Parameter } from './ddl.ts'
import type { Expression } from './expression.ts'
import type { Identifier, Spanned } from './names.ts'

/** One statement of a block. SQL statements and inner blocks are statements of their own. */
export type ScriptStatement =
  | Declaration
  | Assignment
  | IfStatement
  | CaseStatement
  | ForLoop
  | Loop
  | Jump
  | CursorStatement
  | ReturnStatement
  | Raise
  | NullStatement
  | JobStatement
  | AsyncStatement
  | SystemStatement
  | Statement

export type ScriptStatements = readonly ScriptStatement[]

/** In DECLARE or by LET: a variable, cursor, result set or exception. */
export interface Declaration extends Spanned {
  readonly kind: 'Declaration'
  readonly type: 'VARIABLE' | 'CURSOR' | 'RESULTSET' | 'EXCEPTION'
  readonly name: Identifier
  /** Canonical text; of variables only. */
  readonly dataType: string | undefined
  /** The first value, the query of a cursor or result set, an exception's number and text. */
  readonly values: readonly (Expression | Statement)[]
}

/** `name PROCEDURE (…) RETURNS … AS BEGIN … END`, callable in its block only. */
export interface NestedProcedure extends Spanned {
  readonly kind: 'NestedProcedure'
  readonly name: Identifier
  readonly parameters: readonly Parameter[]
  /** Canonical text: `NUMBER(10,2)`, `TABLE(A INT)`. */
  readonly returns: string
  readonly body: Statement
}

/** `name := value`; the value may be a statement in parentheses, whose result is kept. */
export interface Assignment extends Spanned {
  readonly kind: 'Assignment'
  readonly name: Identifier
  readonly value: Expression | Statement
}

/** One condition of IF or CASE and what is done then. */
export interface Branch {
  readonly condition: Expression
  readonly statements: ScriptStatements
}

export interface IfStatement extends Spanned {
  readonly kind: 'IfStatement'
  /** IF and each ELSEIF. */
  readonly branches: readonly Branch[]
  /** ELSE; empty without one. */
  readonly otherwise: ScriptStatements
}

export interface CaseStatement extends Spanned {
  readonly kind: 'CaseStatement'
  readonly operand: Expression | undefined
  readonly branches: readonly Branch[]
  readonly otherwise: ScriptStatements
}

/** Over a range, `low TO high`, or over a cursor or result set. */
export interface ForLoop extends Spanned {
  readonly kind: 'ForLoop'
  readonly variable: Identifier
  readonly reverse: boolean
  readonly range: { readonly low: Expression; readonly high: Expression } | undefined
  readonly rows: Expression | undefined
  readonly statements: ScriptStatements
  readonly label: Identifier | undefined
}

export interface Loop extends Spanned {
  readonly kind: 'Loop'
  readonly type: 'WHILE' | 'REPEAT' | 'LOOP'
  /** Undefined for LOOP. */
  readonly condition: Expression | undefined
  readonly statements: ScriptStatements
  readonly label: Identifier | undefined
}

/** BREAK or EXIT, CONTINUE or ITERATE. */
export interface Jump extends Spanned {
  readonly kind: 'Jump'
  readonly type: 'BREAK' | 'CONTINUE'
  readonly label: Identifier | undefined
}

export interface CursorStatement extends Spanned {
  readonly kind: 'CursorStatement'
  readonly verb: 'OPEN' | 'FETCH' | 'CLOSE'
  readonly cursor: Identifier
  /** OPEN … USING. */
  readonly using: readonly Expression[]
  /** FETCH … INTO. */
  readonly into: readonly Expression[]
}

/** RETURN; `table` is of RETURN TABLE: a result set's name or a query. */
export interface ReturnStatement extends Spanned {
  readonly kind: 'ReturnStatement'
  readonly value: Expression | undefined
  readonly table: Expression | Statement | undefined
}

export interface Raise extends Spanned {
  readonly kind: 'Raise'
  /** Without one the exception at hand is raised again. */
  readonly exception: Identifier | undefined
}

export interface NullStatement extends Spanned {
  readonly kind: 'NullStatement'
}

/** AWAIT and CANCEL of asynchronous jobs; without a name AWAIT ALL. */
export interface JobStatement extends Spanned {
  readonly kind: 'JobStatement'
  readonly verb: 'AWAIT' | 'CANCEL'
  readonly resultSet: Identifier | undefined
}

/** `ASYNC (statement)` */
export interface AsyncStatement extends Spanned {
  readonly kind: 'AsyncStatement'
  readonly statement: Statement
}

/** A system function for its effect: `SYSTEM$LOG_INFO('x')`. */
export interface SystemStatement extends Spanned {
  readonly kind: 'SystemStatement'
  readonly call: Expression
}
