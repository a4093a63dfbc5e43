/** https://docs.snowflake.com/en/sql-reference/sql/alter-tag */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { attachment } from '../attachments.ts'

/** `p, MASKING POLICY q [FORCE]` */
export function maskingPolicies(p: Parser): ActionParts {
  const attachments = [maskingPolicy(p)]
  while (p.accept(',')) {
    p.expect('MASKING', 'POLICY')
    attachments.push(maskingPolicy(p))
  }
  p.accept('FORCE')
  return { attachments }
}

function maskingPolicy(p: Parser) {
  const start = p.index
  return attachment(p, start, 'MASKING POLICY', targetName(p, 'the name of a masking policy'))
}
