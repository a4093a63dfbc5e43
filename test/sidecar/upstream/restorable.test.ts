import { describe, expect, test } from 'vitest'

import { Restorable, type Leaves } from '../../../sidecar/upstream/restorable.ts'

const info = {
  serverVersion: '9.1.0', parameters: [], role: 'R', database: 'D', schema: 'S', warehouse: 'W',
} // prettier-ignore
const place = { database: 'D', schema: 'S', warehouse: 'W' }
const fresh = (parameters = {}, told: unknown = true) =>
  new Restorable({ ...info, parameters: [{ name: 'AUTOCOMMIT', value: told }] }, parameters)

const nothing: Leaves = { kind: 'nothing' }
const begin: Leaves = { kind: 'transaction', open: true }
const commit: Leaves = { kind: 'transaction', open: false }
const set = (parameters: Record<string, string | boolean>): Leaves => ({
  kind: 'parameters',
  set: parameters,
  unset: [],
})
const lost: Leaves = { kind: 'unrestorable' }

describe('whether another session could take the place of one', () => {
  test.each<readonly [string, (state: Restorable) => void, boolean]>([
    ['nothing ran', () => undefined, true],
    ['a query ran', (state) => { state.ran(nothing, place) }, true],
    ['a query was lost', (state) => { state.mayHaveRun(nothing) }, true],
    ['a transaction began', (state) => { state.ran(begin, place) }, false],
    ['a transaction may have begun', (state) => { state.mayHaveRun(begin) }, false],
    ['a transaction did not begin', (state) => { state.failed(begin) }, true],
    ['one ended', (state) => { state.ran(begin, place); state.ran(commit, place) }, true],
    ['one may have ended', (state) => { state.ran(begin, place); state.mayHaveRun(commit) }, false],
    ['one did not end', (state) => { state.ran(begin, place); state.failed(commit) }, false],
    ['a variable was set', (state) => { state.ran(lost, place) }, false],
    ['a variable may have been set', (state) => { state.mayHaveRun(lost) }, false],
    ['a script failed half-way', (state) => { state.failed(lost) }, false],
    ['a USE may have run', (state) => { state.mayHaveRun({ kind: 'place' }) }, false],
    ['a USE failed', (state) => { state.failed({ kind: 'place' }) }, true],
    ['a parameter may be set', (state) => { state.mayHaveRun(set({ TIMEZONE: 'UTC' })) }, false],
    ['what was lost, a COMMIT does not bring back', (state) => { state.ran(lost, place); state.ran(commit, place) }, false],
  ])('%s', (_what, happens, restorable) => {
    const state = fresh()
    happens(state)
    expect(state.restorable).toBe(restorable)
  }) // prettier-ignore

  test.each<readonly [string, Restorable]>([
    ['as the client asked', fresh({ AUTOCOMMIT: false })],
    ['as the account has it', fresh({}, false)],
    ['as a text', fresh({ AUTOCOMMIT: 'false' })],
  ])('without autocommit, %s, a query opens a transaction', (_what, state) => {
    expect(state.restorable).toBe(true)
    state.ran(nothing, place)
    expect(state.restorable).toBe(false)
    state.ran(commit, place)
    expect(state.restorable).toBe(true)
    state.failed(nothing)
    expect(state.restorable).toBe(false)
  })

  test('autocommit turned off and on is followed; back at a value that is not known, it is off', () => {
    const state = fresh()
    state.ran(set({ AUTOCOMMIT: false }), place)
    state.ran(set({ AUTOCOMMIT: true }), place)
    state.ran(nothing, place)
    expect(state.restorable).toBe(true)
    state.ran({ kind: 'parameters', set: {}, unset: ['AUTOCOMMIT'] }, place)
    state.ran(nothing, place)
    expect(state.restorable).toBe(false)
  })
})

test('place and parameters are those that stand', () => {
  const state = fresh({ TIMEZONE: 'UTC', WEEK_START: 1 })
  expect(state.place).toEqual(place)
  state.ran({ kind: 'place' }, { database: 'X', schema: null, warehouse: null })
  expect(state.place).toEqual({ database: 'X', schema: null, warehouse: 'W' })
  state.ran(nothing, { database: 'Y', schema: 'Y', warehouse: 'Y' })
  expect(state.place.database).toBe('X')
  state.ran({ kind: 'parameters', set: { JSON_INDENT: 0 }, unset: ['WEEK_START'] }, place)
  expect(state.parameters).toEqual({ TIMEZONE: 'UTC', JSON_INDENT: 0 })
})
