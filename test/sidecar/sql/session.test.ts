import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'

const facts = (sql: string) => factsOf(parseStatement(sql).statement)
const atRunTime = (argument: string) => [`a name given by ${argument}`]

describe('USE', () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['USE DATABASE a', { kind: 'Use', object: 'DATABASE' }, ['DATABASE A']],
    ['USE a', { kind: 'Use', object: 'DATABASE' }, ['DATABASE A']],
    ['USE a.b', { kind: 'Use', object: 'SCHEMA' }, ['SCHEMA A.B']],
    ['USE SCHEMA a.b', { kind: 'Use', object: 'SCHEMA' }, ['SCHEMA A.B']],
    ['USE SCHEMA b', { kind: 'Use', object: 'SCHEMA' }, ['SCHEMA B']],
    ['USE WAREHOUSE "w"', { kind: 'Use', object: 'WAREHOUSE' }, ['WAREHOUSE w']],
    ['USE role', { kind: 'Use', object: 'DATABASE' }, ['DATABASE ROLE']],
    ["USE ROLE IDENTIFIER('r')", { kind: 'Use', object: 'ROLE' }, ['ROLE R']],
    ["USE IDENTIFIER('a.b')", { kind: 'Use', object: 'SCHEMA' }, ['SCHEMA A.B']],
    ['USE SECONDARY ROLES ALL', { kind: 'Use', object: 'SECONDARY ROLES' }, []],
    ['USE SECONDARY ROLES NONE', { kind: 'Use', object: 'SECONDARY ROLES' }, []],
  ]
  test.each(cases)('%s', (sql, expected, uses) => {
    expect(parseStatement(sql).statement).toMatchObject(expected)
    expect(summary(sql).uses ?? []).toEqual(uses)
  })
  wholeStatements(cases.map(([sql]) => sql).filter((sql) => sql !== 'USE role'))

  test('secondary roles may be listed, which is a statement of its own', () => {
    expect(summary('USE SECONDARY ROLES a, "b"')).toEqual({
      kind: 'UseSecondaryRoles',
      class: 'Session',
      uses: ['ROLE A', 'ROLE b'],
    })
  })

  test('a name that only run time tells is a dynamic part', () => {
    expect(facts('USE ROLE IDENTIFIER($r)')).toMatchObject({ variables: ['R'], uses: [] })
    expect(summary('USE ROLE IDENTIFIER($r)').dynamic).toEqual(atRunTime('$R'))
    expect(summary('USE IDENTIFIER(:d)').dynamic).toEqual(atRunTime('bind D'))
  })

  syntaxErrors([
    ...['USE', 'USE a.b.c', 'USE ROLE a.b', 'USE DATABASE a.b', 'USE a b', 'USE CATALOG a'],
    ...["USE ROLE IDENTIFIER('a.b')", 'USE SECONDARY ROLES', 'USE SECONDARY ROLES NONE, a'],
    ...['USE SECONDARY ROLES a,', 'USE SECONDARY ROLES a.b', 'USE SECONDARY ROLES a ALL'],
  ])
})

describe('ALTER SESSION', () => {
  test('parameters keep their values', () => {
    const sql = "ALTER SESSION SET a = 'x' b = -1, c = true, d = utc"
    expect(parseStatement(sql).statement).toMatchObject({
      action: 'SET',
      parameters: [
        { name: 'A', value: { type: 'string', value: 'x' } },
        { name: 'B', value: { type: 'number', value: '-1' } },
        { name: 'C', value: { type: 'boolean', value: 'TRUE' } },
        { name: 'D', value: { type: 'string', value: 'UTC' } },
      ],
    })
  })

  test('a value may be a variable or a bind', () => {
    expect(facts('ALTER SESSION SET query_tag = $tag').variables).toEqual(['TAG'])
    expect(facts('ALTER SESSION SET query_tag = ?, b = :x').binds).toEqual(['1', 'X'])
  })

  wholeStatements([
    'ALTER SESSION SET a = 1',
    "ALTER SESSION SET a = 'x', b = 1 c = TRUE",
    'ALTER SESSION UNSET a, b',
  ])
  syntaxErrors([
    ...['ALTER SESSION', 'ALTER SESSION SET', 'ALTER SESSION SET a', 'ALTER SESSION SET a = (1)'],
    ...['ALTER SESSION UNSET a = 1', 'ALTER SESSION UNSET a b', 'ALTER SESSION SET 10 = 0'],
    ...['ALTER SESSION SET a = 1,', 'ALTER SESSION SET a = -x', 'ALTER SESSION SET "a" = 1'],
  ])
})

