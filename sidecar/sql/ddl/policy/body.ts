/** `AS (val type, …) RETURNS type -> expression`: masking, row access and other policies. */

import type { Parser } from '../../parser/parser.ts'
import { dataType } from '../../parser/types.ts'
import type { ActionParts, Actions } from '../actions.ts'
import { createTail } from '../create-tail.ts'
import { parameters } from '../parameters.ts'
import type { CreateTail } from '../tails.ts'

/** What a policy returns that is no value. */
const constraints = [
  ...['AGGREGATION_CONSTRAINT', 'JOIN_CONSTRAINT', 'PRIVACY_BUDGET', 'PROJECTION_CONSTRAINT'],
]

export function bodyPolicy(p: Parser): CreateTail {
  p.expect('AS')
  const given = parameters(p)
  p.expect('RETURNS')
  const returns = { type: returnType(p), columns: [], nullable: undefined }
  p.expect('->')
  const expressions = [p.rules.expression(p)]
  return createTail(p, {}, { parameters: given, returns, expressions })
}

function returnType(p: Parser): string {
  const constraint = constraints.find((word) => p.accept(word))
  return constraint ?? dataType(p)
}

export const bodyActions: Actions = { 'SET BODY': newBody }

function newBody(p: Parser): ActionParts {
  p.expect('->')
  return { expressions: [p.rules.expression(p)] }
}
