/** Each mechanical check finds a reader that does what it is there to find. */

import { describe, expect, test } from 'vitest'

import { junkAppended, statementAppended } from './checks/appended.ts'
import { accept } from './checks/check.ts'
import type { Check } from './checks/check.ts'
import { runChecks } from './checks/run.ts'
import { caseChanged, commentsInserted, roundTrip } from './checks/unchanged.ts'
import { frontEnd } from './reading.ts'
import type { Reader } from './reading.ts'

const sql = 'SELECT a, f(b) AS c FROM t WHERE a = 1'

function complaints(check: Check, read: Reader, text = sql): readonly (string | undefined)[] {
  return check(accept(text, read(text), read)).map(({ complaint }) => complaint)
}

function found(check: Check, read: Reader): readonly string[] {
  return complaints(check, read).filter((complaint) => complaint !== undefined)
}

test.each([
  sql,
  `${sql} -- comment`,
  `${sql}; SELECT 2 FROM u;`,
  'SELECT date',
  'DECLARE r RESULTSET;',
  'EXCEPTION WHEN OTHER THEN RAISE;',
  'SELECT 1 FROM (SELECT $1 FROM @s/p)',
  'LIST @s/p; LIST @t',
  'PUT file:///tmp/* @s',
  'ALTER EXTERNAL TABLE t REFRESH',
  'BEGIN RETURN; END',
  'SELECT 8-7',
])('the front end passes all checks on %s', (text) => {
  const { trials, failures } = runChecks(accept(text, frontEnd(text), frontEnd), 'here')
  expect(trials).toBeGreaterThan(5)
  expect(failures).toEqual([])
})

describe('a reader that', () => {
  test('stops at the end of the statement is found by junk and by another statement', () => {
    const lax: Reader = (text) => frontEnd(text.slice(0, sql.length))
    expect(found(junkAppended, lax)).toHaveLength(5)
    expect(found(statementAppended, lax)).toEqual(['2 statements read as 1'])
  })

  test('takes the second statement for another one is found', () => {
    const wrong: Reader = (text) => frontEnd(text.replace('DROP TABLE zzz', 'SELECT 1'))
    expect(found(statementAppended, wrong)).toEqual(['did not see DROP TABLE zzz'])
  })

  test('takes the first statement for another one is found', () => {
    const wrong: Reader = (text) => frontEnd(text.replace('t WHERE a = 1;', 'u WHERE a = 1;'))
    expect(found(statementAppended, wrong)).toEqual(['the first statement changed'])
  })

  test('refuses a second statement is found', () => {
    const strict: Reader = (text) => frontEnd(text.replace('; DROP', ') DROP'))
    expect(found(statementAppended, strict)).toEqual([
      'refused what two statements say one after the other',
    ])
  })

  test('refuses what stands behind a whole block is found, behind the first part of one not', () => {
    const block = 'DECLARE x INT; BEGIN RETURN 1; END'
    const refuses: Reader = (text) => frontEnd(text.replace('DROP', ')'))
    expect(complaints(statementAppended, refuses, block)).toEqual([expect.any(String)])
    expect(complaints(statementAppended, refuses, 'DECLARE x INT;')).toEqual([undefined])
  })

  test('reads comments is found', () => {
    const reads: Reader = (text) => frontEnd(text.replace('/* c */', 'c '))
    expect(found(commentsInserted, reads)).toContain('the facts changed')
    const refuses: Reader = (text) => frontEnd(text.replace('-- c', ')'))
    expect(found(commentsInserted, refuses)).toContain('refused')
  })

  test('minds letter case is found', () => {
    const minds: Reader = (text) => frontEnd(text.replace(/\bT\b/, 'U'))
    expect(found(caseChanged, minds)).toEqual(['the facts changed'])
  })
})

test('a statement that is emitted as another one is found', () => {
  const [parsed] = frontEnd(sql)
  if (parsed === undefined) throw new Error('nothing was read')
  const other = { ...parsed, text: parsed.text.replace('FROM t', 'FROM u') }
  const trials = roundTrip(accept(sql, [other], frontEnd))
  expect(trials.map(({ complaint }) => complaint)).toEqual([
    expect.stringContaining('SqlRoundTrip'),
  ])
})

test('what is no refusal is not taken for one', () => {
  const crashes: Reader = (text) => {
    if (text !== sql) throw new TypeError('undefined is not a function')
    return frontEnd(text)
  }
  expect(() => complaints(junkAppended, crashes)).toThrow(TypeError)
})
