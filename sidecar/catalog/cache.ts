/** Keeps what the catalogue said, for a stated time. */

import type { CatalogSource } from './source.ts'
import { relationKey, type CatalogRelation, type QualifiedName } from './types.ts'

export interface CachedCatalog extends CatalogSource {
  /** Grows at each `invalidate()`: a plan made under an older epoch may rest on old facts. */
  readonly epoch: number
  /** Forgets everything; reads under way are not kept either. */
  invalidate(): void
}

export interface CacheOptions {
  /** Milliseconds a relation is believed. One that does not exist is believed a tenth of that. */
  readonly maxAgeMs: number
  /** Milliseconds, any origin, never going back. */
  readonly now: () => number
  /** An agent may ask for any number of names; the oldest are forgotten first. */
  readonly maxEntries?: number
}

interface Entry {
  readonly relation: CatalogRelation | null
  readonly until: number
}

/** Concurrent reads of one object share one read; a failed read is not kept. */
export function cachedCatalog(
  source: CatalogSource,
  { maxAgeMs, now, maxEntries = 10_000 }: CacheOptions,
): CachedCatalog {
  const kept = new Map<string, Entry>()
  const underWay = new Map<string, Promise<CatalogRelation | null>>()
  let epoch = 0

  async function read(key: string, name: QualifiedName): Promise<CatalogRelation | null> {
    const startedIn = epoch
    // The age counts from before the read: what it saw may be as old as its start.
    const startedAt = now()
    try {
      const relation = await source.relation(name)
      if (epoch === startedIn) {
        const until = startedAt + (relation === null ? maxAgeMs / 10 : maxAgeMs)
        kept.delete(key)
        kept.set(key, { relation, until })
        const oldest = kept.keys().next()
        if (kept.size > maxEntries && !oldest.done) kept.delete(oldest.value)
      }
      return relation
    } finally {
      // After an invalidation another, newer read may stand under this key.
      if (epoch === startedIn) underWay.delete(key)
    }
  }

  return {
    role: source.role,
    get epoch() {
      return epoch
    },
    relation(name) {
      const key = relationKey(name)
      const entry = kept.get(key)
      if (entry !== undefined && now() < entry.until) return Promise.resolve(entry.relation)
      const shared = underWay.get(key)
      if (shared !== undefined) return shared
      const reading = read(key, name)
      underWay.set(key, reading)
      return reading
    },
    invalidate() {
      epoch += 1
      kept.clear()
      underWay.clear()
    },
  }
}
