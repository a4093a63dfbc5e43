/** Alerts: https://docs.snowflake.com/en/sql-reference/sql/create-alert, alter-alert */

import type { Expression } from '../../ast.ts'
import { atQuery } from '../../parser/parenthesised.ts'
import type { Parser } from '../../parser/parser.ts'
import type { Actions } from '../actions.ts'
import { inner, runnable } from '../bodies.ts'
import type { CreateTail } from '../tails.ts'

/** `(EXISTS (…)) THEN …`, behind IF. */
export function alertCondition(p: Parser): CreateTail {
  p.expect('(')
  const condition = exists(p)
  p.expect(')', 'THEN')
  return { ...condition, ...runnable(p) }
}

type Condition =
  { readonly expressions: readonly Expression[] } | Pick<Required<CreateTail>, 'condition'>

/** A query, or another statement that has rows: SHOW, CALL. */
function exists(p: Parser): Condition {
  if (!p.ahead('EXISTS', '(')) p.fail('EXISTS and a query in parentheses')
  if (atQuery(p, 2) || p.at('(', 2)) return { expressions: [p.rules.operand(p)] }
  p.expect('EXISTS', '(')
  const condition = inner(p)
  p.expect(')')
  return { condition }
}

export const alertActions: Actions = {
  SUSPEND: 'nothing',
  RESUME: 'nothing',
  'MODIFY CONDITION EXISTS': (p) => {
    p.expect('(')
    const query = atQuery(p) ? { query: p.rules.query(p) } : { statement: inner(p) }
    p.expect(')')
    return query
  },
  'MODIFY ACTION': runnable,
}
