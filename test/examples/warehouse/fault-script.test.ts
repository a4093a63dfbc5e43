import { expect, describe, test } from 'vitest'
import {
  type FaultScript,
  parseFaultScript,
  playScript,
} from '../../../examples/warehouse/http/fault-script.ts'

const query = (sqlText = 'SELECT 1') => ({
  route: 'query',
  method: 'POST',
  path: '/queries/v1/query-request',
  sqlText,
})

/** Which of so many requests are struck, from 1. */
function strikes(script: FaultScript, count: number, sql?: string): readonly number[] {
  const hook = playScript(script)
  const all = Array.from({ length: count }, (_, index) => (hook(query(sql)) ? index + 1 : 0))
  return all.filter((position) => position > 0)
}

const html = { kind: 'html' } as const

describe('a rule strikes', () => {
  test.each([
    [[1, 2, 3], { route: 'query' }],
    [[1, 2, 3], { route: '*' }],
    [[], { route: 'chunk' }],
    [[2], { route: 'query', nth: 2 }],
    [[1, 3], { route: 'query', nth: [3, 1] }],
    [[1, 2], { route: 'query', times: 2 }],
    [[1, 2, 3], { route: 'query', sql: 'select' }],
    [[], { route: 'query', sql: 'insert' }],
    [[], { route: 'query', probability: 0 }],
    [[1, 2, 3], { route: 'query', probability: 1 }],
  ])('%j of three requests with %j', (expected, rule) => {
    expect(strikes({ rules: [{ ...rule, fault: html }] }, 3)).toEqual(expected)
  })

  test('by dice that fall the same way for the same seed', () => {
    const script = (seed: number): FaultScript => ({
      seed,
      rules: [{ route: 'query', probability: 0.3, fault: html }],
    })
    const first = strikes(script(7), 1000)
    expect(first).toEqual(strikes(script(7), 1000))
    expect(first).not.toEqual(strikes(script(8), 1000))
    expect(first.length).toBeGreaterThan(240)
    expect(first.length).toBeLessThan(360)
  })

  test('counting its own requests, whatever other rules do', () => {
    const hook = playScript({
      rules: [
        { route: '*', nth: 1, fault: { kind: 'hang' } },
        { route: 'query', nth: 2, fault: html },
      ],
    })
    expect([hook(query()), hook(query())]).toEqual([{ kind: 'hang' }, html])
  })
})

describe('a script as text', () => {
  test('is read when it is right', () => {
    const script = {
      seed: 3,
      rules: [
        { route: 'query', nth: [1, 2], fault: { kind: 'status', status: 503 } },
        {
          route: 'query',
          sql: 'A',
          fault: { kind: 'reorder', until: { route: 'query', sql: 'B' }, atMostMs: 1000 },
        },
        { route: 'chunk', probability: 0.1, fault: { kind: 'wrongRows', change: 'fewer' } },
        { route: 'query', fault: { kind: 'hostile', fields: ['proto', 'command'] } },
      ],
    }
    expect(parseFaultScript(JSON.stringify(script))).toEqual(script)
  })

  test.each([
    ['{}', /rules/],
    ['{"rules":[{"route":"query"}]}', /fault/],
    ['{"rules":[{"route":"query","fault":{"kind":"explode"}}]}', /kind|tag/],
    ['{"rules":[{"route":"query","fault":{"kind":"drop"}}]}', /when/],
    ['{"rules":[{"route":"query","nth":0,"fault":{"kind":"html"}}]}', /nth/],
    ['{"rules":[{"route":"query","often":1,"fault":{"kind":"html"}}]}', /additional/],
    ['{"rules":[{"route":"query","fault":{"kind":"hostile","fields":["nice"]}}]}', /fields/],
  ])('%s is refused', (json, reason) => {
    expect(() => parseFaultScript(json)).toThrow(reason)
  })
})
