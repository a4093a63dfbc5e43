/** Approval objects of an API server: listed by reflectors, read and written by compare-and-set. */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { CreateOptions, KubeClient } from '../kube/client.ts'
import { hasStatus, KubeError } from '../kube/kube-error.ts'
import { startListing } from '../kube/listed.ts'
import { reflector, type Reflector, type ReflectorProblem } from '../kube/reflector.ts'
import { pathOf, resources, type KubeObject, type Resource } from '../kube/resources.ts'
import type { ReflectorTiming } from '../kube/timing.ts'
import { compactDecision, compactRequest } from './compact.ts'
import { textOf } from './standing.ts'
import type { ApprovalStore, DecisionStatus, Key, RequestStatus, Written } from './types.ts'

export interface KubeApprovalStoreOptions {
  /** Of connections: where alone requests are made, and decisions about them. */
  readonly namespaces: readonly string[]
  /** For the log. */
  readonly onProblem?: (problem: ReflectorProblem) => void
  readonly timing?: Partial<ReflectorTiming>
  /** Milliseconds that `start` waits for everything to be listed; 60 s by default. */
  readonly startTimeoutMs?: number
}

/** Milliseconds: a statement waits for the answer, and asks again if there is none. */
const patienceMs = 10_000

export class KubeApprovalStore implements ApprovalStore {
  readonly #client: KubeClient
  readonly #options: KubeApprovalStoreOptions
  readonly #requests: readonly Reflector<ApprovalRequest>[]
  readonly #decisions: readonly Reflector<ApprovalDecision>[]
  /** Names of decisions, by request. */
  readonly #byRequest = new Map<string, Map<string, ApprovalDecision>>()
  readonly #listeners = new Set<(request: Key) => void>()

