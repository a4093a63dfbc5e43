/** https://docs.snowflake.com/en/sql-reference/sql/create-type */

import type { Parser } from '../../parser/parser.ts'
import { dataType } from '../../parser/types.ts'
import { createTail } from '../create-tail.ts'
import type { CreateTail } from '../tails.ts'

/** `AS NUMBER(10, 2)` */
export function userType(p: Parser): CreateTail {
  p.expect('AS')
  const returns = { type: dataType(p), columns: [], nullable: undefined }
  return createTail(p, {}, { returns })
}
