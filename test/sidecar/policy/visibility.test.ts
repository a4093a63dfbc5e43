import { expect, test } from 'vitest'
import { visible } from '../../../sidecar/policy/visibility.ts'
import { pattern } from './support.ts'

const patterns = [pattern('ANALYTICS.*.*'), pattern('HEALTH.PHI.VISITS')]

test.each([
  [true, { database: 'ANALYTICS' }],
  [true, { database: 'ANALYTICS', schema: 'ANY', name: 'ANY' }],
  [true, { database: 'HEALTH' }],
  [true, { database: 'HEALTH', schema: 'PHI' }],
  [true, { database: 'HEALTH', schema: 'PHI', name: 'VISITS' }],
  [false, { database: 'HEALTH', schema: 'PHI', name: 'PATIENTS' }],
  [false, { database: 'HEALTH', schema: 'OTHER' }],
  [false, { database: 'FINANCE' }],
  [false, { database: 'analytics' }],
])('%s: %j is seen', (seen, listed) => {
  expect(visible(patterns, listed)).toBe(seen)
})

test("a wildcard does not show Snowflake's own database", () => {
  expect(visible([pattern('*.*.*')], { database: 'ANALYTICS' })).toBe(true)
  expect(visible([pattern('*.*.*')], { database: 'SNOWFLAKE' })).toBe(false)
  expect(visible([pattern('SNOWFLAKE.*.*')], { database: 'SNOWFLAKE' })).toBe(true)
})

test('without patterns nothing is seen', () => {
  expect(visible([], { database: 'ANALYTICS' })).toBe(false)
})
