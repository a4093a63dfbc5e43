/** Keeps what the catalogue said, for a stated time. */

import { freshReads } from './fresh.ts'
import type { CatalogSource } from './source.ts'
import { relationKey, type CatalogRelation, type QualifiedName } from './types.ts'

export interface CachedCatalog extends CatalogSource {
  /** Grows at each `invalidate()`: a plan made under an older epoch may rest on old facts. */
  readonly epoch: number
  /** Forgets one object, which a statement changed; a read of it under way is not kept either. */
  forget(name: QualifiedName): void
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

interface Seen {
  readonly startedAt: number
  readonly relation: CatalogRelation | null
}

type Reading = PromiseWithResolvers<CatalogRelation | null>

/** Concurrent reads of one object share one read; a failed read is not kept. */
export function cachedCatalog(
  source: CatalogSource,
  { maxAgeMs, now, maxEntries = 10_000 }: CacheOptions,
): CachedCatalog {
  const kept = new Map<string, Entry>()
  const underWay = new Map<string, Reading>()
  const fresh = freshReads<Seen>()
  const freshDdl = freshReads<readonly (string | null)[]>()
  let epoch = 0

  /** After `forget` or `invalidate` another, newer read may stand under this key, or none. */
  const stands = (key: string, reading: Reading): boolean => underWay.get(key) === reading

  async function read(reading: Reading, key: string, name: QualifiedName): Promise<void> {
    try {
      const { relation, startedAt } = await fresh(key, async () => ({
        // The age counts from before the read: what it saw may be as old as its start.
        startedAt: now(),
        relation: await source.relation(name),
      }))
      if (stands(key, reading)) {
        const until = startedAt + (relation === null ? maxAgeMs / 10 : maxAgeMs)
        kept.delete(key)
        kept.set(key, { relation, until })
        const oldest = kept.keys().next()
        if (kept.size > maxEntries && !oldest.done) kept.delete(oldest.value)
      }
      reading.resolve(relation)
    } catch (thrown) {
      reading.reject(thrown)
    } finally {
      if (stands(key, reading)) underWay.delete(key)
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
      if (shared !== undefined) return shared.promise
      const reading: Reading = Promise.withResolvers()
      underWay.set(key, reading)
      void read(reading, key, name)
      return reading.promise
    },
    lastDdl: (names) => freshDdl(names.map(relationKey).join('\n'), () => source.lastDdl(names)),
    forget(name) {
      kept.delete(relationKey(name))
      underWay.delete(relationKey(name))
    },
    invalidate() {
      epoch += 1
      kept.clear()
      underWay.clear()
    },
  }
}
