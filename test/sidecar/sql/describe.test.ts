import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'

const facts = (sql: string) => factsOf(parseStatement(sql).statement)

describe('DESCRIBE', () => {
  const cases: readonly (readonly [string, object, string, readonly string[]])[] = [
    ['DESC TABLE a.b', { object: 'TABLE', type: 'COLUMNS' }, 'DescribeTable', ['TABLE A.B']],
    ['DESCRIBE VIEW v', { object: 'VIEW' }, 'DescribeView', ['VIEW V']],
    ['DESCRIBE a.b.c', { object: 'TABLE' }, 'DescribeTable', ['TABLE A.B.C']],
    ['DESC stage.t', { object: 'TABLE' }, 'DescribeTable', ['TABLE STAGE.T']],
    ['DESC "user"', { object: 'TABLE' }, 'DescribeTable', ['TABLE user']],
    ['DESC TABLE t TYPE = COLUMNS', { type: 'COLUMNS' }, 'DescribeTable', ['TABLE T']],
    ['DESC TABLE t TYPE = STAGE', { type: 'STAGE' }, 'DescribeTable', ['TABLE T']],
    ["DESC TABLE IDENTIFIER('a.b')", { object: 'TABLE' }, 'DescribeTable', ['TABLE A.B']],
    ['DESC EXTERNAL TABLE t TYPE = STAGE', {}, 'DescribeExternalTable', ['EXTERNAL TABLE T']],
    ['DESC USER u', { object: 'USER' }, 'DescribeUser', ['USER U']],
    ['DESC SHARE a.s', { object: 'SHARE' }, 'DescribeShare', ['SHARE A.S']],
    [
      'DESC FUNCTION f(NUMBER(10,2), TEXT)',
      { types: ['NUMBER(10,2)', 'TEXT'] },
      'DescribeFunction',
      ['FUNCTION F'],
    ],
    [
      'DESC FUNCTION f(TABLE(INT, TEXT))',
      { types: ['TABLE(INT,TEXT)'] },
      'DescribeFunction',
      ['FUNCTION F'],
    ],
    ['DESC PROCEDURE p()', { types: [] }, 'DescribeProcedure', ['PROCEDURE P']],
    [
      'DESC SEARCH OPTIMIZATION ON t',
      { object: 'SEARCH OPTIMIZATION' },
      'DescribeSearchOptimization',
      ['TABLE T'],
    ],
    ['DESC LISTING l REVISION = DRAFT', { revision: 'DRAFT' }, 'DescribeListing', ['LISTING L']],
    [
      'DESC CONFIGURATION c IN APPLICATION a',
      {},
      'DescribeConfiguration',
      ['CONFIGURATION C', 'APPLICATION A'],
    ],
    [
      'DESC EXTERNAL ACCESS INTEGRATION i',
      {},
      'DescribeExternalAccessIntegration',
      ['EXTERNAL ACCESS INTEGRATION I'],
    ],
    ['DESC ROW ACCESS POLICY a.b.p', {}, 'DescribeRowAccessPolicy', ['ROW ACCESS POLICY A.B.P']],
  ]
  test.each(cases)('%s', (sql, expected, kind, uses) => {
    expect(parseStatement(sql).statement).toMatchObject({ kind: 'Describe', ...expected })
    expect(summary(sql)).toEqual({ kind, class: 'Meta', uses })
    expect(facts(sql).uses[0]?.privilege).toBe('DESCRIBE')
  })
  wholeStatements(cases.map(([sql]) => sql))

  test('a name that only run time tells is a dynamic part', () => {
    expect(summary('DESC TABLE IDENTIFIER($t)').dynamic).toHaveLength(1)
  })

  syntaxErrors([
    ...['DESC', 'DESC TABLE', 'DESC USER', 'DESC TABLE t x', 'DESC TABLE t TYPE = x', 'DESC a b'],
    ...['DESC TABLE t TYPE', 'DESC VIEW v TYPE = COLUMNS', 'DESC USER a.b', 'DESC FUNCTION f'],
    ...['DESC FUNCTION f(x)', 'DESC PROCEDURE p(INT', 'DESC a.b.c.d', 'DESC WAREHOUSE a.b'],
    ...['DESC SEARCH OPTIMIZATION t', 'DESC CONFIGURATION c', 'DESC LISTING l REVISION = x'],
    ...['DESCRIBE ROLE r', 'DESC SELECT 1', "DESC 't'"],
  ])
})

describe('DESCRIBE of a result or a transaction', () => {
  test.each([
    ["DESC RESULT 'f2f07bdb-6a08'", 'DescribeResult', 1],
    ['DESCRIBE RESULT LAST_QUERY_ID()', 'DescribeResult', 1],
    ['DESCRIBE RESULT LAST_QUERY_ID(-2)', 'DescribeResult', 1],
    ['DESC TRANSACTION 1651535571261000000', 'DescribeTransaction', 0],
  ])('%s', (sql, kind, priorResults) => {
    expect(facts(sql)).toMatchObject({ kind, class: 'Meta', structured: true, uses: [] })
    expect(facts(sql).priorResults).toHaveLength(priorResults)
  })
  wholeStatements(["DESC RESULT 'a'", 'DESC RESULT LAST_QUERY_ID()', 'DESC TRANSACTION 1'])
  syntaxErrors([
    ...['DESC RESULT', 'DESC RESULT x', 'DESC RESULT f()', 'DESC RESULT 1', 'DESC TRANSACTION'],
    ...["DESC TRANSACTION 'a'", "DESC RESULT 'a', 'b'"],
  ])

  test('a table in a schema called RESULT is a table', () => {
    expect(summary('DESC result.t')).toMatchObject({
      kind: 'DescribeTable',
      uses: ['TABLE RESULT.T'],
    })
  })
})
