/** Why a call to the broker did not do what it should. */

import { isObject, textOf } from '../json.ts'

export interface BrokerErrorOptions {
  /** HTTP status; undefined where there was no answer. */
  readonly status?: number
  /** Name in the broker's catalogue, where it gave one. */
  readonly refusal?: string
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly transient: boolean
  readonly cause?: unknown
}

/** The message is safe to log: it says what, and what to do where the broker said so. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly status: number | undefined
  readonly refusal: string | undefined
  readonly transient: boolean

  constructor(message: string, options: BrokerErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status
    this.refusal = options.refusal
    this.transient = options.transient
  }
}

/** Statuses of an operator that is starting, stopping or busy, whatever the body says. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/** What an answer that is not 2xx says. A body that is no Refusal is not quoted. */
export function refusalOf(status: number, body: string): BrokerError {
  const { error, message, transient } = parse(body)
  const name = textOf(error)
  const said = textOf(message)
  const passes = typeof transient === 'boolean' ? transient : passing.has(status)
  return new BrokerError(
    name === undefined || said === undefined
      ? `the operator answered HTTP ${status} without saying why`
      : `the operator answered ${name}: ${said}`,
    { status, transient: passes, ...(name === undefined ? {} : { refusal: name }) },
  )
}

/** Of OpenSSL: the certificate is by an authority that this pod was not told of. */
const untrusted: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
])
const newPod =
  'If that is the operator, its certificate authority was replaced before this pod had started: delete the pod, so that its controller makes a new one'

/** Of a connection that failed. undici's and Node's messages name addresses, never content. */
export function unreachable(url: string, error: unknown): BrokerError {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  const reason = [message, code].filter((part) => typeof part === 'string' && part !== '')
  const said = reason.length === 0 ? 'the connection failed' : reason.join(', ')
  const advice = untrusted.has(String(code)) ? `. ${newPod}` : ''
  return new BrokerError(`the operator at ${url} could not be reached (${said})${advice}`, {
    transient: true,
    cause: error,
  })
}

/** Of an answer that came, and is not what the protocol says. */
export function notUnderstood(what: string, cause?: unknown): BrokerError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new BrokerError(
    `the operator's ${what} could not be understood${reason}. Check that operator and sidecar are of versions that go together.`,
    { transient: true, cause },
  )
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
