/** The published lists themselves: `three-databases.test.ts` and `npm run attacks` send them. */

import { describe, expect, test } from 'vitest'

import { attackLists, benignLists } from './lists/index.ts'

const attacks = Object.values(attackLists).flat()
const benign = Object.values(benignLists).flat()

describe('the lists', () => {
  test('name each statement once', () => {
    const ids = [...attacks, ...benign].map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  test('hold 400 attacks and more, and each outcome is demanded of many', () => {
    expect(attacks.length).toBeGreaterThan(400)
    const share = (wanted: RegExp) => attacks.filter(({ outcome }) => wanted.test(outcome)).length
    expect(share(/^mask$/)).toBeGreaterThan(100)
    expect(share(/^allow$/)).toBeGreaterThan(20)
    expect(share(/^deny:/)).toBeGreaterThan(300)
  })

  test('hold 300 statements of ordinary work and more, of which 95 % run and are compared', () => {
    expect(benign.length).toBeGreaterThan(300)
    const compared = benign.filter(({ refused, runs }) => refused === undefined && runs !== false)
    expect(compared.length / benign.length).toBeGreaterThan(0.95)
  })

  test('let rows differ only where a view filters by raw values', () => {
    const loose = attacks.filter(({ same }) => same === false)
    expect(new Set(loose.map((each) => each.class))).toEqual(new Set(['view-filter']))
  })
})
