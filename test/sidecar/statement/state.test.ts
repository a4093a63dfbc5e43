/** What a session is known to be after each statement that ran, or may have. */

import { describe, expect, test } from 'vitest'

import { FrostgateError } from '../../../sidecar/errors.ts'
import { sessionState, type SessionState } from '../../../sidecar/session/state.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { followState, turnOf, unsettleState } from '../../../sidecar/statement/state.ts'

type Ran = Parameters<typeof unsettleState>[0]

const fresh = (reported: Parameters<typeof sessionState>[1] = []): SessionState =>
  sessionState({ TIMEZONE: 'UTC' }, reported)

function ran(sql: string, state: SessionState, request = {}): Ran {
  const parsed = parseStatement(sql)
  return {
    parsed,
    facts: factsOf(parsed.statement),
    session: { state },
    request: { describeOnly: false, parameters: {}, ...request },
    entry: { upstreamRequestId: 'r' },
  } as unknown as Ran
}

function after(texts: readonly string[], state = fresh()): SessionState {
  for (const sql of texts) followState(ran(sql, state))
  return state
}

function afterDoubt(
  sql: string,
  state = fresh(),
  error: 'UpstreamUnavailable' | 'UpstreamFailed' = 'UpstreamUnavailable',
) {
  const parameters = { message: '', reason: '', code: '' } as never
  unsettleState(ran(sql, state), FrostgateError.of(error, parameters))
  return state
}

const insert = 'INSERT INTO t VALUES (1)'

describe('variables', () => {
  test.each([
    [['SET v = 1'], { V: '1' }],
    [["SET v = 'it''s'"], { V: "'it''s'" }],
    [['SET v = -1.50'], { V: '- 1.50' }],
    [['SET v = TRUE'], { V: 'TRUE' }],
    [['SET v = NULL'], { V: 'NULL' }],
    [["SET (a, b) = (1, 'x')"], { A: '1', B: "'x'" }],
    [['SET v = 1', 'SET v = 2'], { V: '2' }],
    [['SET (a, b) = (1, 2)', 'UNSET a'], { B: '2' }],
  ])('%j', (texts, variables) => {
    const state = after(texts)
    expect(Object.fromEntries(state.variables)).toEqual(variables)
    expect(state.unknown.size).toBe(0)
  })

  test('a text and a number of one spelling differ', () => {
    expect(after(["SET v = '1'"]).variables.get('V')).not.toBe(
      after(['SET v = 1']).variables.get('V'),
    )
  })

  test.each(['SET v = 1', 'UNSET v'])(
    '%s of unknown outcome leaves it unknown until it is set',
    (sql) => {
      const state = afterDoubt(sql)
      expect([...state.unknown]).toEqual(['session variable V'])
      after(['SET v = 2'], state)
      expect(state.unknown.size).toBe(0)
    },
  )

  test('a value that the gateway cannot spell is unknown', () => {
    expect([...after(['SET v = (SELECT 1)']).unknown]).toEqual(['session variable V'])
  })

  test('one that Snowflake refused changes nothing', () => {
    expect(afterDoubt('SET v = 1', fresh(), 'UpstreamFailed').unknown.size).toBe(0)
  })
})

describe('parameters', () => {
  test('are those of the login, then what is set; UNSET is the account again', () => {
    const state = after(["ALTER SESSION SET timezone = 'Asia/Tokyo', WEEK_START = 1"])
    expect(Object.fromEntries(state.parameters)).toEqual({
      TIMEZONE: 'Asia/Tokyo',
      WEEK_START: '1',
    })
    expect(after(['ALTER SESSION UNSET TIMEZONE'], state).parameters.get('TIMEZONE')).toBeNull()
  })

  test('of unknown outcome are unknown', () => {
    expect([...afterDoubt('ALTER SESSION SET TIMEZONE = UTC').unknown]).toEqual([
      'session parameter TIMEZONE',
    ])
  })
})

describe('a transaction', () => {
  const off = 'ALTER SESSION SET AUTOCOMMIT = FALSE'
  test.each<[readonly string[], boolean, boolean]>([
    [[insert], false, false],
    [['BEGIN'], true, false],
    [['BEGIN', 'SELECT 1'], true, false],
    [['BEGIN', insert], true, true],
    [['BEGIN', insert, 'BEGIN'], true, true],
    [['BEGIN', insert, 'COMMIT'], false, false],
    [['BEGIN', insert, 'ROLLBACK'], false, false],
    [['BEGIN', insert, 'CREATE TABLE u (a INT)'], false, false],
    [['BEGIN', insert, 'DROP TABLE u'], false, false],
    [['BEGIN', 'DELETE FROM t'], true, true],
    [['BEGIN', 'UPDATE t SET a = 1'], true, true],
    [['BEGIN', 'TRUNCATE TABLE t'], true, true],
    [['BEGIN', 'COPY INTO t FROM @s'], true, true],
    [['BEGIN', 'COPY INTO @s FROM t'], true, false],
    [['BEGIN', 'EXPLAIN INSERT INTO t VALUES (1)'], true, false],
    [[off, insert], true, true],
    [[off, insert, 'COMMIT'], false, false],
    [[off, 'ALTER SESSION SET AUTOCOMMIT = TRUE', insert], false, false],
    [['ALTER SESSION UNSET AUTOCOMMIT', insert], true, true],
  ])('%j: open %j, wrote %j', (texts, open, wrote) => {
    expect(after(texts).transaction).toEqual({ open, wrote })
  })

  test('begins with a write where the account does not commit by itself', () => {
    const state = fresh([{ name: 'AUTOCOMMIT', value: false }])
    expect(after([insert], state).transaction.wrote).toBe(true)
  })

  test('begins with a write that brings AUTOCOMMIT along', () => {
    const state = fresh()
    followState(ran(insert, state, { parameters: { autocommit: 'false' } }))
    expect(state.transaction.wrote).toBe(true)
  })

  test('may have written where a write is of unknown outcome', () => {
    expect(afterDoubt(insert, after(['BEGIN'])).transaction.wrote).toBe(true)
    expect(afterDoubt('COMMIT', after(['BEGIN', insert])).transaction.wrote).toBe(true)
    expect(afterDoubt('BEGIN').transaction.open).toBe(true)
    expect(
      after([insert], afterDoubt('ALTER SESSION SET AUTOCOMMIT = FALSE')).transaction.wrote,
    ).toBe(true)
  })

  test('of what was only described, or never sent, knows nothing', () => {
    const state = after(['BEGIN'])
    followState(ran(insert, state, { describeOnly: true }))
    const unsent = {
      ...ran(insert, state),
      entry: { upstreamRequestId: undefined },
    } as unknown as Ran
    unsettleState(unsent, FrostgateError.of('StatementCanceled', {}))
    expect(state.transaction.wrote).toBe(false)
  })
})

test.each([
  ['SET v = 1', 'changes', 'both'],
  ['USE SCHEMA s', 'changes', 'both'],
  ['BEGIN', 'changes', 'both'],
  ['CREATE TEMPORARY TABLE t (a INT)', 'changes', 'both'],
  ['DROP TABLE t', 'changes', 'both'],
  [insert, 'changes', 'both'],
  ['SELECT 1', undefined, 'approved'],
])('%s takes turns: %s, and approved %s', (sql, own, approved) => {
  const each = ran(sql, fresh())
  expect(turnOf(each, false)).toBe(own)
  expect(turnOf(each, true)).toBe(approved)
})
