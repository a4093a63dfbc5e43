/** One change of a request's status: read, worked out, compared and set, until it went through. */

import { setTimeout as delay } from 'node:timers/promises'

import type { ApprovalRequest } from '../../crds/types.ts'
import { DeskRefusal } from './refusal.ts'
import { textOf } from './standing.ts'
import type { ApprovalStore, Key, RequestStatus } from './types.ts'

export interface Change {
  readonly status: RequestStatus
  /** Whether a status that was read after an unanswered write is the one that was written. */
  readonly isThere: (status: RequestStatus) => boolean
}

const attempts = 16
/** Milliseconds, at most, before another attempt. */
const longestPause = 40

/**
 * The request as it was last read; undefined if there is none. `work` gives undefined where there is
 * nothing to change. What it throws ends it. Errors: those of the store, DeskRefusal Busy.
 */
export async function change(
  store: Pick<ApprovalStore, 'readRequest' | 'writeStatus'>,
  key: Key,
  work: (request: ApprovalRequest) => Promise<Change | undefined> | Change | undefined,
): Promise<ApprovalRequest | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const request = await store.readRequest(key)
    if (request === undefined) return undefined
    const wanted = await work(request)
    if (wanted === undefined) return request
    const written = await write(store, request, wanted)
    if (written === 'written') return request
    if (written === 'gone') return undefined
    await delay(Math.random() * longestPause)
  }
  throw new DeskRefusal(
    'Busy',
    `ApprovalRequest ${textOf(key)} changes faster than it can be written. Try again.`,
  )
}

/** No answer is no failure yet: whether it was written can be read. */
async function write(
  store: Pick<ApprovalStore, 'readRequest' | 'writeStatus'>,
  request: ApprovalRequest,
  { status, isThere }: Change,
): Promise<'written' | 'conflict' | 'gone'> {
  try {
    return await store.writeStatus(request, status)
  } catch (error) {
    const { namespace = '', name, uid } = request.metadata
    const now = await store.readRequest({ namespace, name }).catch(() => undefined)
    if (now?.metadata.uid === uid && isThere(now?.status ?? {})) return 'written'
    throw error
  }
}
