import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { canarySearch } from '../../../sidecar/results/canaries.ts'
import { ChunkCheck, chunkExpectation } from '../../../sidecar/results/chunk-check.ts'

const canary = '900-00-0001'
const image = (cell: string | null): boolean => cell === null || /^\*{7}\d{4}$/.test(cell)
const columns = [
  { name: 'ID', image: null },
  { name: 'SSN', image },
]

const text = {
  name: 'C', type: 'text', nullable: true, length: 11, byteLength: 44, precision: null, scale: null, extTypeName: null,
} // prettier-ignore
const json = (width: number) => ({
  format: 'json' as const,
  columns: Array.from({ length: width }, () => text),
})

function newCheck(rows: number, canaries: readonly string[] = [], planned = columns): ChunkCheck {
  const expected = chunkExpectation(planned, json(planned.length), canarySearch(canaries))
  if (expected === undefined) throw new Error('nothing is to be looked for')
  return new ChunkCheck(expected, rows, () => 'incident-1')
}

type Row = readonly (string | null)[]
const body = (rows: readonly Row[]) => Buffer.from(rows.map((row) => JSON.stringify(row)).join(','))
const pieces = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )

/** What it says of a whole chunk: nothing, or the name of the error. */
async function verdict(check: ChunkCheck, sent: readonly Buffer[]): Promise<string> {
  try {
    for (const piece of sent) await check.take(piece)
    await check.end()
    return 'good'
  } catch (error) {
    return (error as { entry: string }).entry
  } finally {
    check.close()
  }
}

const good: readonly Row[] = [
  ['1', '*******3456'],
  ['2', null],
  ['3', '*******0000'],
]

describe.each([
  ['plain', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
  ['gzip in two members', (bytes: Buffer) => Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))])],
] as const)('a chunk, %s,', (_what, packed) => {
  const check = (rows: readonly Row[], size = 7, canaries: readonly string[] = []) =>
    verdict(newCheck(rows.length, canaries), pieces(packed(body(rows)), size))

  test('of masks is good', async () => {
    expect(await check(good)).toBe('good')
    expect(await check([])).toBe('good')
  })

  test('with one cell that its mask cannot give is not', async () => {
    expect(await check([...good, ['4', '900-12-3456']])).toBe('UpstreamAnswerRefused')
    expect(await check([['4', '"'], ...good])).toBe('UpstreamAnswerRefused')
  })

  test.each([
    ['in any column', [['x 900-00-0001 y', null]]],
    ['among escapes', [['"ssn": "\n900-00-0001"', null]]],
  ])('with a canary is not: %s', async (_where, rows) => {
    for (const size of [3, 7, 1_000]) expect(await check(rows, size, [canary])).toBe('CanarySeen')
  })

  test('with more or fewer rows than was said is not', async () => {
    for (const rows of [2, 4]) {
      expect(await verdict(newCheck(rows), pieces(packed(body(good)), 50))).toBe(
        'UpstreamAnswerRefused',
      )
    }
  })

  test('that ends in the middle of a row is not', async () => {
    const half = packed(body(good).subarray(0, -2))
    expect(await verdict(newCheck(3), [half])).toBe('UpstreamAnswerRefused')
  })
}) // prettier-ignore

describe('a chunk is not good', () => {
  test('if a canary is spelled by escapes', async () => {
    const spelled = Buffer.from('["\\u0039\\u0030\\u0030-00-0001","*******3456"]')
    expect(await verdict(newCheck(1, [canary]), [spelled])).toBe('CanarySeen')
  })

  test.each([
    ['it is no JSON', Buffer.from('<Error/>')],
    ['its gzip is broken', Buffer.concat([gzipSync(body(good)).subarray(0, 20), Buffer.from('x')])],
    ['its gzip ends early', gzipSync(body(good)).subarray(0, -9)],
    ['something stands behind its gzip', Buffer.concat([gzipSync(body(good)), Buffer.from('x["')])],
    [
      'more stands behind zeros after its gzip',
      Buffer.concat([gzipSync(body(good)), Buffer.from('\0x["')]),
    ],
    ['it is packed twice', gzipSync(gzipSync(body(good)))],
  ])('if %s', async (_what, bytes) => {
    for (const size of [5, 1_000]) {
      expect(await verdict(newCheck(3), pieces(bytes, size))).toBe('UpstreamAnswerRefused')
    }
  })
})

describe('no byte of a cell is settled', () => {
  test('before the cell was checked, wherever the bytes are cut', async () => {
    const cut = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(cut, fc.nat(3), async (sizes, wrong) => {
        const rows = good.map((row, index) => (index === wrong ? ['x', 'raw-value'] : row))
        const bytes = body(rows)
        const raw = bytes.indexOf('raw-value')
        const check = newCheck(3)
        const sent: Buffer[] = []
        let at = 0
        let missed = false
        try {
          for (let index = 0; at < bytes.length; index += 1) {
            const size = sizes[index % sizes.length] ?? 1
            const piece = bytes.subarray(at, at + size)
            at += size
            await check.take(piece)
            sent.push(piece)
          }
        } catch {
          missed = true
        }
        const settled = Buffer.concat(sent.slice(0, check.settled)).length
        expect(missed).toBe(wrong < 3)
        if (wrong < 3) expect(settled).toBeLessThanOrEqual(raw)
        else expect(settled).toBe(bytes.length)
      }),
      { numRuns: 300 },
    )
  })

  test('and what stands before an open cell is, however long the chunk', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => [String(index), '*******3456'])
    const check = newCheck(500)
    let held = 0
    let sent = 0
    for (const piece of pieces(body(rows), 10)) {
      await check.take(piece)
      sent += 1
      held = Math.max(held, sent - check.settled)
    }
    expect(held).toBeLessThanOrEqual(3)
  })
})

test('a chunk in which nothing is to be looked for is not read', () => {
  const none = canarySearch([])
  expect(chunkExpectation([{ name: 'ID', image: null }], json(1), none)).toBeUndefined()
  expect(chunkExpectation(null, json(2), none)).toBeUndefined()
  expect(chunkExpectation(null, json(2), canarySearch([canary]))?.images).toEqual([null, null])
})
