/** What statements that ran have set in their session; see `session/state.ts`. */

import { FrostgateError } from '../errors.ts'
import {
  autocommits,
  bringsNoAutocommit,
  noTransaction,
  type SessionState,
} from '../session/state.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { Usage } from '../session/rates.ts'
import type { GatewaySession } from '../session/session.ts'
import type { Turn } from '../session/turns.ts'
import type { Expression } from '../sql/ast.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import type { AlterSession, SetVariables } from '../sql/statements.ts'
import { PolicyRefusal } from './analyse.ts'
import { refusedUpstream } from './overlay.ts'
import type { Analysis, Masked } from './stages.ts'

type Followed = Pick<Masked, 'session' | 'request' | 'parsed' | 'facts'>

/** What statements of other sessions mean may be another after it, or nobody knows what it does. */
const changingObjects: ReadonlySet<StatementClass> = new Set<StatementClass>([
  ...(['DDL', 'Drop', 'Grant', 'Procedure', 'Script', 'Other'] as const),
])

/**
 * So it is with those of its own session; or it writes, and must not come into the transaction in
 * which what was approved runs.
 */
const changing: ReadonlySet<StatementClass> = new Set<StatementClass>([
  ...(['Session', 'Transaction', 'DML', 'Load', 'Truncate'] as const),
  ...changingObjects,
])

/** Undefined: it runs beside anything. */
export function turnOf(
  { facts }: Pick<Analysis, 'facts'>,
  approved: boolean,
  among = changing,
): Turn | undefined {
  const changes = [facts, ...facts.parts].some((each) => among.has(each.class))
  if (approved) return changes ? 'both' : 'approved'
  return changes ? 'changes' : undefined
}

/**
 * First in its session, then among those of its principal: in this order always, or two would wait
 * for each other. COMMIT takes none of the second: one that was approved may wait for its locks.
 * Undefined where it needs none. Errors: StatementCanceled, or why the gateway ended it.
 */
export async function takeTurns(
  { turns, usage }: Pick<GatewaySession, 'turns'> & { usage: Pick<Usage, 'turns'> },
  analysed: Pick<Analysis, 'facts'>,
  approved: boolean,
  { abort: { signal } }: LedgerEntry,
): Promise<(() => void) | undefined> {
  const taken: (() => void)[] = []
  const end = (): void => {
    for (const each of taken) each()
  }
  const wanted = [
    [turns, turnOf(analysed, approved)],
    [usage.turns, turnOf(analysed, approved, changingObjects)],
  ] as const
  try {
    for (const [among, turn] of wanted)
      if (turn !== undefined) taken.push(await among.take(turn, signal))
  } catch {
    end()
    throw endOf(signal.reason)
  }
  return taken.length === 0 ? undefined : end
}

/** Who aborts a statement without a reason is its client. */
export function endOf(reason: unknown): Error {
  return reason instanceof FrostgateError || reason instanceof PolicyRefusal
    ? reason
    : FrostgateError.of('StatementCanceled', {})
}

/** Call it once Snowflake has run the statement. */
export function followState(ran: Followed): void {
  const { session, request, parsed } = ran
  if (request.describeOnly) return
  const { state } = session
  const { statement } = parsed
  if (statement.kind === 'AlterSession') setParameters(state, statement)
  else if (statement.kind === 'SetVariables') setVariables(state, statement)
  else if (statement.kind === 'UnsetVariables') {
    for (const { value } of statement.names) {
      state.variables.delete(value)
      state.unknown.delete(variableWords(value))
    }
  } else if (statement.kind === 'Transaction') {
    const { open, wrote } = state.transaction
    // BEGIN within a transaction begins none.
    state.transaction =
      statement.action === 'BEGIN' ? { open: true, wrote: open && wrote } : noTransaction
  } else if (changesRows(ran)) write(ran)
  // DDL commits what is open, and then itself.
  else if (ran.facts.class === 'DDL' || ran.facts.class === 'Drop')
    state.transaction = noTransaction
}

/**
 * Call it where a statement went to Snowflake and failed. Unless Snowflake itself said that it
 * failed, it may have run.
 */
export function unsettleState(
  masked: Followed & Pick<Masked, 'entry'>,
  error: FrostgateError,
): void {
  const { session, request, entry, parsed } = masked
  if (entry.upstreamRequestId === undefined || refusedUpstream.has(error.entry)) return
  if (request.describeOnly) return
  const { state } = session
  const { statement } = parsed
  if (statement.kind === 'AlterSession') {
    for (const { name } of statement.parameters) {
      const known = name.toUpperCase()
      state.unknown.add(parameterWords(known))
      // Then a statement may leave a transaction open.
      if (known === 'AUTOCOMMIT') state.parameters.set(known, null)
    }
  } else if (statement.kind === 'SetVariables' || statement.kind === 'UnsetVariables') {
    for (const { value } of statement.names) state.unknown.add(variableWords(value))
  } else if (statement.kind === 'Transaction') {
    if (statement.action === 'BEGIN') state.transaction = { ...state.transaction, open: true }
  } else if (changesRows(masked)) write(masked)
}

function setParameters(state: SessionState, { parameters }: AlterSession): void {
  for (const { name, value } of parameters) {
    const known = name.toUpperCase()
    state.parameters.set(known, value?.kind === 'Literal' ? value.value : null)
    state.unknown.delete(parameterWords(known))
  }
}

function setVariables(state: SessionState, { names, value }: SetVariables): void {
  const values = names.length > 1 && value.kind === 'Tuple' ? value.items : [value]
  for (const [index, { value: name }] of names.entries()) {
    const spelled = values[index] && spell(values[index])
    state.variables.delete(name)
    if (spelled === undefined) state.unknown.add(variableWords(name))
    else {
      state.variables.set(name, spelled)
      state.unknown.delete(variableWords(name))
    }
  }
}

/** Policy lets through literals only; of anything else the value is not known. */
function spell(value: Expression): string | undefined {
  if (value.kind === 'Unary') {
    const operand = spell(value.operand)
    return operand === undefined ? undefined : `${value.operator} ${operand}`
  }
  if (value.kind !== 'Literal') return undefined
  const plain = value.type === 'number' || value.type === 'boolean'
  const quoted = `'${value.value.replaceAll("'", "''")}'`
  if (value.type === 'null') return 'NULL'
  return plain ? value.value : value.type === 'string' ? quoted : `${value.type} ${quoted}`
}

const variableWords = (name: string): string => `session variable ${name}`
const parameterWords = (name: string): string => `session parameter ${name}`

const writing: ReadonlySet<StatementClass> = new Set<StatementClass>([
  ...(['DML', 'Load', 'Truncate'] as const),
])

function changesRows({ facts }: Pick<Followed, 'facts'>): boolean {
  if (facts.kind === 'Explain') return false
  return [facts, ...facts.parts].some((each) => writing.has(each.class))
}

function write({ session: { state }, request }: Followed): void {
  const off = bringsNoAutocommit(request.parameters) || !autocommits(state)
  if (off || state.transaction.open) state.transaction = { open: true, wrote: true }
}
