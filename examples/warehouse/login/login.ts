import type { Duck } from '../engine/duck.ts'
import { type Envelope, refusal, success } from '../http/envelope.ts'
import type { WireRequest } from '../http/server.ts'
import { SERVER_VERSION } from '../sql/session-functions.ts'
import type { KeyPairs } from './key-pair.ts'
import {
  coerceParameter,
  defaultParameters,
  parameterList,
  type ParameterValue,
} from './parameters.ts'
import type { Session, Sessions } from './sessions.ts'

export interface LoginDesk {
  readonly account: string
  readonly keyPairs: KeyPairs
  readonly sessions: Sessions
  readonly duck: Duck
  readonly validitySeconds: number
  /** Databases and schemas that exist: others named at login are left unset. */
  readonly hasDatabase: (name: string) => boolean
  readonly hasSchema: (database: string, name: string) => boolean
}

const MASTER_VALIDITY_SECONDS = 14_400
const failure = { nextAction: 'RETRY_LOGIN', authnMethod: 'KEYPAIR', signInOptions: {} }

const upper = (value: string | null): string | null =>
  value === null || value === '' ? null : value.toUpperCase()

function sessionParameters(requested: unknown): Map<string, ParameterValue> {
  const parameters = new Map(Object.entries(defaultParameters))
  for (const [name, value] of Object.entries((requested ?? {}) as Record<string, unknown>)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters.set(name.toUpperCase(), coerceParameter(name.toUpperCase(), value))
    }
  }
  return parameters
}

/** `POST /session/v1/login-request`: key pair only. */
export async function login(desk: LoginDesk, request: WireRequest): Promise<Envelope> {
  const data = (request.body['data'] ?? {}) as Readonly<Record<string, unknown>>
  if (data['AUTHENTICATOR'] !== 'SNOWFLAKE_JWT') {
    return refusal('390100', 'Incorrect username or password was specified.', failure)
  }
  const verdict = await desk.keyPairs.verify(
    typeof data['TOKEN'] === 'string' ? data['TOKEN'].trim() : '',
  )
  if ('refused' in verdict) return refusal('390144', 'JWT token is invalid.', failure)
  const { user } = verdict
  const loginName = typeof data['LOGIN_NAME'] === 'string' ? data['LOGIN_NAME'] : user.name
  if (loginName.toUpperCase() !== user.name.toUpperCase())
    return refusal('390144', 'JWT token is invalid.', failure)
  const asked = (name: string) => upper(request.url.searchParams.get(name))
  const role = asked('roleName') ?? user.defaultRole.toUpperCase()
  if (!user.roles.some((granted) => granted.toUpperCase() === role)) {
    return refusal(
      '390189',
      `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
      failure,
    )
  }
  const database = asked('databaseName')
  const existing = database !== null && desk.hasDatabase(database) ? database : null
  const schema = asked('schemaName') ?? 'PUBLIC'
  const session = desk.sessions.open({
    user,
    connection: await desk.duck.connect(),
    role,
    database: existing,
    schema: existing !== null && desk.hasSchema(existing, schema) ? schema : null,
    warehouse: asked('warehouse') ?? upper(user.defaultWarehouse ?? null),
    parameters: sessionParameters(data['SESSION_PARAMETERS']),
  })
  return success(loginData(desk, session))
}

function loginData(desk: LoginDesk, session: Session): Readonly<Record<string, unknown>> {
  return {
    token: session.token,
    masterToken: session.masterToken,
    validityInSeconds: desk.validitySeconds,
    masterValidityInSeconds: MASTER_VALIDITY_SECONDS,
    displayUserName: session.user.name.toUpperCase(),
    serverVersion: SERVER_VERSION,
    firstLogin: false,
    remMeToken: null,
    remMeValidityInSeconds: 0,
    healthCheckInterval: 45,
    newClientForUpgrade: null,
    sessionId: session.id,
    parameters: parameterList(session.parameters),
    sessionInfo: {
      databaseName: session.database,
      schemaName: session.schema,
      warehouseName: session.warehouse,
      roleName: session.role,
    },
    idToken: null,
    idTokenValidityInSeconds: 0,
    responseData: null,
    mfaToken: null,
    mfaTokenValidityInSeconds: 0,
  }
}

/** `POST /session/token-request`: new tokens, same session. */
export function renew(desk: LoginDesk, request: WireRequest): Envelope {
  const session =
    request.token === undefined ? undefined : desk.sessions.byMasterToken(request.token)
  if (session === undefined) return refusal('390115', 'Master token is invalid.')
  if (
    request.body['requestType'] !== 'RENEW' ||
    request.body['oldSessionToken'] !== session.token
  ) {
    return refusal('390400', 'Bad request; operation not supported.')
  }
  desk.sessions.renew(session)
  return success({
    sessionToken: session.token,
    validityInSecondsST: desk.validitySeconds,
    masterToken: session.masterToken,
    validityInSecondsMT: MASTER_VALIDITY_SECONDS,
    sessionId: session.id,
  })
}

/** The session of a request, or the refusal that a driver acts on (390112: renew and replay). */
export function sessionOf(desk: LoginDesk, request: WireRequest): Session | Envelope {
  if (request.token === undefined)
    return refusal('390101', 'Authorization header not found in the request data.')
  const session = desk.sessions.byToken(request.token)
  if (session === undefined)
    return refusal('390104', 'Session token is not found or invalid. Authenticate again.')
  if (session.tokenExpiresAt <= Date.now())
    return refusal('390112', 'Your session has expired. Please login again.')
  return session
}
