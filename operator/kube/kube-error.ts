/** What an API server answered instead of what was asked for, or that it did not answer. */

export interface StatusDetails {
  readonly name?: string
  readonly kind?: string
  readonly retryAfterSeconds?: number
  readonly causes?: readonly {
    readonly reason?: string
    readonly message?: string
    readonly field?: string
  }[]
}

/** Reasons of our own, for what has no HTTP answer. The others are Kubernetes' (`Conflict`, …). */
export type LocalReason = 'NoAnswer' | 'Silent' | 'Garbled' | 'NoCredentials'

export class KubeError extends Error {
  /** HTTP status; 0 if there was no answer. */
  readonly status: number
  /** One CamelCase word, such as `NotFound`. */
  readonly reason: string
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined
  readonly details: StatusDetails | undefined

  constructor(
    fields: {
      readonly status: number
      readonly reason: string
      readonly message: string
      readonly retryAfter?: number | undefined
      readonly details?: StatusDetails | undefined
    },
    options?: ErrorOptions,
  ) {
    super(fields.message, options)
    this.name = 'KubeError'
    this.status = fields.status
    this.reason = fields.reason
    this.retryAfter = fields.retryAfter
    this.details = fields.details
  }
}

/** Something went wrong on the way: the server may or may not have seen the request. */
export function localError(reason: LocalReason, message: string, cause?: unknown): KubeError {
  return new KubeError({ status: 0, reason, message }, { cause })
}

export function hasStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status
}

/** Reasons for answers that carry none, as when a proxy made them. */
const reasonByStatus: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
}

/**
 * The error of an answer or of an ERROR event: a meta/v1 Status, if a Kubernetes server made it.
 * `what` begins the message where the answer has none of its own.
 */
export function statusError(
  what: string,
  status: number,
  body: unknown,
  retryAfterHeader?: string,
): KubeError {
  const given = isRecord(body) ? body : {}
  const details = isRecord(given['details']) ? (given['details'] as StatusDetails) : undefined
  const code = status > 0 ? status : typeof given['code'] === 'number' ? given['code'] : 500
  const { reason, message } = given
  return new KubeError({
    status: code,
    reason:
      typeof reason === 'string' && reason !== '' ? reason : (reasonByStatus[code] ?? 'Unknown'),
    message: typeof message === 'string' && message !== '' ? message : `${what}: HTTP ${code}`,
    retryAfter: seconds(retryAfterHeader) ?? positive(details?.retryAfterSeconds),
    details,
  })
}

/** RFC 9110 §10.2.3, of which API servers send only seconds. */
function seconds(header: string | undefined): number | undefined {
  return header !== undefined && /^[0-9]{1,6}$/.test(header) ? Number(header) : undefined
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
