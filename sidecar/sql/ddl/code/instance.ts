/** Objects of classes: https://docs.snowflake.com/en/sql-reference/snowflake-db-classes */

import { functionCall } from '../../parser/function-call.ts'
import type { Parser } from '../../parser/parser.ts'
import { createTail } from '../create-tail.ts'
import type { DdlHead } from '../head.ts'
import type { CreateTail } from '../tails.ts'

/** `(INPUT_DATA => …, …)`: what the class's constructor is called with. */
export function instance(p: Parser, { start, name }: DdlHead): CreateTail {
  if (name?.kind !== 'ObjectName') return p.fail('a name')
  const call = functionCall(p, start, name)
  return createTail(p, {}, { arguments: call.arguments })
}
