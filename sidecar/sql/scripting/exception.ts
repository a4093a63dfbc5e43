/** https://docs.snowflake.com/en/developer-guide/snowflake-scripting/exceptions */

import type { Identifier, ScriptStatements } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import type { StatementList } from './branches.ts'

/** One WHEN of a block's EXCEPTION section. */
export interface Handler {
  /** Several are joined by OR; none of WHEN OTHER. */
  readonly exceptions: readonly Identifier[]
  /** CONTINUE goes on behind the statement that failed; EXIT, the default, leaves the block. */
  readonly continues: boolean
  readonly statements: ScriptStatements
}

export function exceptionHandlers(p: Parser, list: StatementList): readonly Handler[] {
  p.expect('EXCEPTION')
  const found: Handler[] = []
  do {
    if (found.at(-1)?.exceptions.length === 0) p.fail('END behind WHEN OTHER')
    found.push(handler(p, list))
  } while (p.at('WHEN'))
  return found
}

function handler(p: Parser, list: StatementList): Handler {
  p.expect('WHEN')
  const exceptions: Identifier[] = []
  if (!p.accept('OTHER')) {
    do exceptions.push(p.identifier('an exception'))
    while (p.accept('OR'))
  }
  const continues = p.accept('CONTINUE')
  if (!continues) p.accept('EXIT')
  p.expect('THEN')
  return { exceptions, continues, statements: list(p) }
}
