/**
 * Holds whoever is asked to the contract of `Approvals`: an answer after the time, by too few, or
 * for a second statement lets nothing run; and nobody waits for one who does not answer.
 */

import type { ApprovalQuestion, Approvals, ApprovalVerdict, Ready } from './approvals.ts'

/** The longest that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1
/** Of answers that let a statement run. */
const usedKept = 100_000

/** `now`: milliseconds since the epoch. */
export function guarded(approvals: Approvals, now: () => number): Approvals {
  const used = new Set<string>()

  function checked(question: ApprovalQuestion, verdict: ApprovalVerdict): ApprovalVerdict {
    if (verdict.verdict !== 'approved') return verdict
    if (now() >= question.expiresAt) return { verdict: 'expired' }
    const { count } = question.approval
    if (new Set(verdict.by).size < Math.max(1, count)) {
      const reason = `it was approved by fewer than the ${count} that the rule asks for`
      return { verdict: 'unavailable', reason }
    }
    if (used.has(verdict.id)) return { verdict: 'used' }
    used.add(verdict.id)
    const oldest = used.keys().next()
    if (used.size > usedKept && !oldest.done) used.delete(oldest.value)
    return verdict
  }

  return {
    async ask(question, signal, ready) {
      if (signal.aborted) return { verdict: 'withdrawn' }
      const waitMs = question.expiresAt - now()
      if (waitMs <= 0) return { verdict: 'expired' }
      const ended = new AbortController()
      const early = Promise.withResolvers<ApprovalVerdict>()
      const withdraw = (): void => {
        early.resolve({ verdict: 'withdrawn' })
        ended.abort()
      }
      signal.addEventListener('abort', withdraw, { once: true })
      const timer = setTimeout(
        () => {
          early.resolve({ verdict: 'expired' })
          ended.abort()
        },
        Math.min(waitMs, longestMs),
      )
      try {
        const verdict = await Promise.race([
          early.promise,
          answer(approvals, question, ended.signal, ready),
        ])
        return ended.signal.aborted ? await early.promise : checked(question, verdict)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', withdraw)
      }
    },
  }
}

async function answer(
  approvals: Approvals,
  question: ApprovalQuestion,
  signal: AbortSignal,
  ready: Ready | undefined,
): Promise<ApprovalVerdict> {
  try {
    return await approvals.ask(question, signal, ready)
  } catch {
    return { verdict: 'unavailable', reason: 'asking failed' }
  }
}
