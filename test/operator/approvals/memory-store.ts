/**
 * Approval objects in memory, as an API server would keep them: compare-and-set by resourceVersion,
 * times of its own clock to the second, caches that may be behind, and faults on demand.
 */

import { randomUUID } from 'node:crypto'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import type {
  ApprovalStore,
  DecisionStatus,
  Key,
  RequestStatus,
  Written,
} from '../../../operator/approvals/types.ts'

export type Operation =
  | 'readRequest'
  | 'readDecisions'
  | 'createRequest'
  | 'createDecision'
  | 'writeStatus'
  | 'writeDecisionStatus'
  | 'deleteRequest'

/** `before`: nothing happens, and the caller gets an error. `after`: it happens, and so does the error. */
export type Fault = 'before' | 'after' | 'conflict' | undefined

type Kept = ApprovalRequest | ApprovalDecision

export class StoreAway extends Error {
  override readonly name = 'StoreAway'
}

/** What is kept. Several stores, as of several replicas, may be had of it. */
export class MemoryServer {
  readonly requests = new Map<string, ApprovalRequest>()
  readonly decisions = new Map<string, ApprovalDecision>()
  /** Milliseconds since the epoch. */
  now: () => number
  /** Asked before each operation of any store. */
  fault: (operation: Operation, key: Key) => Fault = () => undefined
  /** Every status of every request that was ever stored, in order. */
  readonly history: { readonly key: string; readonly status: RequestStatus }[] = []
  /** Each operation of any store, in order. */
  readonly operations: Operation[] = []
  readonly #stores = new Set<MemoryStore>()
  #version = 0

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /** A replica's own view. Started already, if `started`. */
  store(started = true): MemoryStore {
    const made = new MemoryStore(this)
    this.#stores.add(made)
    if (started) made.load()
    return made
  }

