/** What each route of the wire does. Long work is in the rooms; this is the table. */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { errorCatalogue, FrostgateError, toFrostgateError } from './errors.ts'
import { runStatement, type GatewayDependencies } from './gateway.ts'
import { claimedIdentity } from './identity/login-token.ts'
import type { Governance } from './governance.ts'
import type { Governor } from './governor.ts'
import { isObject, textOf } from './json.ts'
import { recordAfter, recordedError, recordFirst } from './recording/record.ts'
import type { ChunkRelay } from './results/chunk-relay.ts'
import { chunkKeyHeader } from './results/chunk-store.ts'
import { loginParameters } from './session/client-parameters.ts'
import type { LedgerEntry, StatementRun } from './session/ledger.ts'
import { openSession, type ClientInfo, type LoginRequest } from './session/login.ts'
import type { Rates } from './session/rates.ts'
import type { GatewaySession } from './session/session.ts'
import type { IssuedTokens, SessionStore } from './session/store.ts'
import { statementRequest, type StatementRequest } from './statement/request.ts'
import type { UnderWay } from './under-way.ts'
import { inProgress, loginFailure, success, type Envelope } from './wire/envelope.ts'
import type { RouteName } from './wire/routes.ts'
import type { Handler, WireRequest } from './wire/server.ts'

export interface EndpointDependencies extends Omit<GatewayDependencies, 'bundle' | 'closed'> {
  readonly governor: Governor
  readonly rates: Rates
  readonly sessions: SessionStore
  readonly relay: ChunkRelay
  readonly underWay: UnderWay
  /** Milliseconds a statement's answer is waited for before "still running" is said. */
  readonly longPollMs: number
}

export function endpoints(gateway: EndpointDependencies): Readonly<Record<RouteName, Handler>> {
  const { sessions } = gateway
  return {
    login: (request) => gateway.underWay.track(login(request, gateway)),
    renew: (request) => Promise.resolve(renew(request, sessions)),
    heartbeat: async ({ token }) => {
      await heartbeat(sessions.bySessionToken(token), sessions)
      return success(null)
    },
    logout: (request) => logout(request, sessions),
    query: (request) => query(request, gateway),
    abort: async ({ token, body }) => {
      const session = sessions.bySessionToken(token)
      await cancel(session, session.ledger.byRequest(textOf(body['requestId']) ?? ''))
      return success(null)
    },
    abortById: async ({ token, parameter }) => {
      const session = sessions.bySessionToken(token)
      await cancel(session, session.ledger.byStatement(parameter))
      return success(null)
    },
    result: ({ token, parameter }) => {
      const entry = sessions.bySessionToken(token).ledger.byStatement(parameter)
      return outcomeOf(entry, parameter, gateway.longPollMs)
    },
    monitor: ({ token, parameter }) => {
      const entry = sessions.bySessionToken(token).ledger.byStatement(parameter)
      return Promise.resolve(success({ queries: entry ? [statusOf(entry)] : [] }))
    },
    telemetry: () => Promise.resolve({ ...success('Log Received') }),
    chunk: async ({ parameter, http }) => {
      const key = http.request.headers[chunkKeyHeader]
      const chunk = gateway.chunks.find(parameter, typeof key === 'string' ? key : undefined)
      await gateway.underWay.track(gateway.relay.relay(chunk, http.request, http.response))
      return undefined
    },
  }
}

async function login(
  { body, query }: WireRequest,
  gateway: EndpointDependencies,
): Promise<Envelope> {
  const data = isObject(body['data']) ? body['data'] : {}
  try {
    return await gateway.governor.under((governance) =>
      loginUnder(governance, { data, query }, gateway),
    )
  } catch (thrown) {
    const incident = randomUUID()
    const error = toFrostgateError(thrown, incident)
    if (error.entry === 'InternalError') gateway.onIncident(incident, thrown)
    const claimed = claimedIdentity(data)
    const event = { type: 'login.refused', claimed, error: recordedError(error) } as const
    await recordAfter(gateway.recorder, event, (reason) => {
      gateway.onIncident(incident, reason)
    })
    return loginFailure(error, incident)
  }
}

async function loginUnder(
  governance: Governance,
  request: LoginRequest,
  { governor, recorder, rates, now, sessions, onIncident }: EndpointDependencies,
): Promise<Envelope> {
  if (governor.closed !== undefined)
    throw FrostgateError.of('ConnectionClosed', { reason: governor.closed })
  const { session, client } = await openSession(request, { governance, rates, now })
  let recorded = false
  try {
    // Each round is one bundle that came while the one before was recorded.
    for (let epoch = 0; epoch !== session.epoch;) {
      governor.admit(session, governance)
      epoch = session.epoch
      await recordFirst(recorder, loginAccepted(session, client))
      recorded = true
      governor.admit(session, governance)
    }
  } catch (error) {
    const closed = { type: 'session.closed', session: session.id, reason: 'revoked' } as const
    if (recorded) {
      await recordAfter(recorder, closed, (reason) => {
        onIncident(session.id, reason)
      })
    }
    await session.upstream.close().catch(() => undefined)
    throw error
  }
  return success(loginData(session, client, sessions.add(session)))
}