  constructor(client: KubeClient, options: KubeApprovalStoreOptions) {
    this.#client = client
    this.#options = options
    const namespaces = [...new Set(options.namespaces)]
    this.#requests = namespaces.map((namespace) =>
      this.#reflector(resources.approvalRequests, namespace, compactRequest),
    )
    this.#decisions = namespaces.map((namespace) =>
      this.#reflector(resources.approvalDecisions, namespace, compactDecision),
    )
    for (const each of this.#requests) {
      each.onChange((changes) => {
        for (const { item } of changes) this.#tell(keyIn(item))
      })
    }
    for (const each of this.#decisions) {
      each.onChange((changes) => {
        for (const { type, key, item } of changes) {
          const request = requestOf(item)
          this.#file(textOf(request), key, type === 'Deleted' ? undefined : item)
          this.#tell(request)
        }
      })
    }
  }

  /** For metrics, and to know whether this replica still hears. */
  get reflectors(): readonly Reflector<unknown>[] {
    return [...this.#requests, ...this.#decisions]
  }

  get synced(): boolean {
    return this.reflectors.every(({ synced }) => synced)
  }

  async start(): Promise<void> {
    const { startTimeoutMs = 60_000 } = this.#options
    const reasons = await startListing(this.reflectors, startTimeoutMs)
    if (reasons.length === 0) return
    throw new Error(
      `Approvals could not be listed within ${startTimeoutMs} ms. ${[...new Set(reasons)].join('; ')}. ` +
        'Check that the CustomResourceDefinitions are installed and the role bindings are in place.',
    )
  }

  requests(): readonly ApprovalRequest[] {
    return this.#requests.flatMap((each) => [...each.items().values()])
  }

  request(key: Key): ApprovalRequest | undefined {
    const text = textOf(key)
    for (const each of this.#requests) {
      const found = each.items().get(text)
      if (found !== undefined) return found
    }
    return undefined
  }

  decisions(request: Key): readonly ApprovalDecision[] {
    return inOrder([...(this.#byRequest.get(textOf(request))?.values() ?? [])])
  }

  onChange(listener: (request: Key) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async readRequest(key: Key): Promise<ApprovalRequest | undefined> {
    try {
      return await this.#client.request<ApprovalRequest>(
        'GET',
        pathOf(resources.approvalRequests, key),
        { timeoutMs: patienceMs },
      )
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  /** A list without a resourceVersion is as of now. */
  async readDecisions({ namespace, name }: Key): Promise<readonly ApprovalDecision[]> {
    const { items } = await this.#client.list(resources.approvalDecisions, {
      namespace,
      fieldSelector: `spec.requestRef.name=${name}`,
      timeoutMs: patienceMs,
    })
    // Also where a server does not know the selector.
    return inOrder(items.filter(({ spec }) => spec.requestRef.name === name))
  }

  async createRequest(request: ApprovalRequest): Promise<'created' | 'exists'> {
    return this.#create(resources.approvalRequests, request)
  }

  async createDecision(decision: ApprovalDecision): Promise<'created' | 'exists'> {
    // Definitions of an earlier release would drop what they do not know, such as aliases.
    return this.#create(resources.approvalDecisions, decision, { fieldValidation: 'Strict' })
  }

  async writeStatus(request: ApprovalRequest, status: RequestStatus): Promise<Written> {
    return this.#writeStatus(resources.approvalRequests, request, status)
  }

  async writeDecisionStatus(decision: ApprovalDecision, status: DecisionStatus): Promise<Written> {
    return this.#writeStatus(resources.approvalDecisions, decision, status)
  }

  /** Decisions first: one that outlived its request could be about nothing any more. */
  async deleteRequest(request: ApprovalRequest): Promise<void> {
    const key = keyIn(request)
    for (const decision of await this.readDecisions(key)) {
      await this.#delete(resources.approvalDecisions, decision)
    }
    await this.#delete(resources.approvalRequests, request)
  }

  async stop(): Promise<void> {
    this.#listeners.clear()
    await Promise.all(this.reflectors.map((each) => each.stop()))
  }

  #reflector<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    select: (raw: T) => T,
  ): Reflector<T> {
    const { onProblem, timing } = this.#options
    return reflector(this.#client, resource, {
      namespace,
      select,
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(timing === undefined ? {} : { timing }),
    })
  }

  #file(request: string, name: string, decision: ApprovalDecision | undefined): void {
    const known = this.#byRequest.get(request) ?? new Map<string, ApprovalDecision>()
    if (decision === undefined) known.delete(name)
    else known.set(name, decision)
    if (known.size === 0) this.#byRequest.delete(request)
    else this.#byRequest.set(request, known)
  }

  #tell(request: Key): void {
    for (const listener of this.#listeners) listener(request)
  }

  async #create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CreateOptions = {},
  ): Promise<'created' | 'exists'> {
    try {
      await this.#client.create(resource, object, options)
      return 'created'
    } catch (error) {
      if (error instanceof KubeError && error.reason === 'AlreadyExists') return 'exists'
      throw error
    }
  }

  /** The version is compared by the server; what the status had before and is not given stays. */
  async #writeStatus(
    resource: Resource<unknown>,
    { metadata }: ApprovalRequest | ApprovalDecision,
    status: RequestStatus | DecisionStatus,
  ): Promise<Written> {
    const { namespace, name, resourceVersion, uid } = metadata
    if (resourceVersion === undefined || uid === undefined) {
      throw new TypeError(`${resource.kind} ${name} is written by its uid and resourceVersion.`)
    }
    try {
      await this.#client.request(
        'PATCH',
        pathOf(resource, { namespace, name, subresource: 'status' }),
        {
          body: { metadata: { resourceVersion, uid }, status },
          contentType: 'application/merge-patch+json',
          timeoutMs: patienceMs,
        },
      )
      return 'written'
    } catch (error) {
      if (hasStatus(error, 404)) return 'gone'
      if (hasStatus(error, 409)) return 'conflict'
      throw error
    }
  }

  async #delete(
    resource: Resource<unknown>,
    { metadata: { namespace, name, uid } }: ApprovalRequest | ApprovalDecision,
  ): Promise<void> {
    try {
      await this.#client.delete(resource, { namespace, name }, uid === undefined ? {} : { uid })
    } catch (error) {
      // Another one of that name by now: not ours to delete.
      if (!hasStatus(error, 409)) throw error
    }
  }
}

function keyIn({ metadata }: ApprovalRequest): Key {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

function requestOf({ metadata, spec }: ApprovalDecision): Key {
  return { namespace: metadata.namespace ?? '', name: spec.requestRef.name }
}

function inOrder(decisions: readonly ApprovalDecision[]): readonly ApprovalDecision[] {
  const timeOf = ({ metadata }: ApprovalDecision): string => metadata.creationTimestamp ?? ''
  return [...decisions].sort((a, b) =>
    timeOf(a) === timeOf(b)
      ? a.metadata.name < b.metadata.name
        ? -1
        : 1
      : timeOf(a) < timeOf(b)
        ? -1
        : 1,
  )
}
