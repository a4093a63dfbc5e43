/** https://docs.snowflake.com/en/sql-reference/constructs/resample */

import type { Resample, SelectItem } from '../ast.ts'
import { optionalAlias } from './aliases.ts'
import { callName, callOf } from './function-call.ts'
import type { Parser } from './parser.ts'
import { relationAlias } from './relation-clauses.ts'

export function resample(p: Parser): Resample {
  const start = p.index
  p.expect('RESAMPLE', '(', 'USING')
  const using = p.rules.operand(p)
  p.expect('INCREMENT', 'BY')
  const increment = p.rules.operand(p)
  const partitionBy = p.accept('PARTITION', 'BY') ? p.list(() => p.rules.expression(p)) : []
  const metadata = p.accept('METADATA_COLUMNS') ? p.list(() => metadataColumn(p)) : []
  p.expect(')')
  const tail = relationAlias(p)
  const span = p.span(start)
  return { kind: 'Resample', span, using, increment, partitionBy, metadata, ...tail }
}

const metadataFunctions: ReadonlySet<string> = new Set(['IS_GENERATED', 'BUCKET_START'])

function metadataColumn(p: Parser): SelectItem {
  const start = p.index
  if (!p.atAny(metadataFunctions)) p.fail('IS_GENERATED() or BUCKET_START()')
  const name = callName(p)
  p.expect('(', ')')
  const expression = callOf(p, start, name, [])
  const alias = optionalAlias(p)
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}
