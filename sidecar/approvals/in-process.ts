/** Approvals that a function of this process decides: for tests, and for who embeds a gateway. */

import { randomUUID } from 'node:crypto'

import type { ApprovalQuestion, Approvals, ApprovalVerdict, Ready } from './approvals.ts'

/**
 * What `decide` answers. One approval is one answer, so it has no id of its own; `withdrawn` is what
 * the one who asks does, and `used` what becomes of it here.
 */
export type InProcessVerdict =
  | { readonly verdict: 'approved'; readonly by: readonly string[]; readonly note: string }
  | Extract<ApprovalVerdict, { verdict: 'denied' | 'expired' | 'unavailable' }>

/** Resolves when somebody decided. `signal` aborts when nobody waits for it any more. */
export type Decide = (question: ApprovalQuestion, signal: AbortSignal) => Promise<InProcessVerdict>

/** Questions that are open at a time; more are told that nobody can be asked. */
const mostOpen = 1_000

interface Asking {
  readonly ready: Ready | undefined
  readonly answered: Promise<unknown>
  readonly answer: (verdict: ApprovalVerdict) => void
}

interface Open {
  /** In the order in which they asked. */
  readonly askings: Set<Asking>
  readonly ended: AbortController
}

/** Expiry is kept by `guarded`, which the gateway puts around any approvals. */
export function inProcessApprovals(decide: Decide): Approvals {
  const open = new Map<string, Open>()

  function close(digest: string, question: Open): void {
    if (open.get(digest) === question) open.delete(digest)
    question.ended.abort()
  }

  async function put(question: ApprovalQuestion, own: Open): Promise<void> {
    const verdict = await answerTo(question, own.ended.signal)
    if (verdict.verdict === 'approved') await letThrough(verdict, own.askings)
    else for (const asking of own.askings) asking.answer(verdict)
    close(question.digest, own)
  }

  async function answerTo(
    question: ApprovalQuestion,
    signal: AbortSignal,
  ): Promise<ApprovalVerdict> {
    try {
      const verdict = await decide(question, signal)
      return verdict.verdict === 'approved' ? { ...verdict, id: randomUUID() } : verdict
    } catch {
      return { verdict: 'unavailable', reason: 'the one who decides failed' }
    }
  }

  return {
    async ask(question, signal, ready) {
      if (signal.aborted) return { verdict: 'withdrawn' }
      const { digest } = question
      let own = open.get(digest)
      if (own === undefined) {
        if (open.size >= mostOpen) {
          return { verdict: 'unavailable', reason: `${mostOpen} questions are open already` }
        }
        own = { askings: new Set(), ended: new AbortController() }
        open.set(digest, own)
        void put(question, own)
      }
      return await join(own, { signal, ready }, () => {
        close(digest, own)
      })
    },
  }
}

/** One approval is one use: for the first who is still there once ready. */
async function letThrough(verdict: ApprovalVerdict, askings: Open['askings']): Promise<void> {
  let answer: ApprovalVerdict = verdict
  for (const asking of askings) {
    if (answer === verdict) await Promise.race([asking.ready?.(), asking.answered])
    if (!askings.has(asking)) continue
    asking.answer(answer)
    answer = { verdict: 'used' }
  }
}

/** `abandoned`: nobody waits for the question any more. */
async function join(
  { askings }: Open,
  { signal, ready }: { readonly signal: AbortSignal; readonly ready: Ready | undefined },
  abandoned: () => void,
): Promise<ApprovalVerdict> {
  const answered = Promise.withResolvers<ApprovalVerdict>()
  const asking: Asking = { ready, answered: answered.promise, answer: answered.resolve }
  const withdraw = (): void => {
    askings.delete(asking)
    answered.resolve({ verdict: 'withdrawn' })
    if (askings.size === 0) abandoned()
  }
  askings.add(asking)
  signal.addEventListener('abort', withdraw, { once: true })
  try {
    return await answered.promise
  } finally {
    signal.removeEventListener('abort', withdraw)
  }
}
