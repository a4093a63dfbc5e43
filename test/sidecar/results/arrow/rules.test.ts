import { gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import {
  CompressionType, compressionRegistry, Dictionary, Field, Int16, Int32, Int64, Int8, LargeUtf8, List, Null, RecordBatchStreamWriter, Schema, Struct, TimestampMillisecond,
  Uint8, Utf8, vectorFromArray, makeData, RecordBatch, type DataType,
} from 'apache-arrow' // prettier-ignore
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { canarySearch } from '../../../../sidecar/results/canaries.ts'
import { ChunkCheck, chunkExpectation } from '../../../../sidecar/results/chunk-check.ts'
import type { UpstreamColumn } from '../../../../sidecar/upstream/answer.ts'
import { fieldOf, kinds, look, pack, rowtype, streamOf, type Built, type Kind } from './build.ts'

const kind = (name: string): Kind => {
  const found = kinds.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no kind is named ${name}`)
  return found
}
const built = (name: string, values: readonly unknown[], nullable = true): Built => ({
  kind: kind(name),
  nullable,
  cells: values.map((value) => (value === null ? null : { value, text: '' })),
})

const id = built('fixed of 8 bits, scale 0', [1, 2, 3], false)
const ssn = built('text as TEXT', ['*******3456', null, '*******0000'])
const at = built('timestamp_tz in two parts', [{ epoch: 1n, timezone: 1440 }, null, { epoch: 2n, timezone: 960 }]) // prettier-ignore
const sample = [id, ssn, at]
const columns = sample.map(rowtype)

/** The sample with one field as it is not sent. */
function withField(index: number, field: Field): Buffer {
  const fields = sample.map((each, place) => (place === index ? field : fieldOf(each, place)))
  return streamOf(sample, 2, new Schema(fields))
}
const noted = (index: number, notes: Record<string, string | undefined>, type?: DataType): Buffer => {
  const field = fieldOf(sample[index] ?? id, index)
  const metadata = new Map(field.metadata)
  for (const [key, value] of Object.entries(notes))
    if (value === undefined) metadata.delete(key)
    else metadata.set(key, value)
  return withField(index, new Field(field.name, type ?? (field.type as DataType), field.nullable, metadata))
} // prettier-ignore

/** One column of a type that Snowflake never sends, with the marks of another. */
function foreign(type: DataType, values: readonly unknown[]): Buffer {
  const vector = vectorFromArray(values, type as never)
  const schema = new Schema([new Field('C0', type, true, fieldOf(ssn, 0).metadata)])
  const data = makeData({ type: new Struct(schema.fields), length: values.length, nullCount: 0, children: [vector.data[0] as never] }) // prettier-ignore
  const writer = new RecordBatchStreamWriter()
  writer.reset(undefined, schema)
  writer.write(new RecordBatch(schema, data as never))
  writer.finish()
  return Buffer.from(writer.toUint8Array(true))
}

test('the sample itself is good', () => {
  expect(look(streamOf(sample), { columns }).verdict).toBe('good')
  expect(look(streamOf(sample, 1), { columns }, { size: 1 }).verdict).toBe('good')
})

test('integers may be of any width, from one stream to the next too', () => {
  for (const type of [new Int8(), new Int16(), new Int32(), new Int64()])
    expect(look(noted(0, {}, type), { columns }).verdict).toBe('good')
})

describe('a schema is refused', () => {
  test.each<[string, Buffer]>([
    ['without a logical type', noted(1, { logicalType: undefined })],
    ['with a logical type of lower case', noted(1, { logicalType: 'text' })],
    ['with that of another type', noted(1, { logicalType: 'VARIANT' })],
    ['with a number marked as text', noted(0, { logicalType: 'TEXT' })],
    ['without a precision', noted(0, { precision: undefined })],
    ['with a precision that is no number', noted(0, { precision: 'x' })],
    ['with a precision of nothing', noted(0, { precision: '' })],
    ['with a precision of 0', noted(0, { precision: '0' })],
    ['with another precision than was said', noted(0, { precision: '37' })],
    ['without a scale', noted(0, { scale: undefined })],
    ['with another scale than was said', noted(0, { scale: '2' })],
    ['with a negative scale', noted(0, { scale: '-1' })],
    ['with a scale that is no number where none is needed', noted(1, { scale: 'two' })],
    ['with a time zone of other parts than it says', noted(2, { byteLength: '16' })],
    ['with a time zone of parts in no known number', noted(2, { byteLength: '4' })],
    ['with texts in place of numbers', noted(0, {}, new Utf8())],
    ['with numbers in place of texts', noted(1, {}, new Int32())],
    ['with numbers without sign', noted(0, {}, new Uint8())],
    ['with a note that makes a reader run code', noted(1, { 'ARROW:extension:name': 'arrow.py_extension_type' })],
    ['with a note of pandas', noted(1, { pandas: 'x' })],
    ['with another name', withField(1, new Field('X', new Utf8(), true, fieldOf(ssn, 1).metadata))],
    ['with parts in another order', withField(2, new Field('C2', new Struct([new Field('timezone', new Int32(), true), new Field('epoch', new Int64(), true)]), true, fieldOf(at, 2).metadata))],
    ['with parts of another name', withField(2, new Field('C2', new Struct([new Field('epoch', new Int64(), true), new Field('zone', new Int32(), true)]), true, fieldOf(at, 2).metadata))],
    ['with fewer columns', streamOf([id, ssn])],
    ['with more columns', streamOf([id, ssn, at, id])],
    ['in another order', streamOf([ssn, id, at])],
  ])('%s', (_what, bytes) => {
    const looked = look(bytes, { columns })
    expect(looked.verdict).not.toBe('good')
    expect(looked.rows).toBe(0)
  }) // prettier-ignore

  test.each<[string, DataType, readonly unknown[]]>([
    ['a dictionary', new Dictionary(new Utf8(), new Int32()), ['a', 'a']],
    ['long texts', new LargeUtf8(), ['a']],
    ['a list', new List(new Field('item', new Utf8(), true)), [['a']]],
    ['nothing but nulls', new Null(), [null]],
    ["Arrow's own timestamps", new TimestampMillisecond(), [1]],
  ])('with %s', (_what, type, values) => {
    const looked = look(foreign(type, values), { columns: [rowtype(ssn, 0)] })
    expect(looked).toMatchObject({ rows: 0, safe: 0 })
    expect(looked.verdict).not.toBe('good')
  })

  test('of a type that this version does not know', () => {
    const unknown = { ...rowtype(ssn, 0), type: 'file' }
    expect(look(streamOf([ssn]), { columns: [unknown] }).verdict).not.toBe('good')
  })

  test('with notes of its own, or a second time', () => {
    const fields = sample.map(fieldOf)
    const bytes = streamOf(sample, 9, new Schema(fields, new Map([['pandas', '{}']])))
    expect(look(bytes, { columns }).verdict).toContain('notes')
    const twice = Buffer.concat([streamOf(sample).subarray(0, -8), streamOf(sample)])
    expect(look(twice, { columns }).verdict).toContain('two schemas')
  })

  test('with compressed rows', () => {
    compressionRegistry.set(CompressionType.ZSTD, {
      encode: (bytes) => zstdCompressSync(bytes),
      decode: (bytes) => zstdDecompressSync(bytes),
    })
    const options = { compressionType: CompressionType.ZSTD }
    const bytes = streamOf(sample, 9, undefined, new RecordBatchStreamWriter(options))
    expect(look(bytes, { columns }).verdict).toContain('compressed')
  })
})

describe('rows are refused', () => {
  test.each<[string, Buffer, string]>([
    ['with a null that cannot be', streamOf([{ ...id, cells: [{ value: 1, text: '' }, null] }]), 'null'],
    ['with bytes behind the end', Buffer.concat([streamOf([id]), Buffer.from('x')]), 'behind its end'],
    ['in a file, not a stream', Buffer.concat([Buffer.from('ARROW1\0\0'), streamOf([id])]), 'not made of Arrow'],
    ['in JSON', Buffer.from('["1"],["2"]'), 'not made of Arrow'],
    ['without a schema', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), 'ends before'],
    ['of nothing at all', Buffer.alloc(0), 'ends before'],
  ])('%s', (_what, bytes, reason) => {
    expect(look(bytes, { columns: [rowtype(id, 0)] }).verdict).toContain(reason)
  }) // prettier-ignore

  test('of which there are more than was said, before one of them leaves', () => {
    const looked = look(streamOf(sample), { columns }, { rows: 2, size: 1 })
    expect(looked.verdict).toContain('more rows')
    expect(looked.safe).toBeLessThanOrEqual(streamOf(sample).indexOf('*******3456'))
  })

  test('with offsets that lead back, or out of the column', () => {
    const data = pack(new Utf8(), ['abcd', 'efgh'])
    for (const offsets of [[0, 6, 4], [0, 4, 90], [-1, 4, 8], [0, 0, 2_000_000_000]]) {
      const bytes = streamOf([built('text as TEXT', ['abcd', 'efgh'])])
      const found = bytes.indexOf(Buffer.from((data.valueOffsets as Int32Array).buffer))
      Buffer.from(Int32Array.from(offsets).buffer).copy(bytes, found)
      expect(found).toBeGreaterThan(0)
      expect(look(bytes, { columns: [rowtype(ssn, 0)] }).verdict).toContain('outside of its column')
    }
  }) // prettier-ignore

  test('with more nulls, or fewer, than they say', () => {
    const bytes = streamOf([built('text as TEXT', ['a', null, 'c', 'd', 'e', 'f', 'g', 'h', 'i'])])
    const bits = bytes.indexOf(Buffer.from([0b11111101, 1]))
    bytes[bits] = 0b11111111
    expect(look(bytes, { columns: [rowtype(ssn, 0)] }).verdict).toContain('nulls')
  })
})

describe('masked columns', () => {
  const image = (cell: string | null): boolean => cell === null || /^\*{7}\d{4}$/.test(cell)

  test.each<[string, string, readonly unknown[], string]>([
    ['texts', 'text as TEXT', ['*******0000', '900-12-3456'], '900-12-3456'],
    ['numbers', 'fixed of 64 bits, scale 0', [0n, 7n], '7'],
    ['long numbers', 'fixed of 128 bits, scale 2', [0n, -5n], '-0.05'],
    ['instants', 'timestamp_tz in two parts', [{ epoch: 0n, timezone: 1440 }, { epoch: -1n, timezone: 0 }], '-1.999 0'],
  ])('%s hold masks only', (_what, name, values, raw) => {
    const column = built(name, values)
    const look1 = (mask: (cell: string | null) => boolean) =>
      look(streamOf([column]), { columns: [rowtype(column, 0)], images: [mask] })
    expect(look1((cell) => cell !== raw).verdict).toContain('mask')
    expect(look1((cell) => cell !== 'another').verdict).toBe('good')
  }) // prettier-ignore

  test('leave no byte of a cell before it was checked, wherever the stream is cut', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 })
    const batches = fc.constantFrom(1, 7, 20)
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(20), batches, async (cut, wrong, batch) => {
        const cells = Array.from({ length: 20 }, (_, row) =>
          row === wrong ? 'raw-value' : '*******0000',
        )
        const bytes = streamOf([built('text as TEXT', cells)], batch)
        const check = newCheck([rowtype(ssn, 0)], [image], 20)
        const ends: number[] = []
        let missed = false
        try {
          for (let at = 0, index = 0; at < bytes.length; index += 1) {
            const piece = bytes.subarray(at, at + (cut[index % cut.length] ?? 1))
            at += piece.length
            await check.take(piece)
            ends.push(at)
          }
          await check.end()
        } catch {
          missed = true
        }
        const settled = ends[check.settled - 1] ?? 0
        expect(missed).toBe(wrong < 20)
        if (missed) expect(settled).toBeLessThanOrEqual(bytes.indexOf('raw-value'))
        else expect(settled).toBe(bytes.length)
      }),
      { numRuns: 200 },
    )
  })

  test('are checked in gzip, and to the number of rows that was said', async () => {
    const bytes = gzipSync(streamOf([built('text as TEXT', ['*******0000', null])]))
    const verdict = async (rows: number): Promise<string> => {
      const check = newCheck([rowtype(ssn, 0)], [image], rows)
      try {
        await check.take(bytes.subarray(0, 30))
        await check.take(bytes.subarray(30))
        await check.end()
        return 'good'
      } catch (error) {
        return (error as { entry: string }).entry
      } finally {
        check.close()
      }
    }
    expect(await verdict(2)).toBe('good')
    for (const rows of [1, 3]) expect(await verdict(rows)).toBe('UpstreamAnswerRefused')
  })
})

function newCheck(
  described: readonly UpstreamColumn[],
  images: readonly ((cell: string | null) => boolean)[],
  rows: number,
  canaries: readonly string[] = [],
): ChunkCheck {
  const planned = images.map((image) => ({ name: null, image }))
  const result = { format: 'arrow' as const, columns: described }
  const expected = chunkExpectation(planned, result, canarySearch(canaries))
  if (expected === undefined) throw new Error('Arrow is always read')
  return new ChunkCheck(expected, rows, () => 'incident-1')
}

describe('a canary', () => {
  const canary = '900-00-0001'
  const canaries = canarySearch([canary])
  const found = (column: Built, size?: number, search = canaries): string =>
    look(
      streamOf([column], 2),
      { columns: [rowtype(column, 0)], canaries: search },
      size === undefined ? {} : { size },
    ).verdict

  test('is found in a text, wherever the stream is cut', () => {
    const column = built('text as TEXT', ['a', 'b', `x ${canary} y`, 'c'])
    for (let size = 1; size < 60; size += 1) expect(found(column, size)).toBe('canary')
    expect(found(column)).toBe('canary')
  })

  test('is found where no cell is: under a null, and in the headers', () => {
    const column = built('text as TEXT', ['a', canary, 'b'])
    const bytes = streamOf([column])
    expect(found(built('variant as VARIANT', [`{"ssn":"${canary}"}`]))).toBe('canary')
    const noted1 = streamOf([column], 9, new Schema([new Field('C0', new Utf8(), true, new Map([...fieldOf(column, 0).metadata, ['finalType', canary]]))])) // prettier-ignore
    expect(look(noted1, { columns: [rowtype(column, 0)], canaries }).verdict).toBe('canary')
    expect(bytes.includes(canary)).toBe(true)
  })

  test('is not made of two cells that stand side by side', () => {
    for (const size of [1, 5, 1_000]) {
      expect(found(built('text as TEXT', ['900-00', '-0001']), size)).toBe('good')
      expect(found(built('text as TEXT', ['900-00-0001', '']), size)).toBe('canary')
    }
  })

  test('that is a number is found among numbers', () => {
    const search = canarySearch(['900000001'])
    for (const name of ['fixed of 32 bits, scale 0', 'fixed of 128 bits, scale 0', 'real']) {
      const values = name === 'real' ? [1, 900000001] : [1n, 900000001n]
      expect(found(built(name, values), 7, search)).toBe('canary')
    }
    expect(found(built('fixed of 32 bits, scale 0', [900000002n]), 7, search)).toBe('good')
  })

  test('holds back what may be its beginning', () => {
    const bytes = streamOf([built('text as TEXT', ['a', canary])])
    const end = bytes.indexOf(canary) + canary.length - 1
    const looked = look(bytes.subarray(0, end), { columns: [rowtype(ssn, 0)], canaries }, { size: 3 })
    expect(looked.verdict).toContain('ends before')
    expect(looked.safe).toBeLessThanOrEqual(bytes.indexOf(canary))
  }) // prettier-ignore
})
