/** A login at Snowflake: the body built anew from what the gateway decided, nothing of the client's. */

import { randomUUID } from 'node:crypto'

import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'
import { nameOf } from './answer.ts'
import type { LoginSigner } from './login-signer.ts'
import { sessionParameters, type ResultFormat } from './parameters.ts'
import type { Transport, UpstreamEnvelope } from './transport.ts'
import { tokenOf } from './token.ts'

export interface UpstreamLogin {
  readonly connection: string
  readonly account: string
  readonly user: string
  readonly role: string
  readonly warehouse: string
  readonly database: string | null
  readonly schema: string | null
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  readonly queryTag: string
  /** The agent's driver, so that Snowflake treats the session as that driver's. */
  readonly client: {
    readonly name: string
    readonly version: string
    readonly resultFormat: ResultFormat
  }
}

/** What Snowflake said on login, as far as the gateway uses it. */
export interface UpstreamSessionInfo {
  readonly serverVersion: string
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
  readonly database: string | null
  readonly schema: string | null
  readonly role: string | null
  readonly warehouse: string | null
}

export interface LoggedIn {
  readonly token: string
  readonly masterToken: string | undefined
  /** Seconds until the token has to be renewed; drivers know 3,600. */
  readonly validity: number
  readonly info: UpstreamSessionInfo
  /**
   * A stand-in for Snowflake that knows no renewal and tells less, as fakesnow. Only ever one on
   * loopback: Snowflake's own login always gives a master token.
   */
  readonly thin: boolean
}

/** Errors: UpstreamLoginFailed, UpstreamUnavailable. */
export async function logIn(
  transport: Transport,
  signer: LoginSigner,
  login: UpstreamLogin,
): Promise<LoggedIn> {
  const answer = await transport.send({
    method: 'POST',
    path: '/session/v1/login-request',
    query: {
      requestId: randomUUID(),
      roleName: settingName(login.role),
      warehouse: settingName(login.warehouse),
      ...(login.database === null ? {} : { databaseName: login.database }),
      ...(login.schema === null ? {} : { schemaName: login.schema }),
    },
    body: { data: await loginBody(signer, login) },
  })
  const { data } = answer
  const token = tokenOf(data['token'])
  if (!answer.success || token === undefined) throw loginFailed(login.connection, answer)
  const masterToken = tokenOf(data['masterToken'])
  return {
    token,
    masterToken,
    validity: secondsOf(data['validityInSeconds']) ?? 3_600,
    info: infoOf(data),
    thin: transport.development && masterToken === undefined,
  }
}

/** Snowflake folds names in login settings like identifiers: one that is not plain is quoted. */
export function settingName(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined
}

async function loginBody(signer: LoginSigner, login: UpstreamLogin): Promise<JsonObject> {
  const { authenticator, token, provider } = await signer.sign().catch((error: unknown) => {
    if (error instanceof FrostgateError) throw error
    const reason = `it got no credential (${error instanceof Error ? error.message : String(error)})`
    throw FrostgateError.of(
      'UpstreamLoginFailed',
      { connection: login.connection, reason },
      { cause: error },
    )
  })
  return {
    CLIENT_APP_ID: login.client.name,
    CLIENT_APP_VERSION: login.client.version,
    ACCOUNT_NAME: login.account,
    LOGIN_NAME: login.user,
    AUTHENTICATOR: authenticator,
    TOKEN: token,
    ...(provider === undefined ? {} : { PROVIDER: provider }),
    SECONDARY_ROLES: 'NONE',
    SESSION_PARAMETERS: sessionParameters({ ...login, resultFormat: login.client.resultFormat }),
    CLIENT_ENVIRONMENT: { APPLICATION: 'Frostgate' },
  }
}

function loginFailed(connection: string, answer: UpstreamEnvelope): FrostgateError {
  // Snowflake's login messages name the user, never the credential.
  const reason = `${answer.message === '' ? 'no session was given' : answer.message} (code ${answer.code === '' ? 'none' : answer.code})`
  return FrostgateError.of('UpstreamLoginFailed', { connection, reason })
}

function infoOf(data: JsonObject): UpstreamSessionInfo {
  const session = isObject(data['sessionInfo']) ? data['sessionInfo'] : {}
  const parameters = Array.isArray(data['parameters']) ? data['parameters'].filter(isObject) : []
  return {
    serverVersion: textOf(data['serverVersion']) ?? '0.0.0',
    parameters: parameters.flatMap(({ name, value }) =>
      typeof name === 'string' ? [{ name, value }] : [],
    ),
    database: nameOf(session['databaseName']),
    schema: nameOf(session['schemaName']),
    role: nameOf(session['roleName']),
    warehouse: nameOf(session['warehouseName']),
  }
}
