/** Which requests there are of a digest, a pod and a connection, without a look at all of them. */

import type { ApprovalRequest } from '../../crds/types.ts'
import { isOpen } from './phases.ts'
import { connectionOf, keyOf, textOf } from './standing.ts'
import type { ApprovalStore, Key } from './types.ts'

interface Entry {
  readonly key: Key
  readonly base: string
  readonly pod: string | undefined
  readonly connection: string
  readonly isOpen: boolean
}

export class RequestIndex {
  readonly #store: Pick<ApprovalStore, 'request' | 'requests'>
  readonly #entries = new Map<string, Entry>()
  /** Made here, and not listed yet. */
  readonly #made = new Map<string, ApprovalRequest>()
  readonly #byBase = new Map<string, Set<string>>()
  /** Open ones. */
  readonly #byPod = new Map<string, Set<string>>()
  readonly #byConnection = new Map<string, number>()

  constructor(store: Pick<ApprovalStore, 'request' | 'requests'>) {
    this.#store = store
    for (const request of store.requests()) this.#put(request)
  }

  /** The request has changed, or is gone. */
  refresh(key: Key): void {
    const id = textOf(key)
    const request = this.#store.request(key)
    if (request !== undefined) this.#made.delete(id)
    const known = request ?? this.#made.get(id)
    if (known === undefined) this.#remove(id)
    else this.#put(known)
  }

  /** It was made a moment ago. */
  made(request: ApprovalRequest): void {
    const id = textOf(keyOf(request))
    if (this.#store.request(keyOf(request)) === undefined) this.#made.set(id, request)
    this.#put(this.#store.request(keyOf(request)) ?? request)
  }

  get(key: Key): ApprovalRequest | undefined {
    return this.#store.request(key) ?? this.#made.get(textOf(key))
  }

  /** Of names `BASE`, `BASE-2` and so on. */
  ofBase(namespace: string, base: string): readonly ApprovalRequest[] {
    return this.#read(this.#byBase.get(`${namespace}/${base}`))
  }

  openOfPod(uid: string): readonly ApprovalRequest[] {
    return this.#read(this.#byPod.get(uid))
  }

  countOfPod(uid: string): number {
    return this.#byPod.get(uid)?.size ?? 0
  }

  countOfConnection(connection: string): number {
    return this.#byConnection.get(connection) ?? 0
  }

  #read(ids: ReadonlySet<string> = new Set()): readonly ApprovalRequest[] {
    return [...ids].flatMap((id) => {
      const entry = this.#entries.get(id)
      const request = entry && this.get(entry.key)
      return request === undefined ? [] : [request]
    })
  }

  #put(request: ApprovalRequest): void {
    const key = keyOf(request)
    const id = textOf(key)
    this.#remove(id)
    const entry: Entry = {
      key,
      base: `${key.namespace}/${key.name.replace(/-\d+$/, '')}`,
      pod: request.spec.pod?.uid,
      connection: connectionOf(request),
      isOpen: isOpen(request),
    }
    this.#entries.set(id, entry)
    add(this.#byBase, entry.base, id)
    if (!entry.isOpen) return
    if (entry.pod !== undefined) add(this.#byPod, entry.pod, id)
    this.#count(entry.connection, 1)
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    take(this.#byBase, entry.base, id)
    if (!entry.isOpen) return
    if (entry.pod !== undefined) take(this.#byPod, entry.pod, id)
    this.#count(entry.connection, -1)
  }

  #count(connection: string, by: number): void {
    const now = this.countOfConnection(connection) + by
    if (now === 0) this.#byConnection.delete(connection)
    else this.#byConnection.set(connection, now)
  }
}

function add(sets: Map<string, Set<string>>, name: string, id: string): void {
  const known = sets.get(name)
  if (known === undefined) sets.set(name, new Set([id]))
  else known.add(id)
}

function take(sets: Map<string, Set<string>>, name: string, id: string): void {
  const known = sets.get(name)
  known?.delete(id)
  if (known?.size === 0) sets.delete(name)
}
