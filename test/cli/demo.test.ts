import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { scenes } from '../../cli/demo/scenes.ts'

const run = promisify(execFile)
const truth = { ssns: new Map([['1', '900-12-3456']]), orders: 3 }

function scene(title: string) {
  const found = scenes.find((each) => each.title.startsWith(title))
  if (!found) throw new Error(`no scene ${title}`)
  return found
}

describe('frostgate demo', () => {
  test('plays every scene as promised and ends with 0', async () => {
    const { stdout } = await run('node', ['cli/main.ts', 'demo', '--json'], { maxBuffer: 1 << 24 })
    const { ok, scenes: played } = JSON.parse(stdout) as {
      ok: boolean
      scenes: { complaint?: string }[]
    }
    expect(played.length).toBe(scenes.length + 4)
    expect(played.filter(({ complaint }) => complaint !== undefined)).toEqual([])
    expect(ok).toBe(true)
    expect(stdout).not.toMatch(/9\d\d-\d\d-\d{4}(?!')/)
  }, 60_000)

  test.each([
    ['a raw value', [{ ID: 1, SSN: '900-12-3456' }]],
    ["another patient's mask", [{ ID: 1, SSN: '*******9999' }]],
    ['NULL in place of a mask', [{ ID: 1, SSN: null }]],
    ['no rows', []],
  ])('complains of %s', (_what, rows) => {
    const { judge, sql } = scene('Patients')
    expect(judge({ sql, rows }, truth)).toBeTypeOf('string')
    expect(judge({ sql, rows: [{ ID: 1, SSN: '*******3456' }] }, truth)).toBeUndefined()
  })

  test('complains of a refusal that did not come, or does not say why', () => {
    const { judge, sql } = scene('DROP TABLE')
    const error = { code: '003001', sqlState: '42501', message: 'Something failed.' }
    expect(judge({ sql, rows: [] }, truth)).toBe('it ran')
    expect(judge({ sql, error }, truth)).toContain('"never"')
    expect(
      judge({ sql, error: { ...error, message: 'rule "never". Ask #data-platform' } }, truth),
    ).toBeUndefined()
  })

  test('complains of rows that are missing from a big result', () => {
    const { judge, sql } = scene('A big result')
    expect(judge({ sql, total: 2 }, truth)).toContain('2 rows came of 3')
    expect(judge({ sql, total: 3 }, truth)).toBeUndefined()
  })
})
