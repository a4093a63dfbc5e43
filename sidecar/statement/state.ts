/** What statements that ran have set in their session; see `session/state.ts`. */

import { FrostgateError } from '../errors.ts'
import { autocommits, isFalse, noTransaction, type SessionState } from '../session/state.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { Turn, Turns } from '../session/turns.ts'
import type { Expression } from '../sql/ast.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import type { AlterSession, SetVariables } from '../sql/statements.ts'
import { PolicyRefusal } from './analyse.ts'
import { refusedUpstream } from './overlay.ts'
import type { Analysis, Masked } from './stages.ts'

type Followed = Pick<Masked, 'session' | 'request' | 'parsed' | 'facts'>

/** What others mean may be another after it. */
const changing: ReadonlySet<StatementClass> = new Set<StatementClass>([
  ...(['Session', 'Transaction', 'DDL', 'Drop'] as const),
])

/** Undefined: it runs beside anything. */
export function turnOf({ facts }: Analysis, approved: boolean): Turn | undefined {
  const changes = changing.has(facts.class)
  if (approved) return changes ? 'both' : 'approved'
  return changes ? 'changes' : undefined
}

/** Errors: StatementCanceled, or why the gateway ended it. */
export async function takeTurn(
  turns: Turns,
  turn: Turn | undefined,
  { abort: { signal } }: LedgerEntry,
): Promise<(() => void) | undefined> {
  if (turn === undefined) return undefined
  try {
    return await turns.take(turn, signal)
  } catch {
    throw endOf(signal.reason)
  }
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
  const off = isFalse(request.parameters['AUTOCOMMIT']) || !autocommits(state)
  if (off || state.transaction.open) state.transaction = { open: true, wrote: true }
}
