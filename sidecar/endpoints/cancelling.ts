/**
 * `SELECT SYSTEM$CANCEL_ALL_QUERIES(session)` and `SELECT SYSTEM$CANCEL_QUERY('id')`, which clients
 * send when they are closed. The numbers and ids are the gateway's own, so Snowflake could not answer.
 */

import { findSession } from '../session/owners.ts'
import { hasEnded } from '../session/ledger.ts'
import type { GatewaySession } from '../session/session.ts'
import { parseStatement, type Parsed } from '../sql/index.ts'
import { analyse, refuseEarly } from '../statement/analyse.ts'
import type { Begun, Here, OwnAnswer } from './here.ts'
import type { EndpointDependencies } from './dependencies.ts'
import { cancel, statementOf } from './outcome.ts'

type Gateway = Pick<EndpointDependencies, 'sessions' | 'governor' | 'underWay' | 'onIncident'>

/** Cancels, and says what Snowflake says: `1 cancelled.` */
type Act = () => Promise<string>

/**
 * Undefined for every other text, and for sessions and statements of others, which are judged like
 * any call of a function: it is not one that agents may call.
 */
export function cancellingHere(
  session: GatewaySession,
  begun: Begun,
  gateway: Gateway,
): Here | undefined {
  const { request, governance } = begun
  if (request.refusal !== undefined || !/CANCEL/i.test(request.sql)) return undefined
  const call = callOf(request.sql)
  const act = call && actOf(call, session, begun, gateway)
  if (call === undefined || act === undefined) return undefined
  return {
    kind: 'Select',
    class: 'Query',
    rules: ['baseline/own-statements'],
    judge: (received) => {
      const analysed = analyse(received)
      const { facts } = analysed
      refuseEarly({ ...analysed, facts: { ...facts, functions: [] } }, governance.bundle)
    },
    act: async () => await answer(call.column, request.describeOnly ? undefined : act),
  }
}

interface Call {
  readonly name: string
  readonly argument: string
  /** As Snowflake names the column. */
  readonly column: string
}

/** The statement is this call and nothing else. */
function callOf(sql: string): Call | undefined {
  const parsed = parsedOf(sql)
  if (parsed === undefined) return undefined
  const [select, name, opening, argument, closing, ...more] = parsed.tokens
  const alone = select?.keyword === 'SELECT' && opening?.keyword === '(' && closing?.keyword === ')'
  if (!alone || more.length > 0 || name?.type !== 'word' || argument === undefined) return undefined
  const wanted = Object.hasOwn(argumentTypes, name.value) ? argumentTypes[name.value] : undefined
  if (argument.type !== wanted) return undefined
  const text = parsed.text.slice(name.start, closing.end)
  return { name: name.value, argument: argument.value, column: text.toUpperCase() }
}

const argumentTypes: Readonly<Record<string, string>> = {
  SYSTEM$CANCEL_ALL_QUERIES: 'number',
  SYSTEM$CANCEL_QUERY: 'string',
}

function parsedOf(sql: string): Parsed | undefined {
  try {
    return parseStatement(sql)
  } catch {
    return undefined
  }
}

function actOf(
  { name, argument }: Call,
  session: GatewaySession,
  { entry }: Begun,
  gateway: Gateway,
): Act | undefined {
  if (name === 'SYSTEM$CANCEL_QUERY') {
    const found = statementOf(session, argument, gateway)
    if (found === undefined) return undefined
    return async () => {
      await cancel(found, gateway)
      return `query [${found.entry.statement}] terminated.`
    }
  }
  const other = findSession(session, argument, {
    sessions: gateway.sessions.all(),
    bundle: gateway.governor.governance.bundle,
  })
  if (other === undefined) return undefined
  return async () => {
    // Statements of one request go with it.
    const running = other.ledger
      .running()
      .filter((each) => each !== entry && each.parent === undefined)
    let cancelled = 0
    for (const each of running) {
      if (hasEnded(each)) continue
      await cancel({ session: other, entry: each }, gateway)
      cancelled += 1
    }
    return `${cancelled} cancelled.`
  }
}

/** A description names the column, and nothing happens. */
async function answer(column: string, act: Act | undefined): Promise<OwnAnswer> {
  const statementTypeId = 0x1000
  if (act !== undefined) return { column, cell: await act(), statementTypeId }
  return { column, cell: '', statementTypeId, more: { rowset: [], total: 0, returned: 0 } }
}
