/** Requests to a Kubernetes API server. */

import type { AccessSource } from './access.ts'
import { inClusterAccess, isInCluster } from './in-cluster.ts'
import { hasStatus } from './kube-error.ts'
import { kubeconfigAccess } from './kubeconfig.ts'
import type { ListOptions, ListResult, Page } from './listing.ts'
import { listAll } from './listing.ts'
import type { RequestOptions } from './requests.ts'
import { defaultTimeoutMs, Requests } from './requests.ts'
import type { KubeObject, Resource, Target } from './resources.ts'
import { apiVersionOf, pathOf } from './resources.ts'
import type { Exchange } from './transport.ts'
import { withoutQuery } from './transport.ts'
import type { WatchEvent, WatchOptions } from './watch.ts'
import { readWatch, watchQuery } from './watch.ts'

export const fieldManager = 'frostgate'

export interface CreateOptions {
  /** Strict: refused where the server does not know a field, which it would drop else. */
  readonly fieldValidation?: 'Strict'
}

export interface DeleteOptions {
  /** Only this very object, not a later one of the same name. */
  readonly uid?: string
  readonly resourceVersion?: string
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
}

export interface ApplyOptions {
  /** Takes fields that another manager set; without it they are a Conflict. */
  readonly force?: boolean
}

export class KubeClient {
  readonly #requests: Requests

  constructor(source: AccessSource) {
    this.#requests = new Requests(source)
  }

  /** Anything that has no method of its own here. @throws KubeError */
  async request<T>(
    method: Exchange['method'],
    path: string,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.#requests.request(method, path, options)
  }

  /** @throws KubeError, 404 if there is none. */
  async get<T>(resource: Resource<T>, target: Target & { readonly name: string }): Promise<T> {
    return this.request('GET', pathOf(resource, target))
  }

  /** As `get`; undefined if there is none. */
  async find<T>(
    resource: Resource<T>,
    target: Target & { readonly name: string },
  ): Promise<T | undefined> {
    try {
      return await this.get(resource, target)
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  /** All objects, page by page; `select` maps each one so that no page is kept. */
  async list<T extends object, S = T>(
    resource: Resource<T>,
    options: ListOptions<T, S> = {},
  ): Promise<ListResult<S>> {
    const path = pathOf(resource, { namespace: options.namespace })
    return listAll((query) => {
      const { signal, timeoutMs, retries } = options
      return this.request<Page<T>>('GET', path, {
        query,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(retries === undefined ? {} : { retries }),
        ...(signal === undefined ? {} : { signal }),
      })
    }, options)
  }

  /** @throws KubeError 409 with reason AlreadyExists. */
  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    { fieldValidation }: CreateOptions = {},
  ): Promise<T> {
    const { namespace } = object.metadata ?? {}
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }
    return this.request('POST', pathOf(resource, { namespace }), {
      body,
      query: { fieldManager, ...(fieldValidation === undefined ? {} : { fieldValidation }) },
    })
  }

  /** Compare and set: `object` carries the resourceVersion it was read at. @throws KubeError 409. */
  async update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const { namespace, name, resourceVersion } = object.metadata ?? {}
    if (name === undefined || resourceVersion === undefined) {
      throw new TypeError(`A ${resource.kind} is updated by its name and resourceVersion.`)
    }
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }
    return this.request('PUT', pathOf(resource, { namespace, name }), {
      body,
      query: { fieldManager },
    })
  }

  /** An object that is not there is deleted already. @throws KubeError 409 if it is another one. */
  async delete(
    resource: Resource<unknown>,
    target: Target & { readonly name: string },
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, resourceVersion, propagationPolicy } = options
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy,
    }
    try {
      await this.request('DELETE', pathOf(resource, target), { body })
    } catch (error) {
      if (!hasStatus(error, 404)) throw error
    }
  }

  /** Server-side apply of the fields given, which become ours. @throws KubeError 409 naming fields. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: Applied<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(resource, object, undefined, options)
  }

  /** As `apply`, of the status. Status that a former version set is ours too, hence often forced. */
  async applyStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: Applied<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(resource, object, 'status', options)
  }

  /** For reviews and tokens (TokenReview, TokenRequest, SubjectAccessReview), which are only made. */
  async post<T>(
    path: string,
    body: unknown,
    options: Omit<RequestOptions, 'body'> = {},
  ): Promise<T> {
    return this.request('POST', path, { ...options, body })
  }

  /**
   * One watch, until the server ends it. Throws a KubeError for everything else, ERROR events,
   * silence and garbage included, and the signal's reason once it is aborted.
   */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const path = `${pathOf(resource, { namespace: options.namespace })}?${watchQuery(options, Math.random)}`
    const stall = new AbortController()
    const signal = AbortSignal.any([options.signal, stall.signal])
    const headersTimeoutMs = options.idleMs
    const answer = await this.#requests.send({ method: 'GET', path, signal, headersTimeoutMs })
    options.onOpen?.()
    yield* readWatch<T>(withoutQuery(path), answer.body, options, stall)
  }

  /** Milliseconds since the epoch by the server's clock, to the second; undefined if it is silent. */
  async serverTime(): Promise<number | undefined> {
    const answer = await this.#requests.send({
      method: 'GET',
      path: '/version',
      signal: AbortSignal.timeout(defaultTimeoutMs),
      headersTimeoutMs: defaultTimeoutMs,
    })
    await answer.body.dump()
    const time = Date.parse(answer.date ?? '')
    return Number.isNaN(time) ? undefined : time
  }

  async close(): Promise<void> {
    await this.#requests.close()
  }

  async #apply<T extends KubeObject>(
    resource: Resource<T>,
    object: Applied<T>,
    subresource: string | undefined,
    options: ApplyOptions,
  ): Promise<T> {
    const { namespace, name } = object.metadata
    return this.request('PATCH', pathOf(resource, { namespace, name, subresource }), {
      body: { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object },
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager, force: options.force ?? false },
    })
  }
}

/** What server-side apply needs beside the fields to set. */
export type Applied<T> = DeepPartial<T> & {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined }
}

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T

export interface ClientOptions {
  /** A kubeconfig file. Without it: the pod's own ServiceAccount in a pod, else as kubectl does. */
  readonly kubeconfig?: string
  readonly context?: string
}

/** Nothing is read or sent before the first request. */
export function kubeClient(options: ClientOptions = {}): KubeClient {
  const { kubeconfig, context } = options
  const inside = kubeconfig === undefined && context === undefined && isInCluster()
  return new KubeClient(inside ? inClusterAccess() : kubeconfigAccess(kubeconfig, context))
}
