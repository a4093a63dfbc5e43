import { expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { syntaxErrors, wholeStatements } from './dml-support.ts'

const facts = (sql: string) => factsOf(parseStatement(sql).statement)

test('the statement explained is a part, and its facts are told', () => {
  expect(facts('EXPLAIN USING JSON SELECT f(a) FROM d.s.t')).toMatchObject({
    kind: 'Explain',
    class: 'Meta',
    structured: true,
    parts: [{ kind: 'Select', class: 'Query', span: { start: 3, end: 14 } }],
    reads: [{ name: { parts: [{ value: 'D' }, { value: 'S' }, { value: 'T' }] } }],
    functions: [{ name: ['F'] }],
  })
})

test.each([
  ['EXPLAIN SELECT 1', 'TABULAR'],
  ['EXPLAIN USING TABULAR SELECT 1', 'TABULAR'],
  ['EXPLAIN USING TEXT SELECT 1', 'TEXT'],
])('%s', (sql, format) => {
  expect(parseStatement(sql).statement).toMatchObject({ kind: 'Explain', format })
})

test('->> goes on from the plan: it is no part of what is explained', () => {
  const { statement } = parseStatement('EXPLAIN SELECT 1 ->> SELECT * FROM $1')
  expect(statement.kind).toBe('Flow')
})

wholeStatements(['EXPLAIN USING JSON SELECT a FROM t WHERE a = 1', 'EXPLAIN SHOW TABLES'])
syntaxErrors([
  ...['EXPLAIN', 'EXPLAIN USING JSON', 'EXPLAIN USING XML SELECT 1', 'EXPLAIN USING SELECT 1'],
  ...['EXPLAIN EXPLAIN SELECT 1', 'EXPLAIN t', 'EXPLAIN JSON SELECT 1'],
])
