import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { status } from './synthetic.ts'

const OK = 'Statement executed successfully.'

/** SET name = literal, UNSET name. The literal is kept as written. */
export function runSet(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  const { variables } = context.session
  const unset = cursor.next().text === 'UNSET'
  const name = cursor.identifier().toUpperCase()
  if (unset) {
    cursor.end()
    variables.delete(name)
    return status(OK, statementTypes.set)
  }
  if (!cursor.take('=')) throw cursor.unexpected()
  const first = cursor.next()
  const token = first.text === '-' ? cursor.next() : first
  const literal = token.kind === 'string' || token.kind === 'number'
  if (!literal && token.text !== 'TRUE' && token.text !== 'FALSE') throw cursor.unexpected(-1)
  cursor.end()
  variables.set(name, context.sql.slice(first.start, token.end))
  return status(OK, statementTypes.set)
}
