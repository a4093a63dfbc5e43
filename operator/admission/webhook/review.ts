/** AdmissionReview (admission.k8s.io/v1), as far as it is read and written here. */

export interface AdmissionRequest {
  readonly uid: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly subResource?: string
  readonly name?: string
  /** Also where the object itself says none, as pods of a Deployment. */
  readonly namespace?: string
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** Who asks, or is impersonated by who asks. */
  readonly userInfo: {
    readonly username?: string
    readonly uid?: string
    readonly groups?: readonly string[]
  }
  readonly object?: unknown
  readonly oldObject?: unknown
  readonly dryRun?: boolean
}

export interface AdmissionResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: {
    readonly status: 'Failure'
    readonly code: number
    readonly reason: string
    readonly message: string
  }
  readonly patchType?: 'JSONPatch'
  /** Base64. */
  readonly patch?: string
  readonly warnings?: readonly string[]
}

export interface AdmissionAnswer {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: AdmissionResponse
}

const operations: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** Undefined for what is no review: `uid` at least is needed to answer. */
export function requestOf(review: unknown): AdmissionRequest | undefined {
  const { request } = record(review)
  const { uid, kind, resource, operation, userInfo } = record(request)
  const valid =
    typeof uid === 'string' &&
    typeof record(kind)['kind'] === 'string' &&
    typeof record(resource)['resource'] === 'string' &&
    typeof operation === 'string' &&
    operations.includes(operation) &&
    typeof userInfo === 'object'
  return valid ? (request as AdmissionRequest) : undefined
}

/** The members of an object; none of anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
