import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { kinds, look, messages, rowtype, streamOf, table, type Built } from './build.ts'

describe('what Apache Arrow writes is good', () => {
  test.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_name, kind) => {
    const cells = fc.array(fc.option(kind.cell), { maxLength: 70 })
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 80 }), (column, size) => {
        const built: Built = { kind, nullable: true, cells: column }
        const bytes = streamOf([built], size)
        const { looked, seen } = decode(bytes, [built], size)
        expect(looked).toMatchObject({ verdict: 'good', rows: column.length, safe: bytes.length })
        // Decoded as the same cells are in JSON.
        expect(seen).toEqual([column.map((cell) => cell?.text ?? null)])
      }),
      { numRuns: 40 },
    )
  })

  test('in tables of any columns, cut into pieces of any size', () => {
    const size = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(table, size, size, (columns, batch, piece) => {
        const bytes = streamOf(columns, batch)
        expect(look(bytes, expected(columns), { size: piece }).verdict).toBe('good')
        expect(decode(bytes, columns, piece).seen).toEqual(texts(columns))
      }),
      { numRuns: 200 },
    )
  })
})

const expected = (columns: readonly Built[]) => ({ columns: columns.map(rowtype) })
const texts = (columns: readonly Built[]) =>
  columns.map(({ cells }) => cells.map((cell) => cell?.text ?? null))

/** All cells of all columns, as the gateway reads them. */
function decode(bytes: Buffer, columns: readonly Built[], size?: number) {
  const seen = columns.map((): (string | null)[] => [])
  const images = seen.map((column) => (cell: string | null) => column.push(cell) > 0)
  const looked = look(bytes, { ...expected(columns), images }, size === undefined ? {} : { size })
  return { looked, seen }
}

/** Of which types drivers act on which notes. */
const acted: ReadonlyMap<string, readonly string[]> = new Map([
  ['FIXED', ['precision', 'scale']],
  ['TIME', ['scale']],
  ['TIMESTAMP_NTZ', ['scale']],
  ['TIMESTAMP_LTZ', ['scale']],
  ['TIMESTAMP_TZ', ['scale', 'byteLength']],
])

/** What a driver acts on, as another reader reads it. */
function meaning(bytes: Buffer): string {
  const read = tableFromIPC(bytes)
  const fields = read.schema.fields.map(({ name, type, metadata }) => [
    name,
    String(type),
    metadata.get('logicalType'),
    ...(acted.get(metadata.get('logicalType') ?? '') ?? []).map(
      // The layout of three parts may go without being named.
      (key) => metadata.get(key) ?? (key === 'byteLength' ? '16' : undefined),
    ),
  ])
  const cells = read.schema.fields.map((_field, index) => {
    const column = read.getChildAt(index)
    return Array.from({ length: read.numRows }, (_, row) => String(column?.get(row)))
  })
  return JSON.stringify([fields, cells])
}

describe('a stream that was changed', () => {
  /** A column of each type, with and without nulls, in two batches. */
  const [sample = []] = fc.sample(
    fc.tuple(
      ...kinds.map((kind, index) =>
        fc
          .array(index % 3 === 0 ? kind.cell : fc.option(kind.cell, { freq: 2 }), {
            minLength: 5,
            maxLength: 5,
          })
          .map((cells): Built => ({ kind, nullable: index % 3 !== 0, cells })),
      ),
    ),
    { numRuns: 1, seed: 11 },
  )
  const bytes = streamOf(sample, 3)
  const rows = { rows: 5 }

  test('is refused wherever it is cut off', () => {
    const starts = new Set(messages(bytes, sample.length).map(({ from }) => from))
    for (let to = 0; to < bytes.length; to += 1) {
      const looked = look(bytes.subarray(0, to), expected(sample), rows)
      // Between messages a stream may end; that rows are missing shows in their number.
      if (starts.has(to) && to > 0) expect(looked.rows < 5 || to === bytes.length - 8).toBe(true)
      else expect(looked.verdict).not.toBe('good')
    }
  })

  test('is read or refused, whatever was done to it, and nothing else happens', () => {
    const at = fc.nat(bytes.length)
    const change = fc.oneof(
      fc.record({ at, put: fc.uint8Array({ minLength: 1, maxLength: 9 }) }),
      fc.record({ at, put: fc.uint8Array({ maxLength: 9 }), out: fc.nat(80) }),
      fc.record({ at, copy: fc.nat(400), out: fc.nat(40) }),
      fc.record({ at, put: fc.constantFrom(...[0, 0x7f, 0xff].map((byte) => new Uint8Array(8).fill(byte))) }),
    )
    const verdicts = new Map<string, number>()
    const began = process.memoryUsage().rss
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5_000 }), (changes, size) => {
        const changed = changes.reduce((now, each) => {
          const put = 'put' in each ? Buffer.from(each.put) : now.subarray(each.at, each.at + each.copy)
          const out = 'out' in each ? each.out : put.length
          return Buffer.concat([now.subarray(0, each.at), put, now.subarray(each.at + out)])
        }, bytes)
        const { verdict } = look(changed, expected(sample), { ...rows, size })
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
        decode(changed, sample, size)
      }),
      { numRuns: 6_000 },
    )
    expect(verdicts.size).toBeGreaterThan(10)
    expect(process.memoryUsage().rss - began).toBeLessThan(400 * 1024 * 1024)
  })

  test('is refused or means the same, whichever byte of its headers is another', { timeout: 180_000 }, () => {
    const [before, cells] = [meaning(bytes), texts(sample)]
    const wrong: string[] = []
    let accepted = 0
    let refused = 0
    for (const { from, to } of messages(bytes, sample.length)) {
      for (let at = from; at < to; at += 1) {
        for (const flip of [0x01, 0x08, 0xff]) {
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ flip
          if (look(changed, expected(sample), rows).verdict !== 'good') {
            refused += 1
            continue
          }
          accepted += 1
          const read = decode(changed, sample)
          const same = JSON.stringify(read.seen) === JSON.stringify(cells)
          if (!same || meaning(changed) !== before) wrong.push(`byte ${String(at)} ^ ${String(flip)}`)
        }
      }
    }
    expect(wrong).toEqual([])
    // Padding, notes that no driver reads, and which nulls there could be.
    expect(accepted / (accepted + refused)).toBeLessThan(0.35)
  })
}) // prettier-ignore