  /** As a person does with kubectl, after admission has stamped it. */
  put(object: Kept): void {
    const known = this.#find(object)
    const metadata = {
      ...object.metadata,
      uid: known?.metadata.uid ?? randomUUID(),
      generation: 1,
      resourceVersion: String(++this.#version),
      creationTimestamp: known?.metadata.creationTimestamp ?? this.#time(),
      ...(known === undefined && object.metadata.creationTimestamp !== undefined
        ? { creationTimestamp: object.metadata.creationTimestamp }
        : {}),
    }
    const stored = structuredClone({ ...object, metadata })
    if (stored.kind === 'ApprovalRequest') {
      this.requests.set(keyOf(stored), stored)
      if (stored.status !== undefined) {
        this.history.push({ key: keyOf(stored), status: structuredClone(stored.status) })
      }
    } else this.decisions.set(keyOf(stored), stored)
    for (const store of this.#stores) store.notice(stored.kind, keyOf(stored), requestOf(stored))
  }

  remove(kind: Kept['kind'], { namespace, name }: Key): void {
    const all = kind === 'ApprovalRequest' ? this.requests : this.decisions
    const key = `${namespace}/${name}`
    const known = all.get(key)
    if (known === undefined) return
    all.delete(key)
    for (const store of this.#stores) store.notice(kind, key, requestOf(known))
  }

  #find(object: Kept): Kept | undefined {
    return object.kind === 'ApprovalRequest'
      ? this.requests.get(keyOf(object))
      : this.decisions.get(keyOf(object))
  }

  #time(): string {
    return new Date(Math.floor(this.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z')
  }
}

export class MemoryStore implements ApprovalStore {
  /** While true, what is listed stays as it was; `deliver` brings it up to date. */
  behind = false
  synced = false
  readonly #server: MemoryServer
  readonly #requests = new Map<string, ApprovalRequest>()
  readonly #decisions = new Map<string, ApprovalDecision>()
  readonly #listeners = new Set<(request: Key) => void>()
  #pending: { kind: Kept['kind']; key: string; request: Key }[] = []

  constructor(server: MemoryServer) {
    this.#server = server
  }

  start(): Promise<void> {
    this.load()
    return Promise.resolve()
  }

  load(): void {
    for (const [key, each] of this.#server.requests) this.#requests.set(key, each)
    for (const [key, each] of this.#server.decisions) this.#decisions.set(key, each)
    this.synced = true
  }

  requests(): readonly ApprovalRequest[] {
    return [...this.#requests.values()]
  }

  request({ namespace, name }: Key): ApprovalRequest | undefined {
    return this.#requests.get(`${namespace}/${name}`)
  }

  decisions(request: Key): readonly ApprovalDecision[] {
    return decisionsOf(this.#decisions, request)
  }

  onChange(listener: (request: Key) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async readRequest(key: Key): Promise<ApprovalRequest | undefined> {
    return this.#operate('readRequest', key, () =>
      structuredClone(this.#server.requests.get(`${key.namespace}/${key.name}`)),
    )
  }

  async readDecisions(request: Key): Promise<readonly ApprovalDecision[]> {
    return this.#operate('readDecisions', request, () =>
      structuredClone(decisionsOf(this.#server.decisions, request)),
    )
  }

  async createRequest(request: ApprovalRequest): Promise<'created' | 'exists'> {
    return this.#operate('createRequest', idOf(request), () => {
      if (this.#server.requests.has(keyOf(request))) return 'exists'
      this.#server.put(request)
      return 'created'
    })
  }

  async createDecision(decision: ApprovalDecision): Promise<'created' | 'exists'> {
    return this.#operate('createDecision', idOf(decision), () => {
      if (this.#server.decisions.has(keyOf(decision))) return 'exists'
      this.#server.put(decision)
      return 'created'
    })
  }

  async writeStatus(request: ApprovalRequest, status: RequestStatus): Promise<Written> {
    return this.#operate('writeStatus', idOf(request), () =>
      this.#compareAndSet(this.#server.requests.get(keyOf(request)), request, status),
    )
  }

  async writeDecisionStatus(decision: ApprovalDecision, status: DecisionStatus): Promise<Written> {
    return this.#operate('writeDecisionStatus', idOf(decision), () =>
      this.#compareAndSet(this.#server.decisions.get(keyOf(decision)), decision, status),
    )
  }

  async deleteRequest(request: ApprovalRequest): Promise<void> {
    await this.#operate('deleteRequest', idOf(request), () => {
      const known = this.#server.requests.get(keyOf(request))
      if (known === undefined || known.metadata.uid !== request.metadata.uid) return
      for (const each of decisionsOf(this.#server.decisions, idOf(request))) {
        this.#server.remove('ApprovalDecision', idOf(each))
      }
      this.#server.remove('ApprovalRequest', idOf(request))
    })
  }

  stop(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  /** Of the server: something changed. */
  notice(kind: Kept['kind'], key: string, request: Key): void {
    this.#pending.push({ kind, key, request })
    if (!this.behind) this.deliver()
  }

  /** What is listed is as of now, and listeners are told, in the order in which it happened. */
  deliver(): void {
    const pending = this.#pending
    this.#pending = []
    for (const { kind, key, request } of pending) {
      if (kind === 'ApprovalRequest') bring(this.#server.requests, this.#requests, key)
      else bring(this.#server.decisions, this.#decisions, key)
      for (const listener of this.#listeners) listener(request)
    }
  }

  #compareAndSet(
    known: Kept | undefined,
    read: Kept,
    status: RequestStatus | DecisionStatus,
  ): Written {
    if (known?.metadata.uid !== read.metadata.uid || known === undefined) return 'gone'
    if (known.metadata.resourceVersion !== read.metadata.resourceVersion) return 'conflict'
    this.#server.put({ ...known, status: { ...known.status, ...status } })
    return 'written'
  }

  async #operate<T>(operation: Operation, key: Key, act: () => T): Promise<T> {
    this.#server.operations.push(operation)
    const fault = this.#server.fault(operation, key)
    await Promise.resolve()
    if (fault === 'before') throw new StoreAway(`${operation} did not get there`)
    if (fault === 'conflict') return 'conflict' as T
    const done = act()
    await Promise.resolve()
    if (fault === 'after') throw new StoreAway(`${operation} was done, and nobody heard of it`)
    return done
  }
}

function bring<T>(from: ReadonlyMap<string, T>, into: Map<string, T>, key: string): void {
  const now = from.get(key)
  if (now === undefined) into.delete(key)
  else into.set(key, now)
}

function decisionsOf(
  all: ReadonlyMap<string, ApprovalDecision>,
  { namespace, name }: Key,
): readonly ApprovalDecision[] {
  return [...all.values()].filter(
    (each) => each.metadata.namespace === namespace && each.spec.requestRef.name === name,
  )
}

function requestOf(object: Kept): Key {
  const { namespace, name } = idOf(object)
  return { namespace, name: object.kind === 'ApprovalRequest' ? name : object.spec.requestRef.name }
}

function idOf({ metadata }: Kept): Key {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

function keyOf(object: Kept): string {
  const { namespace, name } = idOf(object)
  return `${namespace}/${name}`
}
