/** Approvals decided by a function: one question for the same statement, one use of each answer. */

import { expect, test } from 'vitest'

import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'
import { inProcessApprovals, type InProcessVerdict } from '../../../sidecar/approvals/in-process.ts'
import { question } from './question.ts'

const approved = { verdict: 'approved', by: ['steward'], note: '' } as const
const never = new AbortController().signal

function answered() {
  const asked: { question: ApprovalQuestion; signal: AbortSignal }[] = []
  const decided = Promise.withResolvers<InProcessVerdict>()
  const approvals = inProcessApprovals((each, signal) => {
    asked.push({ question: each, signal })
    return decided.promise
  })
  return { approvals, asked, decided }
}

test('an answer is told to the one who asked, with an id of its own', async () => {
  const { approvals, decided } = answered()
  decided.resolve(approved)
  const [one, two] = [
    await approvals.ask(question(), never),
    await approvals.ask(question(), never),
  ]
  expect(one).toMatchObject(approved)
  expect(two).toMatchObject(approved)
  expect(one).not.toEqual(two)
})

test('the same question joins the one that is open, and only the first may run', async () => {
  const { approvals, asked, decided } = answered()
  const both = [approvals.ask(question(), never), approvals.ask(question({ session: 't' }), never)]
  decided.resolve(approved)
  expect(await Promise.all(both)).toMatchObject([approved, { verdict: 'used' }])
  expect(asked).toHaveLength(1)
})

test('where the first is withdrawn, the next may run, and the question stays open until then', async () => {
  const { approvals, asked, decided } = answered()
  const first = new AbortController()
  const both = [approvals.ask(question(), first.signal), approvals.ask(question(), never)]
  first.abort()
  expect(await both[0]).toEqual({ verdict: 'withdrawn' })
  expect(asked[0]?.signal.aborted).toBe(false)
  decided.resolve(approved)
  expect(await both[1]).toMatchObject(approved)
})

test('where the first withdraws at its last look, the next may run', async () => {
  const { approvals, decided } = answered()
  const first = new AbortController()
  const looks: string[] = []
  const both = [
    approvals.ask(question(), first.signal, () => {
      looks.push('first')
      first.abort()
      // A look that goes on for ever holds nobody up who has left.
      return new Promise(() => undefined)
    }),
    approvals.ask(question(), never, () => {
      looks.push('second')
      return Promise.resolve()
    }),
    approvals.ask(question(), never),
  ]
  decided.resolve(approved)
  expect(await Promise.all(both)).toMatchObject([
    { verdict: 'withdrawn' },
    approved,
    { verdict: 'used' },
  ])
  expect(looks).toEqual(['first', 'second'])
})

test('a denial is told to all who joined', async () => {
  const { approvals, decided } = answered()
  const denied = { verdict: 'denied', by: ['steward'], note: 'no' } as const
  const both = [approvals.ask(question(), never), approvals.ask(question(), never)]
  decided.resolve(denied)
  expect(await Promise.all(both)).toEqual([denied, denied])
})

test('once all who asked are gone the question is withdrawn, and asking again is another', async () => {
  const { approvals, asked } = answered()
  const gone = new AbortController()
  const waiting = approvals.ask(question(), gone.signal)
  gone.abort()
  await waiting
  expect(asked[0]?.signal.aborted).toBe(true)
  void approvals.ask(question(), never)
  expect(asked).toHaveLength(2)
})

test('the same request of another digest is another question', () => {
  const { approvals, asked } = answered()
  void approvals.ask(question(), never)
  void approvals.ask(question({ digest: 'b'.repeat(64) }), never)
  expect(asked).toHaveLength(2)
})

test('who has left already is not asked for', async () => {
  const { approvals, asked } = answered()
  expect(await approvals.ask(question(), AbortSignal.abort())).toEqual({ verdict: 'withdrawn' })
  expect(asked).toEqual([])
})

test('a decider that throws, or too many questions, is told as unavailable', async () => {
  const broken = inProcessApprovals(() => Promise.reject(new Error('x')))
  expect((await broken.ask(question(), never)).verdict).toBe('unavailable')
  const { approvals } = answered()
  for (let each = 0; each < 1_000; each += 1)
    void approvals.ask(question({ digest: String(each) }), never)
  expect(await approvals.ask(question(), never)).toMatchObject({
    verdict: 'unavailable',
    reason: '1000 questions are open already',
  })
})
