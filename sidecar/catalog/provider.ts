/**
 * One catalogue per role, read through a Snowflake session of its own: the agent's session must
 * not see the gateway's queries in LAST_QUERY_ID, nor its temporary tables shadow what is read.
 */

import { FrostgateError } from '../errors.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { sessionEnded } from '../upstream/session.ts'
import { cachedCatalog, type CachedCatalog } from './cache.ts'
import { informationSchemaSource, type CatalogQuery } from './information-schema.ts'

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
  close(): Promise<void>
}

export interface CatalogProviderOptions {
  readonly open: (role: string, warehouse: string) => Promise<CatalogSession>
  /** Milliseconds a relation is believed. */
  readonly maxAgeMs: number
  readonly now: () => number
}

export function catalogProvider(options: CatalogProviderOptions): CatalogProvider {
  const catalogs = new Map<string, CachedCatalog>()
  const sessions = new Map<string, Promise<CatalogSession>>()

  /** One session per role and warehouse; a failed one is opened again by the next read. */
  function sessionOf(key: string, role: string, warehouse: string): Promise<CatalogSession> {
    const known = sessions.get(key)
    if (known) return known
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
    forRole: (role, warehouse) => {
      const key = JSON.stringify([role, warehouse])
      const catalog =
        catalogs.get(key) ??
        cachedCatalog(informationSchemaSource(queryAs(key, role, warehouse), role), {
          maxAgeMs: options.maxAgeMs,
          now: options.now,
        })
      catalogs.set(key, catalog)
      return catalog
    },
    close: async () => {
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

/** A database or schema that the role cannot see has no rows. */
const invisible = new Set(['002003', '002043'])

function rowsOf(answer: UpstreamAnswer): readonly (readonly (string | null)[])[] {
  if (!answer.ok) {
    if (invisible.has(answer.code)) return []
    if (sessionEnded.has(answer.code))
      throw FrostgateError.of('SessionGone', {
        reason: 'Snowflake ended the session that reads the catalogue',
      })
    throw unreadable(`code ${answer.code}`)
  }
  // The catalogue is read by object, so an answer in chunks is one that was not asked for.
  if (answer.chunks.length > 0 || answer.total !== answer.rows.length) {
    throw FrostgateError.of('UpstreamAnswerRefused', {
      reason: 'the catalogue answered with part of its rows',
    })
  }
  return answer.rows
}
