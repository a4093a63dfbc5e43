import { MessageReader } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArrowStreams } from '../../../examples/warehouse/arrow/stream.ts'
import type { OutputColumn } from '../../../examples/warehouse/engine/output.ts'
import { fixed, plain, type SnowType, text } from '../../../examples/warehouse/engine/types.ts'
import { cellsOfStream, decimal } from './arrow-cells.ts'

type Cell = string | null
const column = (type: SnowType, nullable = true): OutputColumn => ({ name: 'A', type, nullable })
const perResult = { widths: 'perResult', batchRows: 1000 } as const

async function encode(type: SnowType, cells: readonly Cell[], options = perResult) {
  const rows = cells.map((cell) => [cell])
  return (await ArrowStreams.load([column(type)], rows, options)).encode(rows)
}

async function layout(type: SnowType, cells: readonly Cell[]): Promise<string> {
  return String(cellsOfStream(await encode(type, cells)).table.schema.fields[0]?.type)
}

/** Cells of a type, nulls among them. */
const cellsOf: readonly (readonly [name: string, type: SnowType, cell: fc.Arbitrary<string>])[] = [
  ...[0, 2, 37].map(
    (scale) =>
      [
        `fixed of scale ${scale}`,
        fixed(38, scale),
        fc
          .tuple(fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n), fc.integer({ min: 0, max: 38 }))
          .map(([value, cut]) => decimal(value / 10n ** BigInt(cut), scale)),
      ] as const,
  ),
  ['real', plain('real'), fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)],
  ['text', text(), fc.string({ unit: 'binary' })],
  ['variant', plain('variant'), fc.json()],
  ['boolean', plain('boolean'), fc.constantFrom('0', '1')],
  ['date', plain('date'), fc.integer({ min: -719_162, max: 2_932_896 }).map(String)],
  [
    'binary',
    { kind: 'binary', length: 100 },
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  ],
  ...[0, 3, 4, 6, 9].flatMap((scale) => {
    const limit = 10n ** BigInt(scale)
    const instant = fc
      .bigInt(-62_135_596_800n * limit, 253_402_300_799n * limit)
      .map((units) => decimal(units, scale))
    const zone = fc.integer({ min: 0, max: 2880 })
    const time = fc.bigInt(0n, 86_400n * limit - 1n).map((units) => decimal(units, scale))
    return [
      [`time(${scale})`, { kind: 'time', scale }, time],
      [`timestamp_ntz(${scale})`, { kind: 'timestamp_ntz', scale }, instant],
      [`timestamp_ltz(${scale})`, { kind: 'timestamp_ltz', scale }, instant],
      [
        `timestamp_tz(${scale})`,
        { kind: 'timestamp_tz', scale },
        fc.tuple(instant, zone).map(([when, minutes]) => `${when} ${minutes}`),
      ],
    ] as const
  }),
]

describe('each type goes through Arrow without loss', () => {
  test.each(cellsOf)('%s', async (_name, type, cell) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(cell), { minLength: 1, maxLength: 70 }),
        fc.integer({ min: 1, max: 40 }),
        async (cells, batchRows) => {
          const stream = await encode(type, cells, { ...perResult, batchRows } as typeof perResult)
          const { rows } = cellsOfStream(stream)
          const real = (text: Cell) => (text === null ? null : String(Number(text)))
          const usual = type.kind === 'real' ? real : (text: Cell) => text
          expect(rows.map(([text]) => usual(text ?? null))).toEqual(cells.map(usual))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('real infinities and NaN', async () => {
    const { rows } = cellsOfStream(await encode(plain('real'), ['inf', '-inf', 'NaN']))
    expect(rows).toEqual([['Infinity'], ['-Infinity'], ['NaN']])
  })
})

describe('layouts', () => {
  test.each([
    ['Int8', fixed(38), ['-128', '127', null]],
    ['Int16', fixed(38), ['128']],
    ['Int16', fixed(5, 2), ['-1.29']],
    ['Int32', fixed(38), ['-32769']],
    ['Int64', fixed(38), ['2147483648']],
    ['Int64', fixed(38), ['9223372036854775807']],
    ['Decimal[38e0]', fixed(38), ['9223372036854775808']],
    ['Decimal[30e+4]', fixed(30, 4), ['-99999999999999999999.0001']],
    ['Int32', { kind: 'time', scale: 4 }, ['86399.9999']],
    ['Int64', { kind: 'time', scale: 5 }, ['0.00000']],
    ['Int64', { kind: 'timestamp_ntz', scale: 9 }, ['9223372036.854775807']],
    [
      'Struct<{epoch:Int64, fraction:Int32}>',
      { kind: 'timestamp_ntz', scale: 9 },
      ['9223372036.854775808'],
    ],
    ['Struct<{epoch:Int64, timezone:Int32}>', { kind: 'timestamp_tz', scale: 3 }, ['-0.500 1440']],
    [
      'Struct<{epoch:Int64, fraction:Int32, timezone:Int32}>',
      { kind: 'timestamp_tz', scale: 9 },
      ['-0.500000000 1440'],
    ],
    ['Date32<DAY>', plain('date'), ['-1']],
    ['Utf8', plain('array'), ['[1]']],
  ] as readonly (readonly [string, SnowType, readonly Cell[]])[])(
    '%s for %o %o',
    async (expected, type, cells) => {
      expect(await layout(type, cells)).toBe(expected)
    },
  )

  test('widths are those of the result, or of each stream where that is asked for', async () => {
    const rows = [['1'], ['100000']]
    const widths = async (mode: 'perResult' | 'perStream') => {
      const streams = await ArrowStreams.load([column(fixed(38))], rows, {
        widths: mode,
        batchRows: 10,
      })
      return rows.map((row) =>
        String(cellsOfStream(streams.encode([row])).table.schema.fields[0]?.type),
      )
    }
    expect(await widths('perResult')).toEqual(['Int32', 'Int32'])
    expect(await widths('perStream')).toEqual(['Int8', 'Int32'])
  })

  test('metadata carry what drivers choose their converters by', async () => {
    const { table } = cellsOfStream(await encode(fixed(10, 2), ['1.25']))
    const [field] = table.schema.fields
    expect(Object.fromEntries(field?.metadata ?? [])).toEqual({
      logicalType: 'FIXED',
      precision: '10',
      scale: '2',
      charLength: '0',
      byteLength: '1',
      finalType: 'T',
      physicalType: 'SB1',
    })
    const zoned = cellsOfStream(
      await encode({ kind: 'timestamp_tz', scale: 9 }, ['0.000000000 1440']),
    )
    expect(zoned.table.schema.fields[0]?.metadata.get('byteLength')).toBe('16')
  })

  test('a column said to hold no NULL, but holding one, is declared nullable', async () => {
    const of = async (cell: Cell) => {
      const streams = await ArrowStreams.load([column(fixed(5), false)], [[cell]], perResult)
      return cellsOfStream(streams.encode([[cell]])).table.schema.fields[0]?.nullable
    }
    expect(await of('1')).toBe(false)
    expect(await of(null)).toBe(true)
  })

  test('buffers have their exact lengths: nanoarrow reads padding as one more offset', async () => {
    const stream = await encode(text(), ['a', 'bc'])
    const lengths: number[] = []
    const reader = new MessageReader(stream)
    for (const message of reader) {
      if (message.isRecordBatch())
        lengths.push(...message.header().buffers.map(({ length }) => length))
      reader.readMessageBody(message.bodyLength)
    }
    expect(lengths).toEqual([0, 12, 3])
  })
})
