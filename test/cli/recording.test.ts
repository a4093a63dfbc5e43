import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { beforeAll, describe, expect, test } from 'vitest'

import {
  linesOf,
  received,
  recordSample,
  sampleEvents,
  writeLines,
} from '../sidecar/recording/sample.ts'
import { frostgate } from './frostgate.ts'

let sample: string
let broken: string
beforeAll(async () => {
  sample = await recordSample()
  broken = await recordSample()
  const bytes = await readFile(broken)
  const at = bytes.indexOf('*******6789')
  bytes[at] = 'x'.charCodeAt(0)
  await writeFile(broken, bytes)
})

describe('frostgate verify', () => {
  test('a good recording is exit code 0, with its end and head', async () => {
    const { code, stdout, stderr } = await frostgate(['verify', sample])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`VERIFIED: 13 lines and 1 blob of ${sample}`)
    expect(stdout).toContain('It ends with the stop of the gateway.')
    expect(stdout).toMatch(/Head: seq 12, 2026-03-01T\S+, [0-9a-f]{64}/)
  })

  test('one altered byte is exit code 1, with the line and what differs', async () => {
    const { code, stdout } = await frostgate(['verify', broken])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^BROKEN at line 6, byte \d+ of .* \(Hash\): the content hashes to /)
    expect(stdout).toContain('The 5 lines before it are good.')
  })

  test('--json prints the report, with the same exit code', async () => {
    const { code, stdout } = await frostgate(['verify', broken, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      lines: 5,
      fault: { kind: 'Hash', line: 6 },
    })
  })

  test('a cut end is said to be possible, and --head finds it', async () => {
    const cut = await recordSample()
    const lines = await linesOf(cut)
    const { hash } = JSON.parse(lines.at(-1) ?? '') as { hash: string }
    await writeLines(cut, lines.slice(0, -1))
    const plain = await frostgate(['verify', cut])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toContain('the end was cut off')
    const anchored = await frostgate(['verify', cut, '--head', hash])
    expect(anchored.code).toBe(1)
    expect(anchored.stdout).toContain('(HeadMissing)')
  })

  test('warnings are shown', async () => {
    const path = await recordSample()
    await writeFile(join(path.replace('.jsonl', '.blobs'), 'a\u001b[31mstray'), '')
    const { code, stdout } = await frostgate(['verify', path])
    expect(code).toBe(0)
    expect(stdout).toContain('Warning: no line names a�[31mstray in the blob folder.')
  })
})

describe('frostgate replay', () => {
  test('it says first that the recording is verified, then what happened', async () => {
    const { code, stdout, stderr } = await frostgate(['replay', sample])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^VERIFIED: 13 lines/)
    for (const shown of ['agent-7', '*******6789', 'DENIED  DropTable', 'closed  logout']) {
      expect(stdout).toContain(shown)
    }
  })

  test('of a broken one it says so first, shows what precedes, and is exit code 1', async () => {
    const { code, stdout } = await frostgate(['replay', broken])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^BROKEN at line 6/)
    expect(stdout).toContain('agent-7')
    expect(stdout).not.toContain('6789')
    expect(stdout).not.toContain('DropTable')
  })

  test('--rows bounds the rows shown', async () => {
    const { stdout } = await frostgate(['replay', sample, '--rows', '1'])
    expect(stdout).toContain('*******6789')
    expect(stdout).not.toContain('*******0001')
    expect(stdout).toContain('… 2 more rows')
  })

  test('--session shows one session; one that is not there is named', async () => {
    const path = await recordSample([...sampleEvents, { ...received('q1'), session: 's2' }])
    const one = await frostgate(['replay', path, '--session', 's2'])
    expect(one.code).toBe(0)
    expect(one.stdout).toContain('Session s2')
    expect(one.stdout).not.toContain('Session s1')
    const none = await frostgate(['replay', path, '--session', 's3'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('No session s3')
  })

  test('--json holds the verification and the timeline', async () => {
    const { stdout } = await frostgate(['replay', sample, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      verification: { ok: true },
      timeline: { items: [{ what: 'gateway started' }, { what: 'login' }, { session: 's1' }, {}] },
    })
  })

  test('a reader that stops early is no failure with a stack trace', async () => {
    const events = Array.from({ length: 3000 }, (_, i) => received(`q${i}`, 'x'.repeat(150)))
    const path = await recordSample([...events])
    const main = join(import.meta.dirname, '../../cli/main.ts')
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        '"$0" "$1" replay "$2" | head -1; echo "${PIPESTATUS[0]}"',
        process.execPath,
        main,
        path,
      ],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^VERIFIED: 3,000 lines.*\n141\n$/)
  })
})
