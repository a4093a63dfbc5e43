/** An EXCEPTION section without its block. */

import type { ScriptStatements, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { exceptionHandlers } from '../scripting/exception.ts'
import type { Handler } from '../scripting/exception.ts'
import { statementList } from '../scripting/statements.ts'
import { define } from './definition.ts'

/**
 * As the documentation shows them on their own, and as tools cut blocks. What follows such a section
 * cannot be told from its last handler, so that none may hold SQL other than ROLLBACK and COMMIT.
 */
export interface ExceptionSection extends Spanned {
  readonly kind: 'ExceptionSection'
  readonly handlers: readonly Handler[]
}

function parse(p: Parser): ExceptionSection {
  const start = p.index
  const handlers = exceptionHandlers(p, scriptOnly)
  return { kind: 'ExceptionSection', span: p.span(start), handlers }
}

const scriptKinds: ReadonlySet<string> = new Set([
  ...['Assignment', 'CursorStatement', 'Declaration', 'Jump', 'NullStatement', 'Raise'],
  ...['ReturnStatement', 'SystemStatement', 'Transaction'],
])

function scriptOnly(p: Parser): ScriptStatements {
  const statements = statementList(p)
  const other = statements.find(({ kind }) => !scriptKinds.has(kind))
  if (other === undefined) return statements
  p.index = other.span.start
  return p.fail('RETURN, RAISE, LET or ROLLBACK in an EXCEPTION section without its block')
}

/** https://docs.snowflake.com/en/sql-reference/snowflake-scripting/exception */
export const exceptionSection = define<ExceptionSection>({
  kind: 'ExceptionSection',
  starts: ['EXCEPTION'],
  when: (p) => p.index === 0 && p.codeDepth === 0,
  parse,
  children: ['handlers'],
  classify: { kind: 'ExceptionSection', class: 'Script' },
})
