/** A few cases of each part, so that the soak itself is known to work; `npm run soak` is the rest. */

import { expect, test } from 'vitest'

import { fuzzAnswers } from './answers/run.ts'
import { runFaults } from './faults/run.ts'
import { fuzzRequests } from './requests/run.ts'
import { reproduction, Tally } from './tally.ts'

const seed = 6

const counted = (tally: Tally, pattern: RegExp): number =>
  [...tally.rows].reduce((sum, [name, { count }]) => (pattern.test(name) ? sum + count : sum), 0)

function expectGood(tally: Tally): void {
  const told = tally.violations.map((each) => `${each.what} (${reproduction(each, seed)})`)
  expect(told).toEqual([])
}

test('requests', { timeout: 120_000 }, async () => {
  const tally = new Tally()
  await fuzzRequests({ seed, cases: 60 }, tally)
  expectGood(tally)
  expect(counted(tally, /^request/)).toBe(60)
  expect(counted(tally, /^refusals recorded/)).toBeGreaterThan(15)
})

test('answers', { timeout: 120_000 }, async () => {
  const tally = new Tally()
  await fuzzAnswers({ seed, cases: 32 }, tally)
  expectGood(tally)
  expect(counted(tally, /^answer/)).toBe(32)
})

test('faults', { timeout: 120_000 }, async () => {
  const tally = new Tally()
  await runFaults({ seed, cases: 1 }, tally)
  expectGood(tally)
  expect(tally.rows.size).toBe(2)
})
