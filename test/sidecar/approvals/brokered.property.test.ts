/** Whatever the order of answers, notices, outages and clients that leave. */

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ApprovalVerdict } from '../../../sidecar/approvals/approvals.ts'
import { brokeredApprovals } from '../../../sidecar/approvals/brokered.ts'
import type { ApprovalStanding } from '../../../sidecar/control/protocol.ts'
import { question } from './question.ts'
import { scriptedOperator, testClock } from './scripted.ts'

const digests = ['a', 'b'].map((letter) => letter.repeat(64))
const openMs = 120_000

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), digest: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      digest: fc.nat(1),
      phase: fc.constantFrom('Approved', 'Approved', 'Approved', 'Denied', 'Expired', 'Void'),
      uses: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('stream' as const), there: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('weather' as const),
      weather: fc.constantFrom('fine', 'fine', 'away', 'lost', 'hang'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 0, 10, 400, 5_000, 20_000, 130_000),
    }),
  },
)

interface Asked {
  readonly digest: string
  readonly retries: boolean
  readonly expiresAt: number
  readonly leave: () => void
  verdict: ApprovalVerdict | undefined
  endedAt: number
}

test.each(['Wait', 'Retry'] as const)(
  'with %s nothing runs but by an id of its own, and nobody waits beyond the time',
  async (delivery) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = testClock()
        const operator = scriptedOperator(clock)
        const log = { info: () => undefined, warn: () => undefined } as never
        const { session } = operator
        const people = brokeredApprovals({ session, clock, now: clock.now, log })
        const asked: Asked[] = []
        const sent: ApprovalStanding[] = []
        let there = true

        const ask = (digest: string): void => {
          const client = new AbortController()
          const expiresAt = clock.now() + openMs
          const one: Asked = {
            ...{ digest, expiresAt, verdict: undefined, endedAt: 0 },
            retries: delivery === 'Retry',
            leave: () => {
              client.abort()
            },
          }
          asked.push(one)
          const approval = { approvers: ['g'], count: 1, expiresAfter: openMs / 1_000, delivery }
          const put = question({ digest, approval, askedAt: clock.now(), expiresAt })
          void people.approvals.ask(put, client.signal).then((verdict) => {
            one.verdict = verdict
            one.endedAt = clock.now()
          })
        }

        for (const each of steps) {
          if (each.kind === 'ask') ask(digests[each.digest] ?? '')
          else if (each.kind === 'leave') asked[each.who % asked.length]?.leave()
          else if (each.kind === 'decide') {
            const notice = operator.decide(digests[each.digest] ?? '', each.phase, each.uses)
            if (notice) sent.push(notice)
            if (notice && there) people.onApproval(notice)
          } else if (each.kind === 'repeat') {
            const again = sent[each.which % sent.length]
            if (again) people.onApproval(again)
          } else if (each.kind === 'weather') {
            operator.weather = each.weather
          } else if (each.kind === 'pass') await clock.pass(each.milliseconds)
          else {
            if (each.there && !there) people.onConnected()
            there = each.there
          }
        }

        // Everything is well again: what is approved reaches who waits, soon.
        operator.weather = 'fine'
        await clock.pass(16_000)
        people.onConnected()
        await clock.pass(16_000)
        for (const one of asked) {
          const newest = operator.requests.findLast(({ digest }) => digest === one.digest)
          if (one.verdict === undefined) expect(newest?.phase).toBe('Pending')
        }
        await clock.pass(openMs)

        for (const one of asked) {
          expect(one.verdict).toBeDefined()
          const patience = one.retries ? Math.min(openMs, 15_000) : openMs
          expect(one.endedAt).toBeLessThanOrEqual(one.expiresAt - openMs + patience)
        }
        const approved = asked.flatMap(({ digest, verdict }) =>
          verdict?.verdict === 'approved' ? [{ digest, id: verdict.id }] : [],
        )
        expect(new Set(approved.map(({ id }) => id)).size).toBe(approved.length)
        for (const { digest, id } of approved) expect(operator.given).toContainEqual({ digest, id })
        // Whom people refused is told no other thing than that, or nothing.
        const denied = asked.filter(({ verdict }) => verdict?.verdict === 'denied')
        for (const { digest } of denied)
          expect(operator.requests).toContainEqual(
            expect.objectContaining({ digest, phase: 'Denied' }),
          )
        // Nothing goes on behind them.
        await people.settled()
        expect(clock.sleeping()).toBe(0)
      }),
      { numRuns: 300 },
    )
  },
  60_000,
)
