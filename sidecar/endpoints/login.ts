/** Login: one token in, a session of two tokens out. */

import { randomUUID } from 'node:crypto'

import { FrostgateError, toFrostgateError } from '../errors.ts'
import type { Governance } from '../governance.ts'
import { claimedIdentity } from '../identity/login-token.ts'
import type { Principal } from '../identity/principal.ts'
import { isObject } from '../json.ts'
import { recordAfter, recordedError, recordFirst } from '../recording/record.ts'
import { loginParameters } from '../session/client-parameters.ts'
import type { ClientInfo } from '../session/client-info.ts'
import { openSession, type LoginDependencies, type LoginRequest } from '../session/login.ts'
import type { GatewaySession } from '../session/session.ts'
import type { IssuedTokens } from '../session/store.ts'
import { loginFailure, success, type Envelope } from '../wire/envelope.ts'
import type { WireRequest } from '../wire/server.ts'
import type { EndpointDependencies } from './dependencies.ts'

export async function login(
  { body, query }: WireRequest,
  gateway: EndpointDependencies,
): Promise<Envelope> {
  const data = isObject(body['data']) ? body['data'] : {}
  let leave: (() => void) | undefined
  const reserve = (principal: Principal): void => {
    // Known now, and nothing is asked of Snowflake yet.
    gateway.governor.refuseSuspended(principal)
    leave = gateway.sessions.reserve(principal)
  }
  try {
    return await gateway.governor.under((governance) =>
      loginUnder(governance, { data, query }, { ...gateway, reserve }),
    )
  } catch (thrown) {
    const incident = randomUUID()
    const error = toFrostgateError(thrown, incident)
    if (error.entry === 'InternalError') gateway.onIncident(incident, thrown)
    const claimed = claimedIdentity(data)
    const event = { type: 'login.refused', claimed, error: recordedError(error) } as const
    await gateway.failedLogins.refused(() =>
      recordAfter(gateway.recorder, event, (reason) => {
        gateway.onIncident(incident, reason)
      }),
    )
    return loginFailure(error, incident)
  } finally {
    leave?.()
  }
}

async function loginUnder(
  governance: Governance,
  request: LoginRequest,
  gateway: EndpointDependencies & Pick<LoginDependencies, 'reserve'>,
): Promise<Envelope> {
  const { governor, recorder, rates, now, reserve, sessions, onIncident } = gateway
  if (governor.closed !== undefined)
    throw FrostgateError.of('ConnectionClosed', { reason: governor.closed })
  governor.refuseSuspended()
  const { session, client } = await openSession(request, {
    ...{ governance, rates, now, reserve },
    signer: () => governor.governance.signer,
    onReopen: (reopened, reason) =>
      recordFirst(recorder, { type: 'session.reestablished', session: reopened, reason }),
  })
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