describe('SET and UNSET of variables', () => {
  test.each([
    ['SET v = 1', 'Set', ['V']],
    ["SET v = 'a' || $w", 'Set', ['V']],
    ['SET v = (SELECT max(a) FROM t) / 2', 'Set', ['V']],
    ['SET (a, "b") = (1, 2 * $a)', 'Set', ['A', 'b']],
    ['SET (a, b) = (SELECT 1, 2)', 'Set', ['A', 'B']],
    ['SET (a) = (1)', 'Set', ['A']],
    ['UNSET v', 'Unset', ['V']],
    ['UNSET (a, b)', 'Unset', ['A', 'B']],
  ])('%s', (sql, kind, assigns) => {
    expect(facts(sql)).toMatchObject({ kind, class: 'Session', structured: true, assigns })
  })

  test('what the value reads and calls is told', () => {
    const sql = 'SET v = (SELECT f(a) FROM d.s.t WHERE b = $w)'
    expect(summary(sql).reads).toEqual(['D.S.T'])
    expect(facts(sql)).toMatchObject({ functions: [{ name: ['F'] }], variables: ['W'] })
  })

  wholeStatements(['SET v = 1', 'SET (a, b) = (1, 2)', 'UNSET v', 'UNSET (a, b)'])
  syntaxErrors([
    ...['SET', 'SET v', 'SET v =', 'SET a.b = 1', 'SET $v = 1', 'SET v = 1, w = 2', 'SET () = ()'],
    ...['SET (a, b) = 1', 'SET (a, b) = (1)', 'SET (a, b) = (1, 2, 3)', 'SET v = DELETE FROM t'],
    ...['UNSET', 'UNSET a, b', 'UNSET ()', 'UNSET $v', 'UNSET a = 1'],
  ])
})

describe('transactions', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['BEGIN WORK', 'BEGIN', undefined],
    ['BEGIN TRANSACTION NAME t1', 'BEGIN', 'T1'],
    ['BEGIN WORK NAME t1', 'BEGIN', 'T1'],
    ['BEGIN NAME "t"', 'BEGIN', 't'],
    ['START TRANSACTION', 'BEGIN', undefined],
    ['START TRANSACTION NAME t1', 'BEGIN', 'T1'],
    ['COMMIT', 'COMMIT', undefined],
    ['COMMIT WORK', 'COMMIT', undefined],
    ['ROLLBACK', 'ROLLBACK', undefined],
    ['ROLLBACK WORK', 'ROLLBACK', undefined],
  ]
  test.each([...cases, ['BEGIN', 'BEGIN', undefined], ['BEGIN;', 'BEGIN', undefined]] as const)(
    '%s',
    (sql, action, name) => {
      const expected = { kind: 'Transaction', action, ...(name && { name: { value: name } }) }
      expect(parseStatement(sql).statement).toMatchObject(expected)
      expect(facts(sql)).toMatchObject({ class: 'Transaction', structured: true })
    },
  )
  wholeStatements(cases.map(([sql]) => sql))
  syntaxErrors([
    ...['BEGIN TRANSACTION x', 'BEGIN WORK TRANSACTION', 'BEGIN NAME', 'START', 'START WORK'],
    ...['START TRANSACTION WORK', 'START TRANSACTION TRANSACTION', 'COMMIT x', 'ROLLBACK TO x'],
    ...['COMMIT TRANSACTION', 'COMMIT NAME x'],
  ])
})
