import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { forStatement } from '../../sidecar/session/session.ts'
import { governed, numbered, numberOf, sessionUnder } from './governor-support.ts'

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant('statement' as const) },
  { weight: 2, arbitrary: fc.constant('login' as const) },
  { weight: 2, arbitrary: fc.constant('apply' as const) },
  fc.constant('suspend' as const),
  fc.constant('resume' as const),
  fc.constant('revoke' as const),
)

test('however bundles, logins, statements and closings interleave, what begins after one is applied is judged by it or a later one, and wholly', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 2, maxLength: 14 }),
      async (scheduler, steps) => {
        const { governor, sessions, first } = governed(({ type }) =>
          scheduler.schedule(Promise.resolve(), type),
        )
        sessions.add(sessionUnder(first))
        let applied = 1
        let asked = 1
        const run = {
          apply: async () => {
            const n = (asked += 1)
            await governor.apply(numbered(n))
            applied = Math.max(applied, n)
          },
          suspend: () => governor.suspend('stale'),
          resume: () => governor.resume(),
          revoke: () => governor.revoke('revoked'),
          login: () =>
            governor.under(async (earlier) => {
              const session = sessionUnder(earlier)
              await scheduler.schedule(Promise.resolve(), 'login at Snowflake')
              try {
                governor.admit(session, earlier)
              } catch {
                return
              }
              sessions.add(session)
              expect(governor.closed).toBeUndefined()
              expect(session.epoch).toBe(governor.governance.epoch)
            }),
          statement: async () => {
            for (const session of sessions.all()) {
              if (!sessions.has(session)) continue
              await governor.under(async ({ epoch, bundle }) => {
                const own = forStatement(session)
                expect(numberOf(bundle)).toBeGreaterThanOrEqual(applied)
                expect(own.epoch).toBe(epoch)
                await scheduler.schedule(Promise.resolve(), 'statement at Snowflake')
                expect(own.grant.limits.statementsPerMinute).toBe(numberOf(bundle))
              })
            }
          },
        }
        const begun: Promise<unknown>[] = []
        const { task } = scheduler.scheduleSequence(
          steps.map((name) => ({
            label: name,
            builder: () => {
              begun.push(run[name]())
              return Promise.resolve()
            },
          })),
        )
        await scheduler.waitFor(task)
        await scheduler.waitFor(Promise.all(begun))
      },
    ),
    { numRuns: 150 },
  )
})
