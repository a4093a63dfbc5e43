/** A token of Snowflake's, as it stands in a header between quotes. */

import { FrostgateError } from '../errors.ts'
import { textOf } from '../json.ts'

/**
 * Undefined if there is none.
 * @throws FrostgateError UpstreamAnswerRefused for one that no header can carry as it is: RFC 9110
 * §5.5, and no quote in it
 */
export function tokenOf(value: unknown): string | undefined {
  const token = textOf(value)
  if (token === undefined || /^[!#-~]{1,8192}$/.test(token)) return token
  throw FrostgateError.of('UpstreamAnswerRefused', { reason: 'its token is none' })
}
