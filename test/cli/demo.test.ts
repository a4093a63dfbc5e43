import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test, vi } from 'vitest'

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

  test('a Ctrl-C half-way leaves neither token nor recording behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frostgate-test-'))
    const env = { ...process.env, TMPDIR: folder }
    const child = spawn('node', ['cli/main.ts', 'demo'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    try {
      await vi.waitFor(
        async () => {
          const [place] = await readdir(folder)
          await access(join(folder, place ?? '', 'token'))
        },
        { timeout: 30_000, interval: 20 },
      )
      const exited = once(child, 'exit')
      child.kill('SIGINT')
      expect(await exited).toEqual([130, null])
      expect(await readdir(folder)).toEqual([])
    } finally {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    }
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
