/** Objects with the versions and the history that lists and watches are made of. */

export interface StoredObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

export interface HistoryEntry {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly plural: string
  readonly object: StoredObject
}

export class Objects {
  readonly #objects = new Map<string, StoredObject>()
  readonly history: HistoryEntry[] = []
  readonly #listeners = new Set<(entry: HistoryEntry) => void>()
  #uid = 0
  version = 100
  /** As a real server tells when an object was made; undefined: it does not. Milliseconds. */
  stamps: (() => number) | undefined
  /** Watches that start before it are Gone. */
  oldest = 0

  all(plural: string, namespace?: string): readonly StoredObject[] {
    return [...this.#objects]
      .filter(([key]) =>
        key.startsWith(`${plural}/${namespace === undefined ? '' : `${namespace}/`}`),
      )
      .map(([, object]) => object)
  }

  find(plural: string, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#objects.get(keyOf(plural, namespace, name))
  }

  /** Creates or replaces it. */
  put(plural: string, object: StoredObject): StoredObject {
    const { name, namespace } = object.metadata
    const known = this.find(plural, namespace, name)
    this.version += 1
    const sameSpec = JSON.stringify(known?.['spec']) === JSON.stringify(object['spec'])
    const stamp = known?.metadata.creationTimestamp ?? (this.stamps && stampOf(this.stamps()))
    const stored: StoredObject = {
      ...object,
      metadata: {
        ...(stamp === undefined ? {} : { creationTimestamp: stamp }),
        ...object.metadata,
        uid: known?.metadata.uid ?? `uid-${++this.#uid}`,
        generation: (known?.metadata.generation ?? 0) + (known !== undefined && sameSpec ? 0 : 1),
        resourceVersion: String(this.version),
      },
    }
    this.#objects.set(keyOf(plural, namespace, name), stored)
    this.#tell(known === undefined ? 'ADDED' : 'MODIFIED', plural, stored)
    return stored
  }

  remove(plural: string, namespace: string | undefined, name: string): void {
    const known = this.find(plural, namespace, name)
    if (known === undefined) return
    this.#objects.delete(keyOf(plural, namespace, name))
    this.version += 1
    const metadata = { ...known.metadata, resourceVersion: String(this.version) }
    this.#tell('DELETED', plural, { ...known, metadata })
  }

  onChange(listener: (entry: HistoryEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(type: HistoryEntry['type'], plural: string, object: StoredObject): void {
    const entry = { version: this.version, type, plural, object }
    this.history.push(entry)
    for (const listener of this.#listeners) listener(entry)
  }
}

/** To the second. */
function stampOf(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+/, '')
}

function keyOf(plural: string, namespace: string | undefined, name: string): string {
  return [plural, ...(namespace === undefined ? [] : [namespace]), name].join('/')
}
