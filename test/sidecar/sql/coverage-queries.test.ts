import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'

describe('The shape of an answer as an argument', () => {
  const sql =
    "SELECT AI_COMPLETE(model => 'm', prompt => p.q, response_format => TYPE OBJECT(name VARCHAR, tags ARRAY(VARCHAR) NOT NULL)) FROM p"

  test('is a constant: its fields are no columns', () => {
    expect(summary(sql)).toEqual({ kind: 'Select', class: 'Query', reads: ['P'] })
    const { columns } = factsOf(parseStatement(sql).statement)
    expect(columns.map(({ name }) => name.join('.'))).toEqual(['P.Q'])
  })

  test('a column of the name TYPE is still a column', () => {
    const { columns } = factsOf(parseStatement('SELECT f(type), g(type[0]) FROM t').statement)
    expect(columns.map(({ name }) => name.join('.'))).toEqual(['TYPE', 'TYPE'])
  })

  wholeStatements([sql, 'SELECT f(1, TYPE ARRAY(NUMBER)) FROM t'])

  syntaxErrors([
    'SELECT f(TYPE OBJECT) FROM t',
    'SELECT f(TYPE OBJECT(name)) FROM t',
    'SELECT f(TYPE OBJECT(name VARCHAR) + 1) FROM t',
    'SELECT TYPE OBJECT(name VARCHAR) FROM t',
  ])
})
