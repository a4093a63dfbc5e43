/** Whoever is asked: late, few, or a second time lets nothing run. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Approvals, ApprovalVerdict } from '../../../sidecar/approvals/approvals.ts'
import { guarded } from '../../../sidecar/approvals/guarded.ts'
import { question } from './question.ts'

let now = 0
const never = new AbortController().signal
const approved = (id = 'a', by = ['steward']) =>
  ({ verdict: 'approved', id, by, note: '' }) as const

beforeEach(() => {
  now = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

const answering = (verdict: ApprovalVerdict): Approvals =>
  guarded({ ask: () => Promise.resolve(verdict) }, () => now)

/** Never answers, and tells whether it was told to stop. */
function silent() {
  let told: AbortSignal | undefined
  const ask: Approvals['ask'] = (_question, signal) => {
    told = signal
    return new Promise(() => undefined)
  }
  return { approvals: guarded({ ask }, () => now), told: () => told?.aborted }
}

test('an approval passes as it is', async () => {
  expect(await answering(approved()).ask(question(), never)).toEqual(approved())
})

test('one of an id that was used does not', async () => {
  const approvals = answering(approved())
  await approvals.ask(question(), never)
  expect(await approvals.ask(question(), never)).toEqual({ verdict: 'used' })
})

test.each([
  [1, []],
  [2, ['a']],
  [2, ['a', 'a']],
  [0, []],
])('of %i that must, by %j is too few', async (count, by) => {
  const asked = question({ approval: { approvers: ['g'], count, expiresAfter: 60 } })
  expect((await answering(approved('a', by)).ask(asked, never)).verdict).toBe('unavailable')
})

test('one that comes late is expired', async () => {
  const late: Approvals = {
    ask: () => {
      now = 60_000
      return Promise.resolve(approved())
    },
  }
  expect(await guarded(late, () => now).ask(question(), never)).toEqual({ verdict: 'expired' })
})

test('nobody is asked after the time, or by who has left', async () => {
  const ask = vi.fn<Approvals['ask']>()
  const approvals = guarded({ ask }, () => now)
  expect(await approvals.ask(question(), AbortSignal.abort())).toEqual({ verdict: 'withdrawn' })
  now = 60_000
  expect(await approvals.ask(question(), never)).toEqual({ verdict: 'expired' })
  expect(ask).not.toHaveBeenCalled()
})

test('one who does not answer is told to stop when the time is over', async () => {
  const { approvals, told } = silent()
  const asked = approvals.ask(question(), never)
  await vi.advanceTimersByTimeAsync(59_999)
  expect(told()).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await asked).toEqual({ verdict: 'expired' })
  expect(told()).toBe(true)
})

test('one who does not answer is told to stop when the client leaves, who does not wait', async () => {
  const { approvals, told } = silent()
  const client = new AbortController()
  const asked = approvals.ask(question(), client.signal)
  client.abort()
  expect(await asked).toEqual({ verdict: 'withdrawn' })
  expect(told()).toBe(true)
})

test('one who throws or rejects is unavailable', async () => {
  const rejecting = guarded({ ask: () => Promise.reject(new Error('x')) }, () => now)
  const throwing = guarded(
    {
      ask: () => {
        throw new Error('x')
      },
    },
    () => now,
  )
  for (const approvals of [rejecting, throwing])
    expect((await approvals.ask(question(), never)).verdict).toBe('unavailable')
})

test('a time longer than a timer can wait is waited for', async () => {
  const { approvals, told } = silent()
  void approvals.ask(question({ expiresAt: 2 ** 40 }), never)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told()).toBe(false)
})
