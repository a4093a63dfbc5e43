/** Methods of models are called only where a rule names model and method. */

import { describe, expect, test } from 'vitest'
import { isBuiltIn, listedName } from '../../../sidecar/policy/functions.ts'
import { printFunction } from '../../../sidecar/sql/names.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'

function called(sql: string) {
  const [use] = factsOf(parseStatement(sql).statement).functions
  if (use === undefined) throw new Error(`calls nothing: ${sql}`)
  return use
}

describe('a method', () => {
  test('is never built in, whatever its model or the method is called', () => {
    expect(isBuiltIn(called('SELECT upper!LOWER(a)'))).toBe(false)
  })

  test.each([
    ['SELECT d.s."m"!predict(a)', 'D.S."m"!PREDICT'],
    ['SELECT s.f(a)', 'S.F'],
  ])('in %s is called %s', (sql, words) => {
    expect(printFunction(called(sql))).toBe(words)
  })

  test.each([
    ['SELECT m!PREDICT(a)', 'M!PREDICT', true],
    ['SELECT d.s.m!PREDICT(a)', 'D.S.M!PREDICT', true],
    ['SELECT m!PREDICT(a)', 'M.PREDICT', false],
    ['SELECT m.predict(a)', 'M!PREDICT', false],
    ['SELECT "M!PREDICT"(a)', 'M!PREDICT', false],
    ['SELECT m.predict(a)', 'M.PREDICT', true],
  ])('%s by a rule for %s: %s', (sql, rule, listed) => {
    expect(listedName(called(sql)) === rule).toBe(listed)
  })
})
