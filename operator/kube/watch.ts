/** A watch: lines of JSON that arrive as objects change. */

import { isRecord, localError, statusError } from './kube-error.ts'
import { lines } from './lines.ts'
import type { Selection } from './listing.ts'
import type { KubeObject } from './resources.ts'
import { reasonOf } from './transport.ts'

export interface WatchOptions extends Selection {
  readonly resourceVersion: string
  /** How long the server keeps it open: the least, and how much chance adds. */
  readonly timeoutSeconds: { readonly least: number; readonly spread: number }
  /** Milliseconds without a byte after which it counts as lost; bookmarks come once a minute. */
  readonly idleMs: number
  readonly signal: AbortSignal
  /** The server has accepted it. */
  readonly onOpen?: () => void
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  /** Of a bookmark only kind and metadata.resourceVersion. */
  readonly object: T
  readonly resourceVersion: string
}

const types: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

export function watchQuery(options: WatchOptions, random: () => number): string {
  const { resourceVersion, labelSelector, fieldSelector, timeoutSeconds } = options
  const { least, spread } = timeoutSeconds
  return new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    // Watches that were opened together must not all come back together.
    timeoutSeconds: String(Math.round(least + spread * random())),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }).toString()
}

/** Reads until the end; aborts `stall`, and with it the request, when nothing comes for too long. */
export async function* readWatch<T extends KubeObject>(
  path: string,
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  { idleMs, signal }: WatchOptions,
  stall: AbortController,
): AsyncGenerator<WatchEvent<T>, void> {
  const silent = () => {
    stall.abort(
      localError('Silent', `watch ${path}: not a byte for ${idleMs} ms, not even a bookmark`),
    )
  }
  let idle = setTimeout(silent, idleMs)
  const heard = () => {
    clearTimeout(idle)
    idle = setTimeout(silent, idleMs)
  }
  try {
    for await (const line of lines(body, heard)) {
      yield readEvent<T>(path, line)
    }
    signal.throwIfAborted()
  } catch (error) {
    if (signal.aborted) throw error
    if (stall.signal.aborted) throw stall.signal.reason
    if (error instanceof Error && error.name === 'KubeError') throw error
    throw localError('NoAnswer', `watch ${path} broke off: ${reasonOf(error)}`, error)
  } finally {
    clearTimeout(idle)
    body.destroy()
  }
}

function readEvent<T extends KubeObject>(path: string, line: string): WatchEvent<T> {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch (error) {
    throw localError('Garbled', `watch ${path} sent a line that is not JSON`, error)
  }
  const { type, object } = isRecord(event) ? event : {}
  if (type === 'ERROR') throw statusError(`watch ${path}`, 0, object)
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {}
  const { resourceVersion, name } = metadata
  const named = typeof name === 'string' || type === 'BOOKMARK'
  if (!types.includes(type) || typeof resourceVersion !== 'string' || !named) {
    throw localError('Garbled', `watch ${path} sent a line that is not an event`)
  }
  return { type: type as WatchEvent<T>['type'], object: object as T, resourceVersion }
}
