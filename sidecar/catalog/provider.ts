/**
 * One catalogue per role, read through a Snowflake session of its own: the agent's session must
 * not see the gateway's queries in LAST_QUERY_ID, nor its temporary tables shadow what is read.
 */

import { FrostgateError } from '../errors.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { sessionEnded } from '../upstream/session.ts'
import { cachedCatalog, type CachedCatalog } from './cache.ts'
import { gate } from './gate.ts'
import { informationSchemaSource } from './information-schema.ts'
import type { CatalogQuery, CatalogRefusal } from './query.ts'

/** A session as far as the catalogue needs one. */
export interface CatalogSession {
  query(query: {
    readonly sql: string
    readonly bindings: Readonly<Record<string, unknown>> | undefined
    readonly describeOnly: boolean
    readonly parameters: Readonly<Record<string, string | number | boolean>>
  }): Promise<UpstreamAnswer>
  close(): Promise<void>
}

export interface CatalogProvider {
  forRole(role: string, warehouse: string): CachedCatalog
  readonly closed: boolean
  /** For good: whatever still reads opens no other session. */
  close(): Promise<void>
}

export interface CatalogProviderOptions {
  readonly open: (role: string, warehouse: string) => Promise<CatalogSession>
  /** Milliseconds a relation is believed. */
  readonly maxAgeMs: number
  /** Whether masking rules go by tags. */
  readonly readTags: boolean
  readonly now: () => number
}

/** Queries of one role's catalogue at a time. */
const mostReads = 16

export function catalogProvider(options: CatalogProviderOptions): CatalogProvider {
  const shared = new Map<string, CachedCatalog>()
  const caches = new Set<CachedCatalog>()
  const sessions = new Map<string, Promise<CatalogSession>>()
  let closed = false

  /** One session per role and warehouse; a failed one is opened again by the next read. */
  function sessionOf(key: string, role: string, warehouse: string): Promise<CatalogSession> {
    const known = sessions.get(key)
    if (known) return known
    if (closed) return Promise.reject(unreadable('the gateway reads it no more'))
    const opening = options.open(role, warehouse)
    sessions.set(key, opening)
    opening.catch(() => sessions.delete(key))
    return opening
  }

  function queryAs(key: string, role: string, warehouse: string): CatalogQuery {
    return async (sql, binds) => {
      const query = { sql, bindings: textBinds(binds), describeOnly: false, parameters: {} }
      const first = sessionOf(key, role, warehouse)
      try {
        return rowsOf(await (await first).query(query))
      } catch (error) {
        if (!isGone(error)) throw error
        // Only this one: another read may have put a new session in its place.
        if (sessions.get(key) === first) sessions.delete(key)
      }
      // Snowflake ends sessions that nobody used for hours. The agent's own may well be alive.
      try {
        return rowsOf(await (await sessionOf(key, role, warehouse)).query(query))
      } catch (error) {
        throw isGone(error) ? unreadable('its sessions end at once', error) : error
      }
    }
  }

  return {
    get closed() {
      return closed
    },
    forRole: (role, warehouse) => {
      const key = JSON.stringify([role, warehouse])
      const known = shared.get(key)
      if (known !== undefined) return known
      const { readTags, maxAgeMs, now } = options
      const query = queryAs(key, role, warehouse)
      const pass = gate(mostReads)
      const run: CatalogQuery = (sql, binds) => pass(() => query(sql, binds))
      const own = cachedCatalog(informationSchemaSource(run, { role, readTags }), { maxAgeMs, now })
      caches.add(own)
      const catalog = forgettingEverywhere(own, caches)
      shared.set(key, catalog)
      return catalog
    },
    close: async () => {
      closed = true
      const open = await Promise.allSettled(sessions.values())
      sessions.clear()
      await Promise.allSettled(
        open.map(async (result) => {
          if (result.status === 'fulfilled') await result.value.close()
        }),
      )
    },
  }
}

/** What one session changes, those of other roles and warehouses must not go on believing. */
function forgettingEverywhere(
  own: CachedCatalog,
  caches: ReadonlySet<CachedCatalog>,
): CachedCatalog {
  return {
    role: own.role,
    get epoch() {
      return own.epoch
    },
    relation: (name) => own.relation(name),
    lastDdl: (names) => own.lastDdl(names),
    forget: (name) => {
      for (const cache of caches) cache.forget(name)
    },
    invalidate: () => {
      for (const cache of caches) cache.invalidate()
    },
  }
}

function textBinds(binds: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    binds.map((value, index) => [String(index + 1), { type: 'TEXT', value }]),
  )
}

function isGone(error: unknown): boolean {
  return error instanceof FrostgateError && error.entry === 'SessionGone'
}

function unreadable(why: string, cause?: unknown): FrostgateError {
  const reason = `the catalogue could not be read (${why})`
  return FrostgateError.of('UpstreamUnavailable', { reason }, { cause })
}

function rowsOf(answer: UpstreamAnswer): readonly (readonly (string | null)[])[] | CatalogRefusal {
  if (!answer.ok) {
    if (sessionEnded.has(answer.code))
      throw FrostgateError.of('SessionGone', {
        reason: 'Snowflake ended the session that reads the catalogue',
      })
    return { refused: answer.code }
  }
  // The catalogue is read by object, so an answer in chunks is one that was not asked for.
  if (answer.chunks.length > 0 || answer.total !== answer.rows.length) {
    throw FrostgateError.of('UpstreamAnswerRefused', {
      reason: 'the catalogue answered with part of its rows',
    })
  }
  return answer.rows
}
