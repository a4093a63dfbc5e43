/** Clients that read all streams of a result by the schema of the first. */

import { Field, Int32, Int64, Schema, Struct, type DataType } from 'apache-arrow'
import { describe, expect, test } from 'vitest'

import { FrostgateError } from '../../../../sidecar/errors.ts'
import { OneLayout } from '../../../../sidecar/results/arrow/one-layout.ts'
import { ArrowStream } from '../../../../sidecar/results/arrow/stream.ts'
import { canarySearch } from '../../../../sidecar/results/canaries.ts'
import { layoutOf } from '../../../../sidecar/results/inline-arrow.ts'
import { upstreamResult } from '../../../support/upstream-result.ts'
import { fieldOf, kinds, rowtype, streamOf, type Built } from './build.ts'

const parameter = 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'

function column(name: string, values: readonly unknown[] = []): Built {
  const kind = kinds.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`no kind is named ${name}`)
  return { kind, nullable: true, cells: values.map((value) => ({ value, text: '' })) }
}

const small = column('fixed of 8 bits, scale 0', [1, 2])
const large = column('fixed of 64 bits, scale 0', [1n, 2n ** 40n])

/** `pushed`: all of it in pieces of that size. Gives how much was said to be safe. */
function read(stream: Buffer, of: Built, layout: OneLayout | undefined, pushed = 8): number {
  const expected = { columns: [rowtype(of, 0)], images: [], canaries: canarySearch([]), layout }
  const reader = new ArrowStream(expected, 100, () => new Error('canary'))
  let safe = 0
  try {
    for (let at = 0; at < stream.length; at += pushed) {
      reader.push(stream.subarray(at, at + pushed))
      safe = reader.safe
    }
    reader.end()
    return safe
  } catch (error) {
    if (!(error instanceof FrostgateError) || safe > 0) throw error
    expect(error.entry).toBe('ResultLayoutsDiffer')
    expect(error.message).toContain(parameter)
    return -1
  }
}

const refused = -1

describe('with one layout for a result', () => {
  test('a stream of other widths is refused before a byte of it leaves, whichever is first', () => {
    for (const [first, second] of [[small, large], [large, small]] as const) {
      const layout = new OneLayout(parameter)
      expect(read(streamOf([first]), first, layout)).toBeGreaterThan(0)
      expect(read(streamOf([second]), second, layout)).toBe(refused)
      expect(read(streamOf([first]), first, layout)).toBeGreaterThan(0)
    }
  }) // prettier-ignore

  test('the one whose schema is read first is the first, wherever the other is', () => {
    const layout = new OneLayout(parameter)
    const readers = [small, large].map((of) => {
      const expected = { columns: [rowtype(of, 0)], images: [], canaries: canarySearch([]), layout }
      return { stream: streamOf([of]), reader: new ArrowStream(expected, 9, () => new Error('canary')) }
    })
    const [one, other] = readers
    one?.reader.push(one.stream.subarray(0, 20))
    other?.reader.push(other.stream)
    expect(() => one?.reader.push(one.stream.subarray(20))).toThrow('laid out otherwise')
    other?.reader.end()
  }) // prettier-ignore

  test.each<[string, Field]>([
    ['that can hold no null', new Field('C0', new Int64(), false)],
    ['of two parts', new Field('C0', new Struct([new Field<Int64 | Int32>('epoch', new Int64(), true), new Field<Int64 | Int32>('fraction', new Int32(), true)]), true)],
  ])('a column %s is another than one that is not', (_what, field) => {
    const one = column('timestamp_ntz in one, scale 3')
    const other = new Field('C0', field.type as DataType, field.nullable, fieldOf(one, 0).metadata)
    const layout = new OneLayout(parameter)
    read(streamOf([one]), one, layout)
    expect(read(streamOf([one], 9, new Schema([other])), one, layout)).toBe(refused)
  }) // prettier-ignore

  test('a note that no driver reads may be another', () => {
    const { nullable, metadata } = fieldOf(small, 0)
    const noted = new Field('C0', small.kind.type, nullable, new Map([...metadata, ['finalType', 'F']]))
    const layout = new OneLayout(parameter)
    read(streamOf([small]), small, layout)
    expect(read(streamOf([small], 9, new Schema([noted])), small, layout)).toBeGreaterThan(0)
  }) // prettier-ignore

  test('each stream is laid out by itself for clients that read it so', () => {
    for (const of of [small, large, small])
      expect(read(streamOf([of]), of, undefined)).toBeGreaterThan(0)
  })
})

describe('what came inline', () => {
  const result = (stream: Buffer) =>
    upstreamResult({
      format: 'arrow', columns: [rowtype(small, 0)], total: 9, arrow: { base64: '', stream },
      chunks: [{ url: '', rowCount: 1, uncompressedSize: 1, compressedSize: 1 }],
    }) // prettier-ignore

  test('is the first, also without rows: drivers take its schema all the same', () => {
    const empty = streamOf([{ ...small, cells: [] }], 1)
    const layout = layoutOf(result(empty), parameter)
    expect(read(streamOf([large]), large, layout)).toBe(refused)
    expect(read(streamOf([small]), small, layout)).toBeGreaterThan(0)
  })

  test('is not, where nothing came', () => {
    const layout = layoutOf(result(Buffer.alloc(0)), parameter)
    expect(read(streamOf([large]), large, layout)).toBeGreaterThan(0)
    expect(read(streamOf([small]), small, layout)).toBe(refused)
  })

  test('is asked only for such clients, and where more is to come', () => {
    const whole = result(streamOf([small]))
    expect(layoutOf(whole, parameter)).toBeDefined()
    expect(layoutOf(whole, undefined)).toBeUndefined()
    expect(layoutOf({ ...whole, chunks: [] }, parameter)).toBeUndefined()
    expect(layoutOf({ ...whole, format: 'json', arrow: null }, parameter)).toBeUndefined()
  })
})
