/** What one check of `frostgate doctor` found. */

export type State = 'ok' | 'warning' | 'failed' | 'skipped'

export interface Finding {
  readonly check: string
  readonly state: State
  /** What was found, one sentence. */
  readonly what: string
  /** What to do about it; undefined where there is nothing to do. */
  readonly remedy?: string
}

/** The API server as the checks use it: GET and dry-run POST by path, JSON in and out. */
export interface Api {
  get(path: string): Promise<Json>
  /** All items of a list, however many pages it takes. */
  list(path: string): Promise<readonly unknown[]>
  post(path: string, body: unknown): Promise<Json>
  /** Milliseconds since the epoch by the API server's clock; undefined where it does not say. */
  serverTime(): Promise<number | undefined>
}

export type Json = Readonly<Record<string, unknown>>

/** What the API server refused. */
export interface ApiRefusal {
  readonly status: number
  readonly message: string
}

export interface Doctor {
  readonly api: Api
  /** Namespace of the operator. */
  readonly namespace: string
  /** Prefix of the names of its objects: the Helm release. */
  readonly release: string
  /** Milliseconds since the epoch, here. */
  readonly now: () => number
  /** Of this command line. */
  readonly version: string
  /** As seen from this machine, which is not where sidecars run. */
  readonly network: Network
  /** Connections to log in with, `name` or `namespace/name`; none: all. Undefined: do not log in. */
  readonly login: readonly string[] | undefined
}

export interface Network {
  /** Whether this runs in a pod, and so asks the cluster's own DNS. */
  readonly inCluster: boolean
  /** Addresses of a name. Rejects with an error that has a code, such as ENOTFOUND. */
  resolve(host: string): Promise<readonly string[]>
  /**
   * One request without a credential; only roots in `ca` (PEM) count, or the public ones if null.
   * Resolves to the server's time, milliseconds since the epoch, if it tells; rejects as TLS does.
   */
  reach(url: string, ca: string | null): Promise<number | undefined>
}

export interface Check {
  readonly name: string
  run(doctor: Doctor): Promise<readonly Omit<Finding, 'check'>[]>
}

export const ok = (what: string): Omit<Finding, 'check'> => ({ state: 'ok', what })

export const failed = (what: string, remedy: string): Omit<Finding, 'check'> => ({
  state: 'failed',
  what,
  remedy,
})

export const warning = (what: string, remedy: string): Omit<Finding, 'check'> => ({
  state: 'warning',
  what,
  remedy,
})

export const skipped = (what: string, remedy: string): Omit<Finding, 'check'> => ({
  state: 'skipped',
  what,
  remedy,
})

/** The status and message of a refused call; undefined for anything else that was thrown. */
export function refusalOf(error: unknown): ApiRefusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { status, message } = error as { readonly status?: unknown; readonly message?: unknown }
  return typeof status === 'number' ? { status, message: String(message) } : undefined
}

/** The value at a path of names and numbers, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    value,
  )
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
