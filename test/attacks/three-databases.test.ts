/** A share of what `npm run attacks` does: all lists, methods and far more statements run there. */

import { describe, expect, test } from 'vitest'

import { printed } from './three-databases/report.ts'
import { runSuite, type SuiteOptions } from './three-databases/suite.ts'

const common = { usage: 'Strict', seed: 1, generate: 60, lists: ['guards'] } as const

const runs: readonly SuiteOptions[] = [
  { ...common, method: 'partial' },
  { ...common, method: 'redact', usage: 'AtRead' },
]

describe('three databases that differ only in protected values cannot be told apart', () => {
  test.each(runs)('masked by $method, used as $usage', { timeout: 180_000 }, async (options) => {
    const { attacks, generated } = await runSuite(options)
    for (const { findings } of [attacks, generated]) {
      expect(findings.map(printed)).toEqual([])
    }
    const ran = (generated.ended.get('mask') ?? 0) / generated.statements
    expect(generated.statements).toBe(options.generate)
    expect(attacks.statements).toBeGreaterThan(50)
    // A gateway that refuses everything gives nothing away, either.
    if (options.usage === 'Strict') expect(ran).toBeGreaterThan(0.4)
  })
})
