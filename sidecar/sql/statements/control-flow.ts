/**
 * IF, CASE, loops and LET without a block around them: code in a string may be one of them, and the
 * documentation shows them on their own. Inside a block they are no statements of their own.
 */

import type { ScriptStatement, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { scriptStatement } from '../scripting/statements.ts'
import { define } from './definition.ts'

/** https://docs.snowflake.com/en/sql-reference/sql/execute-immediate */
export interface ControlFlow extends Spanned {
  readonly kind: 'ControlFlow'
  readonly statement: ScriptStatement
}

function parse(p: Parser): ControlFlow {
  const start = p.index
  const statement = scriptStatement(p)
  return { kind: 'ControlFlow', span: p.span(start), statement }
}

export const controlFlow = define<ControlFlow>({
  kind: 'ControlFlow',
  starts: ['LET', 'IF', 'CASE', 'FOR', 'WHILE', 'REPEAT', 'LOOP'],
  when: (p) => p.index === 0 && (p.codeDepth === 0 || !p.at('LET')),
  parse,
  children: ['statement'],
  classify: { kind: 'ControlFlow', class: 'Script' },
})
