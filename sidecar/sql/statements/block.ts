/** Blocks: https://docs.snowflake.com/en/developer-guide/snowflake-scripting/blocks */

import type { Declaration, Identifier, NestedProcedure, ScriptStatements, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { declarations } from '../scripting/declaration.ts'
import { exceptionHandlers } from '../scripting/exception.ts'
import type { Handler } from '../scripting/exception.ts'
import { labelAt } from '../scripting/loops.ts'
import { statementList } from '../scripting/statements.ts'
import { define } from './definition.ts'

/** Its statements are its parts; names declared in it are columns of its scope in the facts. */
export interface Block extends Spanned {
  readonly kind: 'Block'
  readonly declarations: readonly (Declaration | NestedProcedure)[]
  readonly statements: ScriptStatements
  readonly handlers: readonly Handler[]
  readonly label: Identifier | undefined
}

function parse(p: Parser): Block {
  p.enter()
  const start = p.index
  const declared = p.at('DECLARE') ? declarations(p) : []
  // A text of its own: no block, EXPLAIN or chain has one inside.
  if (declared.length > 0 && start === 0 && p.index === p.end && p.codeDepth === 0) {
    return section(p, declared)
  }
  p.expect('BEGIN')
  const statements = statementList(p)
  const handlers = p.at('EXCEPTION') ? exceptionHandlers(p, statementList) : []
  p.expect('END')
  const label = labelAt(p)
  p.leave()
  const span = p.span(start)
  return { kind: 'Block', span, declarations: declared, statements, handlers, label }
}

/** DECLARE without its block, as the documentation shows it and as tools cut blocks. */
function section(p: Parser, declared: Block['declarations']): Block {
  p.leave()
  const none = { statements: [], handlers: [], label: undefined } as const
  return { kind: 'Block', span: p.span(0), declarations: declared, ...none }
}

export const block = define<Block>({
  kind: 'Block',
  starts: ['BEGIN', 'DECLARE'],
  parse,
  children: ['declarations', 'statements', 'handlers', 'label'],
  classify: { kind: 'Block', class: 'Script' },
})
