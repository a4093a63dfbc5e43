/** Where requests of a run are kept, and when each was decided. */

import { watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { openLocalApprovals } from '../../../operator/approvals/local/client.ts'
import type { MemoryStore } from '../../operator/approvals/memory-store.ts'

export interface Keeper {
  requests(): Promise<readonly ApprovalRequest[]>
  /** Milliseconds since the epoch at which the last decision about it was stored. */
  decidedAt(request: string): number | undefined
  close(): void
}

/** Of `frostgate up`. */
export function folderKeeper(folder: string): Keeper {
  const approvals = openLocalApprovals(folder)
  const decided = new Map<string, number>()
  const seen = new Set<string>()
  const watcher = watch(folder, (_event, file) => {
    const request = /^approvaldecision-(.+)-[0-9a-f]{12}\.yaml$/.exec(file ?? '')?.[1]
    // The gateway writes its status into the same file afterwards.
    if (file === null || request === undefined || seen.has(file)) return
    seen.add(file)
    decided.set(request, Date.now())
  })
  return {
    requests: async () => (await approvals.list()).requests.map(({ request }) => request),
    decidedAt: (request) => decided.get(request),
    close: () => {
      watcher.close()
    },
  }
}

/** Of a desk in this process: the page and Slack decide through it. */
export function memoryKeeper(store: MemoryStore): Keeper {
  const decided = new Map<string, number>()
  const create = store.createDecision.bind(store)
  store.createDecision = async (decision) => {
    const created = await create(decision)
    decided.set(decision.spec.requestRef.name, Date.now())
    return created
  }
  return {
    requests: () => Promise.resolve(store.requests()),
    decidedAt: (request) => decided.get(request),
    close: () => undefined,
  }
}

const lookEveryMs = 100
/** For what a client has still to come to, and for what must follow from a decision. */
const patience = { there: 170_000, phase: 20_000 } as const

/** The request for a statement with this in its text; of several, the one made in that place. */
export async function requestFor(
  keeper: Keeper,
  mark: string,
  place: number,
  fits?: (request: ApprovalRequest) => boolean,
): Promise<ApprovalRequest> {
  const until = Date.now() + (fits === undefined ? patience.there : patience.phase)
  for (;;) {
    const all = (await keeper.requests()).filter(({ spec }) => spec.statement.includes(mark))
    const found = all.toSorted((a, b) => numberOf(a) - numberOf(b))[place]
    if (found !== undefined && fits?.(found) !== false) return found
    if (Date.now() > until)
      throw new Error(
        `request ${place + 1} for ${mark} is ${found === undefined ? 'not there' : (found.status?.phase ?? 'without a phase')}`,
      )
    await delay(lookEveryMs)
  }
}

/** Names end so: none, -2, -3. */
function numberOf({ metadata }: ApprovalRequest): number {
  return Number(/^[0-9a-f]+-(\d+)$/.exec(metadata.name)?.[1] ?? 1)
}
