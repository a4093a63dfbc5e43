/** What tasks, alerts and pipes run. */

import type { Parser } from '../parser/parser.ts'
import { codeBody } from './body.ts'
import type { CreateTail } from './tails.ts'

/** A statement, a block, or either of them in a string. */
export function runnable(p: Parser): Pick<CreateTail, 'body' | 'statement'> {
  if (p.type() === 'string') return { body: codeBody(p, 'SQL', 'statements') }
  return { statement: inner(p) }
}

/** A statement inside this one. */
export function inner(p: Parser): NonNullable<CreateTail['statement']> {
  p.enter()
  const statement = p.rules.statement(p)
  p.leave()
  return statement
}
