/** Logins that the operator signs: the long-lived secret never comes here. */

import { setTimeout as sleep } from 'node:timers/promises'

import { FrostgateError } from '../errors.ts'
import type { LoginProof, LoginSigner } from '../upstream/login-signer.ts'
import { pause, type BackOff } from './back-off.ts'
import type { BrokerAnswer } from './broker-client.ts'
import { BrokerError, notUnderstood } from './broker-error.ts'
import type { BrokerSession } from './broker-session.ts'
import type { SnowflakeCredential } from './protocol.ts'
import { isObject } from '../json.ts'
import { object, oneOf, ShapeError, text, whole, type Reader } from './shape.ts'

const common = { token: text, expiresAt: whole(0, Number.MAX_SAFE_INTEGER) }

const readers: {
  readonly [A in SnowflakeCredential['authenticator']]: Reader<
    Extract<SnowflakeCredential, { authenticator: A }>
  >
} = {
  SNOWFLAKE_JWT: object({ authenticator: oneOf('SNOWFLAKE_JWT'), ...common }),
  PROGRAMMATIC_ACCESS_TOKEN: object({
    authenticator: oneOf('PROGRAMMATIC_ACCESS_TOKEN'),
    ...common,
  }),
  WORKLOAD_IDENTITY: object({
    authenticator: oneOf('WORKLOAD_IDENTITY'),
    provider: oneOf('OIDC'),
    ...common,
  }),
}

/** A driver waits for its login: an operator that is away should be told of soon. */
const defaultPatienceMs = 15_000
const backOff: BackOff = { first: 250, next: 1_000, most: 2_000 }
/** An operator that is being replaced, or is asked too often. Whatever else it says stands. */
const passing: ReadonlySet<number | undefined> = new Set([undefined, 429, 502, 503, 504])

/**
 * One call to the broker for each login, and nothing kept. What passes by itself is waited for, as
 * drivers do not try a refused login again. Errors of `sign`: CredentialUnavailable.
 *
 * @param connection `namespace/name`, for the message.
 */
export function brokerSigner(
  session: BrokerSession,
  connection: string,
  patienceMs = defaultPatienceMs,
): LoginSigner {
  return {
    sign: async () => {
      try {
        const { body } = await callPatiently(session, AbortSignal.timeout(patienceMs))
        return proofOf(body)
      } catch (error) {
        const said = error instanceof BrokerError ? error.message : 'the call failed'
        const reason = said.replace(/\.$/, '')
        throw FrostgateError.of('CredentialUnavailable', { connection, reason }, { cause: error })
      }
    },
  }
}

async function callPatiently(session: BrokerSession, signal: AbortSignal): Promise<BrokerAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await session.call({ method: 'POST', path: '/v1/credential', body: {}, signal })
    } catch (error) {
      const passes = error instanceof BrokerError && error.transient && passing.has(error.status)
      if (!passes || signal.aborted) throw error
      await sleep(pause(backOff, attempt, Math.random()), undefined, { signal }).catch(() => {
        throw error
      })
    }
  }
}

function proofOf(body: string): LoginProof {
  const { authenticator, token, ...rest } = understood(body)
  return 'provider' in rest
    ? { authenticator, token, provider: rest.provider }
    : { authenticator, token }
}

function understood(body: string): SnowflakeCredential {
  try {
    const value: unknown = JSON.parse(body)
    const kind = isObject(value) ? value['authenticator'] : undefined
    if (typeof kind === 'string' && Object.hasOwn(readers, kind)) {
      return readers[kind as SnowflakeCredential['authenticator']](value, 'credential')
    }
  } catch (error) {
    // A ShapeError names fields; other messages may quote the token.
    throw notUnderstood('credential', error instanceof ShapeError ? error : undefined)
  }
  throw notUnderstood('credential')
}
