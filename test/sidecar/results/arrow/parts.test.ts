/** Cells of several parts: what may be null in them. */

import { Field, FixedSizeList, Int32, Int64, Struct } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { kinds, look, rowtype, streamOf, type Built, type Kind } from './build.ts'

const kindOf = (name: string): Kind => {
  const found = kinds.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no kind is named ${name}`)
  return found
}

/** Instants with a zone. */
const instants = (values: readonly unknown[], partsNullable: boolean, nullable = true): Built => ({
  kind: {
    ...kindOf('timestamp_tz in two parts'),
    type: new Struct([
      new Field<Int64 | Int32>('epoch', new Int64(), partsNullable),
      new Field<Int64 | Int32>('timezone', new Int32(), partsNullable),
    ]),
  },
  nullable,
  cells: values.map((value) => (value === null ? null : { value, text: '' })),
})

function verdict(column: Built, size = Infinity, image = false): string {
  const columns = [rowtype(column, 0)]
  const images = image ? [() => true] : []
  return look(streamOf([column]), { columns, images }, { size }).verdict
}

const whole = { epoch: 1n, timezone: 1_440 }
const torn = { epoch: null, timezone: 1_440 }
const most = 70

describe('a part that is null', () => {
  test('is good under a null, also where it says that it cannot be', () => {
    for (const partsNullable of [true, false])
      for (const values of [[whole, null, whole], [null], [null, ...Array.from({ length: most }, () => whole)]])
        expect(verdict(instants(values, partsNullable))).toBe('good')
  }) // prettier-ignore

  test('is refused in a cell that is not null, whichever other cells are', () => {
    const values = fc.array(fc.constantFrom(whole, null, torn), { maxLength: most })
    const size = fc.integer({ min: 1, max: 400 })
    fc.assert(
      fc.property(values, fc.boolean(), size, fc.boolean(), (cells, nullable, cut, image) => {
        const good = verdict(instants(cells, nullable), cut, image) === 'good'
        expect(good).toBe(!cells.includes(torn))
      }),
      { numRuns: 300 },
    )
  })

  test('is refused in a list too', () => {
    const list = (cells: Built['cells']): Built => ({
      kind: {
        ...kindOf('vector of int32'),
        type: new FixedSizeList(3, new Field('item', new Int32(), true)),
      },
      nullable: true,
      cells,
    })
    const cell = (...value: readonly unknown[]) => ({ value, text: '' })
    expect(verdict(list([cell(1, 2, 3), null]))).toBe('good')
    expect(verdict(list([cell(1, null, 3), null]))).toContain('a part of a cell is null')
    // Here the number of nulls tells nothing: the parts of a null are zeros.
    const [good, bad] = [cell(1, 2, 3), cell(1, 2, null)]
    const cells = fc.array(fc.constantFrom(good, good, null, bad), { maxLength: most })
    fc.assert(
      fc.property(cells, (column) => {
        expect(verdict(list(column)) === 'good').toBe(!column.includes(bad))
      }),
      { numRuns: 300 },
    )
  })

  test('does not make room for a null in a column that cannot hold one', () => {
    expect(verdict(instants([whole, null], true, false))).toContain('cannot hold')
  })
})