function loginAccepted({ id, principal, grant }: GatewaySession, client: ClientInfo) {
  const { provider, issuer, subject, groups, run } = principal
  return {
    type: 'login.accepted',
    session: id,
    principal: { provider, issuer, subject, groups, run: run ?? null },
    policies: grant.policies,
    role: grant.role,
    warehouse: grant.warehouse,
    client: { name: client.name, version: client.version },
  } as const
}

/** Complete, because each field is one that some driver fails without. */
function loginData(session: GatewaySession, client: ClientInfo, tokens: IssuedTokens) {
  return {
    token: tokens.sessionToken,
    masterToken: tokens.masterToken,
    validityInSeconds: tokens.sessionValidity,
    masterValidityInSeconds: tokens.masterValidity,
    displayUserName: session.principal.subject,
    serverVersion: session.upstream.info.serverVersion,
    firstLogin: false,
    remMeToken: null,
    remMeValidityInSeconds: 0,
    healthCheckInterval: 45,
    newClientForUpgrade: null,
    sessionId: session.number,
    parameters: loginParameters(session.upstream.info.parameters, client.keepAlive),
    sessionInfo: {
      databaseName: session.context.database,
      schemaName: session.context.schema,
      warehouseName: session.context.warehouse,
      roleName: session.context.role,
    },
    idToken: null,
    idTokenValidityInSeconds: 0,
    responseData: null,
    mfaToken: null,
    mfaTokenValidityInSeconds: 0,
  }
}

function renew({ token, body }: WireRequest, sessions: SessionStore): Envelope {
  const type = textOf(body['requestType']) ?? 'none'
  if (type !== 'RENEW') throw FrostgateError.of('TokenRequestRefused', { type: type.slice(0, 40) })
  const { session, tokens } = sessions.renew(token)
  return success({
    sessionToken: tokens.sessionToken,
    validityInSecondsST: tokens.sessionValidity,
    masterToken: tokens.masterToken,
    validityInSecondsMT: tokens.masterValidity,
    sessionId: session.number,
  })
}

/** Drivers ask `is_valid` by it, and wait. */
const heartbeatPatienceMs = 5_000

/** Passed on: else a session kept alive here for hours would have none behind it. */
async function heartbeat(session: GatewaySession, sessions: SessionStore): Promise<void> {
  try {
    await Promise.race([
      session.upstream.heartbeat(),
      delay(heartbeatPatienceMs, undefined, { ref: false }),
    ])
  } catch (error) {
    const gone = error instanceof FrostgateError && error.entry === 'SessionGone'
    // A Snowflake that does not answer now has not ended the session.
    if (!gone) return
    await sessions.close(session, 'revoked')
    throw error
  }
}

/** Answered at once: drivers hang or throw where a logout does. */
async function logout({ token, query }: WireRequest, sessions: SessionStore): Promise<Envelope> {
  if (query.get('delete') !== 'true')
    throw FrostgateError.of('RequestInvalid', { reason: 'POST /session without delete=true' })
  await sessions.close(sessions.bySessionToken(token), 'logout')
  return success(null)
}

async function query(
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

/** The outcome, or "still running" when it takes longer than a client waits for one answer. */
async function outcomeOf(
  entry: LedgerEntry | undefined,
  queryId: string,
  longPollMs: number,
): Promise<Envelope> {
  if (!entry?.outcome) throw FrostgateError.of('QueryUnknown', { queryId })
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<Envelope>((resolve) => {
    timer = setTimeout(() => {
      resolve(inProgress(entry.statement))
    }, longPollMs)
  })
  try {
    return await Promise.race([entry.outcome, patience])
  } finally {
    clearTimeout(timer)
  }
}

/** A statement that is not there, or has ended, is no error: drivers cancel late. */
async function cancel(session: GatewaySession, entry: LedgerEntry | undefined): Promise<void> {
  if (entry?.state !== 'running') return
  entry.canceled = true
  if (entry.upstreamRequestId !== undefined) await session.upstream.cancel(entry.upstreamRequestId)
}

const statuses = {
  running: { status: 'RUNNING', state: 'FILE_SET_INITIALIZATION' },
  succeeded: { status: 'SUCCESS', state: 'SUCCEEDED' },
  failed: { status: 'FAILED_WITH_ERROR', state: 'FAILED' },
} as const

/** Only what the gateway knows: Snowflake's own status holds SQL text and error texts. */
function statusOf(entry: LedgerEntry) {
  return { id: entry.statement, ...statuses[entry.state] }
}
