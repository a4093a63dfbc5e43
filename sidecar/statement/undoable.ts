/**
 * Approved DML in a transaction of the gateway's own. Objects may change between the last look at
 * them and the end of the statement; what it then did, people did not approve, and it is undone.
 */

import { FrostgateError } from '../errors.ts'
import { autocommits, bringsNoAutocommit } from '../session/state.ts'
import { queryTag } from './query-tag.ts'
import type { Masked } from './stages.ts'

/** Where a transaction is open, or will be, the client itself decides what becomes of it. */
export function isUndoable({ hold, facts, session, request }: Masked): boolean {
  if (hold === undefined || facts.class !== 'DML' || request.describeOnly) return false
  const { state } = session
  return !state.transaction.open && autocommits(state) && !bringsNoAutocommit(request.parameters)
}

/**
 * Nothing else may write in the session meanwhile: see `turnOf`.
 * Errors: those of `work`, undone; SessionGone where it is not known what became of it.
 */
export async function orUndo<T>(masked: Masked, work: () => Promise<T>): Promise<T> {
  await transact(masked, 'BEGIN')
  let done: T
  try {
    done = await work()
  } catch (error) {
    await transact(masked, 'ROLLBACK')
    throw error
  }
  await transact(masked, 'COMMIT')
  return done
}

/** A session that may be left in a transaction nobody knows of is of no use any more. */
async function transact(masked: Masked, sql: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): Promise<void> {
  const { upstream } = masked.session
  const leaves = { kind: 'transaction', open: sql === 'BEGIN' } as const
  const parameters = { QUERY_TAG: queryTag(masked) }
  const asked = { sql, bindings: undefined, describeOnly: false, parameters, leaves }
  const effect = sql === 'COMMIT' ? 'may have taken effect' : 'takes no effect'
  const reason = `Snowflake did not confirm the ${sql} of an approved statement, which ${effect}`
  const answer = await upstream.query(asked).catch((error: unknown) => {
    // It was not sent.
    if (sql === 'BEGIN' && isUnavailable(error)) throw error
    throw FrostgateError.of('SessionGone', { reason }, { cause: error })
  })
  if (!answer.ok) throw FrostgateError.of('SessionGone', { reason })
}

function isUnavailable(error: unknown): boolean {
  return error instanceof FrostgateError && error.entry === 'UpstreamUnavailable'
}
