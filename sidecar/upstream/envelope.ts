/** Snowflake's envelope, its outer shape checked; and what is known of a request that got none. */

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { RequestClass } from './retry.ts'
import { withoutSecrets } from './secrets.ts'

export interface UpstreamEnvelope {
  readonly success: boolean
  /** Digits; empty if there is none. */
  readonly code: string
  readonly message: string
  readonly data: JsonObject
  /**
   * Of an earlier attempt of the same request, which may have been carried out: its answer was lost.
   * What this answer refuses may have been done all the same.
   */
  readonly lost?: FrostgateError
}

interface Answered {
  readonly kind: RequestClass
  /** A stand-in for Snowflake on loopback, whose answers are thinner. */
  readonly development: boolean
  /** What the request carried, which its answer is not to say again. */
  readonly secrets?: readonly string[]
}

/**
 * Never quotes what was received: an error page may hold anything.
 * Errors: UpstreamUnavailable.
 */
export function readEnvelope(status: number, text: string, answered: Answered): UpstreamEnvelope {
  const value = parsed(status, text, answered)
  const envelope = envelopeOf(value, status)
  // fakesnow says 500 of SQL that it cannot run, and means it.
  const sqlError = answered.development && status === 500 && value['success'] === false && envelope.code !== '' // prettier-ignore
  if (sqlError) return envelope
  // Snowflake says no with 200 or 4xx and an envelope. A redirect would lead to another host.
  if (
    status >= 500 ||
    status < 200 ||
    status === 408 ||
    status === 429 ||
    (status >= 300 && status < 400)
  )
    // prettier-ignore
    throw unavailable(`it answered HTTP ${status}`)
  return envelope
}

function parsed(status: number, text: string, answered: Answered): JsonObject {
  const { kind, development, secrets = [] } = answered
  const without = (what: string): FrostgateError =>
    unavailable(`it answered HTTP ${status} without ${what}`)
  if (development && status === 404 && kind === 'heartbeat') return { success: true }
  let value: unknown
  try {
    value = withoutSecrets(JSON.parse(text), text, secrets)
  } catch {
    throw without('JSON')
  }
  // Embucket answers these with a bare null.
  const bare = development && value === null && status === 200
  if (bare && ['logout', 'cancel', 'heartbeat'].includes(kind)) return { success: true }
  if (!isObject(value)) throw without('an object')
  return value
}

function envelopeOf({ code, message, data, success }: JsonObject, status: number) {
  return {
    success: success === true && status < 300,
    code: typeof code === 'string' && /^\d{1,6}$/.test(code) ? code : '',
    message: typeof message === 'string' ? message : '',
    data: isObject(data) ? data : {},
  }
}

interface Failure {
  readonly reason: string
  readonly sent: boolean
}

const failures = new WeakMap<FrostgateError, Failure>()

export function unavailable(reason: string, cause?: unknown): FrostgateError {
  const code = codeOf(cause)
  const error = FrostgateError.of('UpstreamUnavailable', { reason }, { cause })
  failures.set(error, { reason, sent: !noConnection.has(code) && !notTrusted.has(code) })
  return error
}

/** Codes of a connection that never came about. */
const noConnection = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT',
]) // prettier-ignore

/** Codes of a server that is not who it should be: nothing is said to it. */
const notTrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID',
]) // prettier-ignore

/** Codes of a connection that broke, a kept-alive one that the other side had closed among them. */
const brokenConnection = new Set([
  'UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT',
]) // prettier-ignore

/** Whether bytes of the request may have reached the other side. */
export function wasSent(error: FrostgateError): boolean {
  return failures.get(error)?.sent ?? true
}

/** Part of a sentence. */
export function reasonOf(error: FrostgateError): string {
  return failures.get(error)?.reason ?? 'its answer was lost'
}

/** It stands for a request that the other side has refused: what is told is what came after. */
export function asUnsent(error: unknown): unknown {
  if (error instanceof FrostgateError) failures.set(error, { reason: reasonOf(error), sent: false })
  return error
}

export function isUnconnected(error: unknown): boolean {
  return noConnection.has(codeOf(error))
}

export function isLost(error: unknown): boolean {
  return brokenConnection.has(codeOf(error))
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}
