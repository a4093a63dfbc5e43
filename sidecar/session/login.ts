/** A login, as named steps: token → principal → grant → Snowflake session → gateway session. */

import { randomInt, randomUUID } from 'node:crypto'

import { FrostgateError } from '../errors.ts'
import type { Governance } from '../governance.ts'
import { loginToken } from '../identity/login-token.ts'
import type { Principal } from '../identity/principal.ts'
import { describeProviders } from '../identity/verify.ts'
import { textOf, type JsonObject } from '../json.ts'
import { allowedParameters } from '../policy/login-parameters.ts'
import { grantSession } from '../policy/session-grant.ts'
import type { SessionGrant } from '../policy/decision.ts'
import { verifySession } from '../upstream/guarantees.ts'
import type { LoginSigner } from '../upstream/login-signer.ts'
import { UpstreamSession } from '../upstream/session.ts'
import { clientOf, type ClientInfo } from './client-info.ts'
import { tagAmong } from './client-tag.ts'
import { StatementLedger } from './ledger.ts'
import type { Rates } from './rates.ts'
import { ReleasedResults } from './released.ts'
import type { GatewaySession } from './session.ts'
import { countAtLogin } from './statement-count.ts'
import { sessionState } from './state.ts'
import { Turns } from './turns.ts'

export interface LoginDependencies {
  /** What governs as the login begins; it may have been replaced when the login is done. */
  readonly governance: Governance
  readonly rates: Rates
  readonly now: () => number
  /** In force whenever it is asked: a session may log in once more, long after this login. */
  readonly signer: () => LoginSigner
  /** Before another Snowflake session takes the place of one that ended. Errors: RecordingUnavailable. */
  readonly onReopen: (session: string, reason: string) => Promise<void>
  /** Takes a place for the session to be. Errors: SessionsExhausted. */
  readonly reserve: (principal: Principal) => void
}

export interface LoginRequest {
  readonly data: JsonObject
  readonly query: URLSearchParams
}

export interface OpenedSession {
  readonly session: GatewaySession
  readonly client: ClientInfo
}

/** Errors: every one of the catalogue's section "Login", and UpstreamUnavailable. */
export async function openSession(
  request: LoginRequest,
  dependencies: LoginDependencies,
): Promise<OpenedSession> {
  const { governance } = dependencies
  const principal = await identify(request.data, governance)
  const grant = grantSession(governance.bundle, principal, requestedSession(request.query))
  dependencies.reserve(principal)
  const client = clientOf(request.data)
  const id = randomUUID()
  const upstream = await openUpstream(id, { request, principal, grant, client }, dependencies)
  const now = dependencies.now()
  return {
    client,
    session: {
      id,
      number: randomInt(1, 2 ** 47),
      principal,
      epoch: governance.epoch,
      grant,
      client,
      upstream,
      catalog: governance.catalogs.forRole(grant.role, grant.warehouse),
      overlay: new Map(),
      state: sessionState(
        { ...allowedParameters(request.data['SESSION_PARAMETERS'], grant), ...grant.parameters },
        upstream.info.parameters,
        tagAmong(request.data['SESSION_PARAMETERS']),
      ),
      turns: new Turns(),
      ledger: new StatementLedger(
        countAtLogin(request.data['SESSION_PARAMETERS']),
        dependencies.now,
      ),
      released: new ReleasedResults(),
      maskKeys: governance.maskKeys,
      usage: dependencies.rates(principal),
      context: {
        database: upstream.info.database,
        schema: upstream.info.schema,
        role: grant.role,
        warehouse: upstream.info.warehouse ?? grant.warehouse,
      },
      openedAt: now,
      endsAt: now + governance.bundle.connection.maxSessionAge * 1000,
      lastUsedAt: now,
    },
  }
}

async function identify(data: JsonObject, { bundle, verify }: Governance): Promise<Principal> {
  const token = loginToken(data)
  if (token !== undefined) return await verify(token)
  throw FrostgateError.of('TokenMissing', {
    providers: describeProviders(bundle.connection.identityProviders),
  })
}

function requestedSession(query: URLSearchParams): { role?: string; warehouse?: string } {
  const role = textOf(query.get('roleName'))
  const warehouse = textOf(query.get('warehouse'))
  return {
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
  }
}

interface UpstreamRequest {
  readonly request: LoginRequest
  readonly principal: Principal
  readonly grant: SessionGrant
  readonly client: ClientInfo
}

async function openUpstream(
  id: string,
  login: UpstreamRequest,
  { governance: { bundle, transport }, signer, onReopen }: LoginDependencies,
): Promise<UpstreamSession> {
  const { connection } = bundle
  const { request, grant, client } = login
  const upstream = await UpstreamSession.open(
    transport,
    { sign: () => signer().sign() },
    {
      connection: connection.name,
      account: connection.account,
      user: connection.user,
      role: grant.role,
      warehouse: grant.warehouse,
      // Where a session stands reveals nothing: what it may read is decided for each statement.
      database: textOf(request.query.get('databaseName')) ?? null,
      schema: textOf(request.query.get('schemaName')) ?? null,
      // The client's are without any that policy fixes.
      parameters: {
        ...allowedParameters(request.data['SESSION_PARAMETERS'], grant),
        ...grant.parameters,
      },
      queryTag: JSON.stringify({
        frostgate: {
          session: id,
          principal: `${login.principal.provider}:${login.principal.subject}`.slice(0, 500),
        },
      }),
      client,
    },
    { onReopen: (reason) => onReopen(id, reason) },
  )
  await verifySession(upstream, connection.name)
  return upstream
}
