/** How Snowflake says that a session is over. */

import { FrostgateError } from '../errors.ts'

export const tokenExpired = '390112'

/** Codes of a session that Snowflake has ended; an expired token is one once it cannot be renewed. */
export const sessionEnded: ReadonlySet<string> = new Set([
  '390104', '390111', '390112', '390113', '390114', '390115',
]) // prettier-ignore

export function endedBySnowflake(): FrostgateError {
  return FrostgateError.of('SessionGone', { reason: 'Snowflake ended the session behind it' })
}
