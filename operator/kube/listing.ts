/** All objects of a resource, in pages that belong to one moment. */

import { hasStatus, isRecord, localError } from './kube-error.ts'
import type { Query } from './transport.ts'

export interface Selection {
  /** Without it: of all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

export interface ListOptions<T, S> extends Selection {
  /** `0` takes what the server has at hand, which may be old; without it the newest. */
  readonly resourceVersion?: string | undefined
  /** Objects in a page; 500 by default. */
  readonly limit?: number
  /** Applied to each object as its page arrives. */
  readonly select?: (object: T) => S
  readonly signal?: AbortSignal
  /** Milliseconds for each page. */
  readonly timeoutMs?: number
  readonly retries?: number
}

export interface ListResult<S> {
  readonly items: readonly S[]
  /** Where a watch goes on. */
  readonly resourceVersion: string
}

export interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[] | null
}

type ReadPage<T> = (query: Query) => Promise<Page<T>>

export async function listAll<T, S>(
  read: ReadPage<T>,
  options: ListOptions<T, S>,
): Promise<ListResult<S>> {
  const { labelSelector, fieldSelector, resourceVersion, limit = 500 } = options
  const selection = { labelSelector, fieldSelector }
  try {
    return await pages(read, { ...selection, limit }, resourceVersion, options)
  } catch (error) {
    // Etcd forgot the moment of the first page: all at once instead, as client-go does.
    if (!hasStatus(error, 410)) throw error
    return await pages(read, selection, undefined, options)
  }
}

async function pages<T, S>(
  read: ReadPage<T>,
  query: Query,
  resourceVersion: string | undefined,
  options: ListOptions<T, S>,
): Promise<ListResult<S>> {
  const select = options.select ?? ((object: T) => object as unknown as S)
  const items: S[] = []
  let next: Query = { ...query, resourceVersion }
  for (;;) {
    const page = await read(next)
    const { version, token } = checked(page)
    for (const item of page.items ?? []) items.push(select(item))
    if (token === '') return { items, resourceVersion: version }
    // The token holds the version; to give both is an error.
    next = { ...query, continue: token }
  }
}

function checked(page: unknown): { readonly version: string; readonly token: string } {
  const metadata = isRecord(page) && isRecord(page['metadata']) ? page['metadata'] : {}
  const { resourceVersion, continue: token = '' } = metadata
  const list = isRecord(page) ? (page['items'] ?? []) : undefined
  if (typeof resourceVersion !== 'string' || typeof token !== 'string' || !Array.isArray(list)) {
    throw localError('Garbled', 'the answer is not a list of Kubernetes objects')
  }
  return { version: resourceVersion, token }
}
