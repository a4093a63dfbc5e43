import { describe, expect, test } from 'vitest'

import { parseCatalog } from '../../../cli/catalog-file/read.ts'
import { parseType } from '../../../cli/catalog-file/types.ts'
import { writeCatalog } from '../../../cli/catalog-file/write.ts'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'

function relations(text: string): readonly CatalogRelation[] {
  const parsed = parseCatalog('c.yaml', text)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return [...parsed.relations.values()]
}

function problems(text: string): readonly string[] {
  const parsed = parseCatalog('c.yaml', text)
  if (!('problems' in parsed)) throw new Error('no problem')
  return parsed.problems.map(
    ({ line, column, field, message }) => `${line ?? 0}:${column ?? 0} ${field}: ${message}`,
  )
}

const one = (columns: string): string => `databases:\n  D:\n    S:\n      T:\n        ${columns}\n`

describe('a catalogue file', () => {
  test('holds tables and views with their columns in order', () => {
    const found = relations(
      'databases: { d: { s: { t: { columns: { b: INT, a: VARCHAR(3) } }, v: { view: SELECT a FROM t, columns: { a: TEXT } } } } }',
    )
    expect(found).toMatchObject([
      { name: { database: 'D', schema: 'S', name: 'T' }, kind: 'table', body: null, tags: [] },
      { name: { name: 'V' }, kind: 'view', body: 'SELECT a FROM t' },
    ])
    expect(found[0]?.columns.map(({ name }) => name)).toEqual(['B', 'A'])
  })

  test('names are folded as in SQL unless they are quoted', () => {
    const [found] = relations(
      `databases: { '"a.b"': { s: { '"t"': { columns: { '"x y"': INT } } } } }`,
    )
    expect(found).toMatchObject({
      name: { database: 'a.b', schema: 'S', name: 't' },
      columns: [{ name: 'x y' }],
    })
  })

  test('may be JSON', () => {
    const json = { databases: { D: { S: { T: { columns: { A: 'DATE' } } } } } }
    expect(relations(JSON.stringify(json, null, '\t').replaceAll('\t', '  '))).toHaveLength(1)
  })

  test('a view with the body null is one that cannot be read', () => {
    const [found] = relations(one('view: null\n        columns: { A: DATE }'))
    expect(found).toMatchObject({ kind: 'view', body: null })
  })

  test('tags are of a column or of all columns of a table; the column wins', () => {
    const [found] = relations(
      one(
        'tags: { G.T.PII: all }\n        columns: { A: { type: DATE, tags: { G.T.PII: own } }, B: DATE }',
      ),
    )
    expect(found?.tags).toEqual([
      { database: 'G', schema: 'T', name: 'PII', value: 'own', column: 'A' },
      { database: 'G', schema: 'T', name: 'PII', value: 'all', column: 'B' },
    ])
  })

  test.each([
    [
      'an unknown type',
      one('columns: { A: DATTE }'),
      '5:20 databases.D.S.T.columns.A: "DATTE" is not a Snowflake type',
    ],
    [
      'sizes of a type that has none',
      one('columns: { A: DATE(3) }'),
      '5:20 databases.D.S.T.columns.A: "DATE(3)" has sizes that DATE does not take',
    ],
    [
      'a name that needs quotes',
      one('columns: { a b: DATE }'),
      '5:20 databases.D.S.T.columns["a b"]: "a b" is not an identifier',
    ],
    [
      'a name that is there twice',
      one('columns: { a: DATE, A: DATE }'),
      '5:29 databases.D.S.T.columns.A: A is there twice',
    ],
    ['a table without columns', one('comment: x'), '4:7 databases.D.S.T: D.S.T has no columns'],
    [
      'a field that is not known',
      one('colums: { A: DATE }'),
      '5:9 databases.D.S.T.colums: is not a field of this object',
    ],
    ['another kind', 'kind: Catalogue\ndatabases: {}\n', '1:1 kind: "Catalogue" is not Catalog'],
    ['nothing', '', '0:0 : holds no catalogue'],
    ['broken YAML', 'databases: [', '1:13 : not valid YAML'],
  ])('%s is named with its place', (_what, text, problem) => {
    expect(problems(text).join('\n')).toContain(problem)
  })

  test('what is written from relations reads as the same relations', () => {
    const text = `databases: { d: { '"s s"': { t: { columns: { a: 'NUMBER(12,2) NOT NULL', b: { type: TIMESTAMP_LTZ(3), tags: { G.T.PII: x } }, c: VARIANT, d: VARCHAR } }, v: { view: "SELECT a -- b\\nFROM t", columns: { a: DATE } } } } }`
    const first = relations(text)
    expect(relations(writeCatalog(first))).toEqual(first)
  })
})

describe('types as Snowflake writes them', () => {
  test.each([
    ['NUMBER', { name: 'NUMBER', precision: 38, scale: 0 }],
    ['number( 10 , 2 )', { name: 'NUMBER', precision: 10, scale: 2 }],
    ['DECIMAL(10)', { name: 'NUMBER', precision: 10, scale: 0 }],
    ['INT', { name: 'NUMBER', precision: 38, scale: 0 }],
    ['VARCHAR', { name: 'TEXT', length: 16_777_216 }],
    ['varchar(11)', { name: 'TEXT', length: 11 }],
    ['CHAR', { name: 'TEXT', length: 1 }],
    ['double precision', { name: 'FLOAT', precision: null }],
    ['TIMESTAMP_NTZ(3)', { name: 'TIMESTAMP_NTZ', scale: 3 }],
    ['DATETIME', { name: 'TIMESTAMP_NTZ', scale: 9 }],
    ['VECTOR(FLOAT, 3)', { name: 'VECTOR', length: null }],
    ['BINARY', { name: 'BINARY', length: 8_388_608 }],
  ])('%s', (written, type) => {
    expect(parseType(written)).toMatchObject({ nullable: true, type })
  })

  test('NOT NULL is part of it', () => {
    expect(parseType('DATE NOT NULL')).toMatchObject({ nullable: false, type: { name: 'DATE' } })
  })

  test('a type that a comma of YAML has cut is told to be put in quotes', () => {
    expect(parseType('NUMBER(12')).toMatchObject({
      advice: expect.stringContaining('quotes') as string,
    })
  })

  test('a type that is nearly one is suggested', () => {
    expect(parseType('VARCHR(3)')).toMatchObject({ advice: 'Did you mean VARCHAR?' })
  })
})
