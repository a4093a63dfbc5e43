import { describe, expect, test } from 'vitest'

import { ReleasedResults, type ReleasedResult } from '../../../sidecar/session/released.ts'
import { clean } from '../../../sidecar/masking/lineage/taint.ts'

const result = (statement: string, width = 1): ReleasedResult => ({
  statement,
  upstreamQueryId: `01-${statement}`,
  kind: 'Select',
  columns: Array.from({ length: width }, (_, index) => ({ name: `C${index}`, value: clean })),
  bundle: 'sha256:1',
})

describe('the results that a session was given', () => {
  test('are found by their id, and by their place from either end', () => {
    const released = new ReleasedResults()
    for (const id of ['a', 'b', 'c']) released.add(result(id))
    expect(released.byStatement('b')?.statement).toBe('b')
    expect(released.byStatement('01-b')).toBeUndefined()
    expect([1, 3, 4, 0, -1, -3, -4].map((at) => released.byPosition(at)?.statement)).toEqual([
      'a', 'c', undefined, undefined, 'c', 'a', undefined,
    ]) // prettier-ignore
  })

  test('are not read again once withdrawn, and keep their place', () => {
    const released = new ReleasedResults()
    for (const id of ['a', 'b', 'c']) released.add(result(id))
    released.withdraw('b')
    expect(released.byStatement('b')).toBeUndefined()
    expect([1, 2, 3, -2].map((at) => released.byPosition(at)?.statement)).toEqual([
      'a', undefined, 'c', undefined,
    ]) // prettier-ignore
  })

  test('are kept up to a number, and keep their place', () => {
    const released = new ReleasedResults({ results: 2, columns: 100 })
    for (const id of ['a', 'b', 'c']) released.add(result(id))
    expect(released.byStatement('a')).toBeUndefined()
    expect([1, 2, 3, -2, -3].map((at) => released.byPosition(at)?.statement)).toEqual([
      undefined, 'b', 'c', 'b', undefined,
    ]) // prettier-ignore
  })

  test('are kept up to a number of columns, so that wide ones take no more memory', () => {
    const released = new ReleasedResults({ results: 100, columns: 10 })
    released.add(result('a', 6))
    released.add(result('b', 6))
    expect(released.byStatement('a')).toBeUndefined()
    released.add(result('c', 11))
    expect(released.byStatement('b')).toBeUndefined()
    expect(released.byStatement('c')).toBeUndefined()
    released.add(result('d'))
    expect(released.byPosition(4)?.statement).toBe('d')
  })
})
