import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { StatementLedger, type StatementRun } from '../../../sidecar/session/ledger.ts'
import { keptIn, OutcomeMemory } from '../../../sidecar/session/outcome-memory.ts'
import { success } from '../../../sidecar/wire/envelope.ts'

function outcome(size = 10): Promise<StatementRun> {
  return Promise.resolve({ envelope: success({}), size })
}

const made = (requestId: string, digest: string, statement: string) => ({
  requestId,
  digest,
  statement,
})

describe('the ledger', () => {
  test('runs a statement once, however often its request comes', async () => {
    const ledger = new StatementLedger()
    let runs = 0
    const run = () => {
      runs += 1
      return outcome()
    }
    const first = ledger.begin(made('r', 'digest', 'q1'), run)
    const again = ledger.begin(made('r', 'digest', 'q2'), run)
    expect(again).toBe(first)
    expect(await again.outcome).toBe(await first.outcome)
    expect(runs).toBe(1)
  })

  test('refuses a request id that comes back with another statement', () => {
    const ledger = new StatementLedger()
    ledger.begin(made('r', 'digest', 'q1'), () => outcome())
    expect(() => ledger.begin(made('r', 'other', 'q2'), () => outcome())).toThrow(
      expect.objectContaining({ entry: 'RequestIdReused' }),
    )
  })

  test('keeps outcomes within its bounds and still never runs a known request again', async () => {
    const ledger = new StatementLedger()
    const entries = Array.from({ length: 100 }, (_, index) =>
      ledger.begin(made(`r${index}`, 'd', `q${index}`), () => outcome(1024 * 1024)),
    )
    await Promise.all(entries.flatMap(({ outcome }) => outcome ?? []))
    expect(entries.filter((entry) => entry.outcome !== undefined).length).toBeLessThanOrEqual(32)
    expect(entries.at(-1)?.outcome).toBeDefined()
    expect(ledger.begin(made('r0', 'd', 'new'), () => outcome())).toBe(entries[0])
    expect(() => ledger.begin(made('r0', 'changed', 'new'), () => outcome())).toThrow()
  })

  test('runs each request id once and under one text, in whatever order requests come again', async () => {
    const asked = fc.record({
      id: fc.nat({ max: 5 }),
      text: fc.nat({ max: 2 }),
      fails: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 40 }), async (requests) => {
        const ledger = new StatementLedger()
        const first = new Map<number, number>()
        const runs = new Map<number, number>()
        for (const [index, { id, text, fails }] of requests.entries()) {
          const begin = () =>
            ledger.begin(made(`r${id}`, `d${text}`, `q${index}`), () => {
              runs.set(id, (runs.get(id) ?? 0) + 1)
              const envelope = { ...success({ total: 3 }), success: !fails, code: '000001' }
              return Promise.resolve({ envelope, size: 1 })
            })
          const known = first.get(id)
          if (known === undefined || known === text) {
            first.set(id, text)
            expect(await begin().outcome).toBe(await ledger.byRequest(`r${id}`)?.outcome)
          } else expect(begin).toThrow()
        }
        expect([...runs.values()].every((count) => count === 1)).toBe(true)
        expect(ledger.running()).toEqual([])
      }),
    )
  })

  test('tells when a statement began and ended, and what was told; of a forgotten one no message', async () => {
    let clock = 5
    const ledger = new StatementLedger(1, () => clock)
    const entry = ledger.begin(made('r', 'd', 'q'), () => {
      clock = 9
      const refused = { ...success(null), success: false, code: '003001', message: 'no' }
      return Promise.resolve({ envelope: refused, size: 1 })
    })
    expect(entry).toMatchObject({ startedAt: 5, state: 'running' })
    await entry.outcome
    const told = { code: '003001', message: 'no', rows: 0 }
    expect(entry).toMatchObject({ endedAt: 9, state: 'failed', told })
    ledger.forgetOutcomes()
    expect(entry).toMatchObject({ outcome: undefined, told: { ...told, message: null } })
  })
})

describe('the memory of all sessions', () => {
  const answer = (size: number) => () => Promise.resolve({ envelope: success({ total: 1 }), size })

  test('releases the oldest outcome of whichever session, never the newest', async () => {
    const memory = new OutcomeMemory(100)
    const [one, two] = [
      new StatementLedger(1, Date.now, memory),
      new StatementLedger(1, Date.now, memory),
    ]
    const first = one.begin({ requestId: 'a', digest: 'd', statement: 's1' }, answer(60))
    await first.outcome
    const second = two.begin({ requestId: 'b', digest: 'd', statement: 's2' }, answer(60))
    await second.outcome
    expect([first.outcome, second.outcome !== undefined]).toEqual([undefined, true])
    const huge = two.begin({ requestId: 'c', digest: 'd', statement: 's3' }, answer(500))
    await huge.outcome
    expect(huge.outcome).toBeDefined()
    expect(second.outcome).toBeUndefined()
    expect(memory.bytes).toBe(500)
  })

  test('is given back when a session is over, also by what ends later', async () => {
    const memory = new OutcomeMemory(100)
    const ledger = new StatementLedger(1, Date.now, memory)
    await ledger.begin({ requestId: 'a', digest: 'd', statement: 's1' }, answer(60)).outcome
    const { promise, resolve } = Promise.withResolvers<StatementRun>()
    const late = ledger.begin({ requestId: 'b', digest: 'd', statement: 's2' }, () => promise)
    ledger.close()
    resolve({ envelope: success(null), size: 50 })
    await late.outcome
    expect(memory.bytes).toBe(0)
  })

  test('is at most a quarter of a gigabyte, and at least what a session may keep', () => {
    expect([keptIn(384 * 2 ** 20), keptIn(2 ** 40), keptIn(0)]).toEqual(
      [48, 256, 32].map((size) => size * 2 ** 20),
    )
  })
})
