/** What the gateway's reading of SQL rests on, checked in each new Snowflake session. */

import { FrostgateError } from '../errors.ts'
import { inJson } from './parameters.ts'
import type { UpstreamSession } from './session.ts'

/**
 * One query shows both: with QUOTED_IDENTIFIERS_IGNORE_CASE the column's name would come back in
 * upper case, and active secondary roles would be listed in its value, `{"roles":"…","value":"…"}`.
 * A session that fails is closed. Errors: UpstreamLoginFailed, UpstreamUnavailable.
 */
export async function verifySession(session: UpstreamSession, connection: string): Promise<void> {
  try {
    await verify(session, connection)
  } catch (error) {
    // Not waited for: what failed may be the connection itself.
    session.close().catch(() => undefined)
    throw error
  }
}

async function verify(session: UpstreamSession, connection: string): Promise<void> {
  // A stand-in without roles on loopback, as fakesnow: there are none to turn off.
  const asked = session.thin ? '1' : 'CURRENT_SECONDARY_ROLES()'
  if (!session.thin) await require(session, connection, 'USE SECONDARY ROLES NONE')
  const answer = await require(session, connection, `SELECT ${asked} AS "roles"`)
  const [column] = answer.columns
  const value = answer.rows[0]?.[0]
  if (column?.name !== 'roles')
    throw failed(connection, 'QUOTED_IDENTIFIERS_IGNORE_CASE could not be set to FALSE')
  if (session.thin) return
  if (activeRoles(value) !== '') throw failed(connection, 'secondary roles could not be turned off')
}

async function require(session: UpstreamSession, connection: string, sql: string) {
  const query = { sql, bindings: undefined, describeOnly: false, parameters: inJson }
  const answer = await session.query(query)
  if (answer.ok) return answer
  throw failed(connection, `the check "${sql}" failed with code ${answer.code}`)
}

/** Undefined, and so refused, where the value is not of the documented form. */
function activeRoles(value: string | null | undefined): unknown {
  try {
    return (JSON.parse(value ?? '') as { roles?: unknown } | null)?.roles
  } catch {
    return undefined
  }
}

function failed(connection: string, reason: string): FrostgateError {
  return FrostgateError.of('UpstreamLoginFailed', { connection, reason })
}
