/** What a reflector knows: one item for each object, as of the version that was last heard of. */

import type { KubeObject } from './resources.ts'
import type { WatchEvent } from './watch.ts'

export interface Change<T> {
  readonly type: 'Added' | 'Modified' | 'Deleted'
  /** `namespace/name`, or the name of what has no namespace. */
  readonly key: string
  /** Now; of a deletion the last that was known. */
  readonly item: T
  /** Before; undefined for an addition. */
  readonly previous: T | undefined
}

/** One object of a list, reduced to what is kept. */
export interface Observed<T> {
  readonly key: string
  readonly version: string
  readonly item: T | undefined
}

export class ItemCache<Raw extends KubeObject, T> {
  readonly #select: (raw: Raw) => T | undefined
  readonly #versions = new Map<string, string>()
  readonly #items = new Map<string, T>()
  /** Keys that a watch or list spoke of, while somebody compares. */
  #touched: Set<string> | undefined

  /** `select` gives what is kept of an object; undefined leaves the object out. */
  constructor(select: (raw: Raw) => T | undefined) {
    this.#select = select
  }

  get items(): ReadonlyMap<string, T> {
    return this.#items
  }

  observe(raw: Raw): Observed<T> {
    return { key: keyOf(raw), version: versionOf(raw), item: this.#select(raw) }
  }

  /** Undefined if this was known already. */
  apply(event: WatchEvent<Raw>): Change<T> | undefined {
    return event.type === 'DELETED'
      ? this.#remove(keyOf(event.object))
      : this.#put(this.observe(event.object))
  }

  /** Makes this list all there is. */
  replace(list: readonly Observed<T>[]): readonly Change<T>[] {
    const listed = new Set(list.map(({ key }) => key))
    const gone = [...this.#versions.keys()].filter((key) => !listed.has(key))
    return [...gone.map((key) => this.#remove(key)), ...list.map((each) => this.#put(each))].filter(
      (change) => change !== undefined,
    )
  }

  /** To be called before the list to compare with is asked for. */
  beginComparison(): ReadonlyMap<string, string> {
    this.#touched = new Set()
    return new Map(this.#versions)
  }

  /**
   * Takes over what the list has and the watch did not tell. Whatever the watch told since `before`
   * is newer than the list, or as new, and stays.
   */
  endComparison(
    before: ReadonlyMap<string, string>,
    list: readonly Observed<T>[],
  ): readonly Change<T>[] {
    const touched = this.#touched ?? new Set()
    this.#touched = undefined
    const listed = new Set(list.map(({ key }) => key))
    const missedDeletions = [...before.keys()].filter(
      (key) => !listed.has(key) && !touched.has(key),
    )
    const missed = list.filter(
      ({ key, version }) => before.get(key) !== version && !touched.has(key),
    )
    return [
      ...missedDeletions.map((key) => this.#remove(key)),
      ...missed.map((each) => this.#put(each)),
    ].filter((change) => change !== undefined)
  }

  #put({ key, version, item }: Observed<T>): Change<T> | undefined {
    this.#touched?.add(key)
    if (this.#versions.get(key) === version) return undefined
    if (item === undefined) {
      const change = this.#remove(key)
      this.#versions.set(key, version)
      return change
    }
    const previous = this.#items.get(key)
    this.#versions.set(key, version)
    this.#items.set(key, item)
    return { type: previous === undefined ? 'Added' : 'Modified', key, item, previous }
  }

  #remove(key: string): Change<T> | undefined {
    this.#touched?.add(key)
    const item = this.#items.get(key)
    this.#versions.delete(key)
    this.#items.delete(key)
    return item === undefined ? undefined : { type: 'Deleted', key, item, previous: item }
  }
}

export function keyOf({ metadata = {} }: KubeObject): string {
  const { namespace, name = '' } = metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}

function versionOf({ metadata = {} }: KubeObject): string {
  return metadata.resourceVersion ?? ''
}

/**
 * Whether a watch that has reached `seen` told `version` before. Versions of one resource are
 * comparable numbers (KEP-5504); what is not a number is taken for new.
 */
export function isOld(version: string, seen: string): boolean {
  const number = /^[0-9]+$/
  return number.test(version) && number.test(seen) && BigInt(version) <= BigInt(seen)
}
