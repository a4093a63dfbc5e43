/** A statement comes in: the same request again is the same statement. */

import { randomUUID } from 'node:crypto'

import { errorCatalogue } from '../errors.ts'
import { runStatement } from '../gateway.ts'
import type { Governance } from '../governance.ts'
import type { LedgerEntry, StatementRun } from '../session/ledger.ts'
import type { GatewaySession } from '../session/session.ts'
import { statementRequest, type StatementRequest } from '../statement/request.ts'
import type { Envelope } from '../wire/envelope.ts'
import type { WireRequest } from '../wire/server.ts'
import type { EndpointDependencies } from './dependencies.ts'
import { outcomeOf } from './outcome.ts'

export async function query(
  { token, query: parameters, body }: WireRequest,
  gateway: EndpointDependencies,
): Promise<Envelope> {
  const session = gateway.sessions.bySessionToken(token)
  const request = statementRequest(body)
  const given = parameters.get('requestId') ?? ''
  // Python 5.x may send none; the statement then has one of its own.
  const requestId = /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
  const entry = session.ledger.begin(requestId, request.digest, randomUUID(), (started) =>
    gateway.underWay.track(
      gateway.governor.under((governance) =>
        runInSession(session, { request, entry: started, governance }, gateway),
      ),
    ),
  )
  return await outcomeOf(entry, entry.statement, gateway.longPollMs)
}

interface Begun {
  readonly request: StatementRequest
  readonly entry: LedgerEntry
  readonly governance: Governance
}

/** Runs it, and lets nothing of it outlive its session. */
async function runInSession(
  session: GatewaySession,
  { request, entry, governance }: Begun,
  gateway: EndpointDependencies,
): Promise<StatementRun> {
  const { governor } = gateway
  const inForce = { bundle: governance.bundle, closed: governor.closed }
  const run = await runStatement(session, request, entry, { ...gateway, ...inForce })
  entry.upstreamRequestId = undefined
  governor.settle(session, governance)
  // Snowflake ended its session: ours has nothing behind it any more.
  if (run.envelope.code === errorCatalogue.SessionGone.code)
    await gateway.sessions.close(session, 'revoked')
  // It was closed while the statement ran: the chunks were published after.
  if (!gateway.sessions.has(session)) gateway.chunks.forget(session.id)
  return run
}
