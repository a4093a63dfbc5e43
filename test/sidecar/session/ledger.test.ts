import { describe, expect, test } from 'vitest'

import { StatementLedger, type StatementRun } from '../../../sidecar/session/ledger.ts'
import { success } from '../../../sidecar/wire/envelope.ts'

function outcome(size = 10): Promise<StatementRun> {
  return Promise.resolve({ envelope: success({}), size })
}

describe('the ledger', () => {
  test('runs a statement once, however often its request comes', async () => {
    const ledger = new StatementLedger()
    let runs = 0
    const run = () => {
      runs += 1
      return outcome()
    }
    const first = ledger.begin('r', 'digest', 'q1', run)
    const again = ledger.begin('r', 'digest', 'q2', run)
    expect(again).toBe(first)
    expect(await again.outcome).toBe(await first.outcome)
    expect(runs).toBe(1)
  })

  test('refuses a request id that comes back with another statement', () => {
    const ledger = new StatementLedger()
    ledger.begin('r', 'digest', 'q1', () => outcome())
    expect(() => ledger.begin('r', 'other', 'q2', () => outcome())).toThrow(
      expect.objectContaining({ entry: 'RequestIdReused' }),
    )
  })

  test('keeps outcomes within its bounds and still never runs a known request again', async () => {
    const ledger = new StatementLedger()
    const entries = Array.from({ length: 100 }, (_, index) =>
      ledger.begin(`r${index}`, 'd', `q${index}`, () => outcome(1024 * 1024)),
    )
    await Promise.all(entries.flatMap(({ outcome }) => outcome ?? []))
    expect(entries.filter((entry) => entry.outcome !== undefined).length).toBeLessThanOrEqual(32)
    expect(entries.at(-1)?.outcome).toBeDefined()
    expect(ledger.begin('r0', 'd', 'new', () => outcome())).toBe(entries[0])
    expect(() => ledger.begin('r0', 'changed', 'new', () => outcome())).toThrow()
  })
})
