import { describe, expect, test } from 'vitest'

import { withNamedColumns } from '../../../sidecar/catalog/named-columns.ts'
import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import { systemRelation } from '../../../sidecar/catalog/system-relations.ts'
import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'

const catalog: CatalogSource = {
  role: 'AGENT',
  relation: (name) => Promise.resolve(systemRelation(name)),
  lastDdl: (names) => Promise.resolve(names.map(() => null)),
}

async function columnsOf(sql: string): Promise<readonly (readonly string[])[]> {
  const parsed = parseStatement(sql)
  const facts = factsOf(parsed.statement)
  const here = { database: 'DB', schema: 'INFORMATION_SCHEMA' }
  const resolution = await resolveRelations(facts, here, catalog)
  const { objects, relations } = withNamedColumns(resolution, parsed)
  // What views would read is left whole.
  expect([...relations.values()]).toEqual([...resolution.relations.values()])
  return objects.map(({ relation }) => relation.columns.map(({ name }) => name))
}

describe('INFORMATION_SCHEMA is read by the columns that the statement names', () => {
  test.each([
    ['SELECT c.table_name, is_identity FROM columns c', ['TABLE_NAME', 'IS_IDENTITY']],
    ['SELECT "DATA_TYPE_ALIAS" FROM columns', ['DATA_TYPE_ALIAS']],
    ['SELECT "data_type" d, table_name FROM columns', ['TABLE_NAME']],
    ["SELECT 1 FROM columns WHERE comment = 'DATA_TYPE'", ['COMMENT']],
    ['SELECT 1 FROM columns JOIN tables USING (table_schema)', ['TABLE_SCHEMA']],
    ['SELECT 1 FROM columns', ['TABLE_CATALOG']],
    // A name of any other kind costs no more than a column.
    ['SELECT 1 AS data_type FROM columns', ['DATA_TYPE']],
  ])('%s', async (sql, expected) => {
    expect((await columnsOf(sql))[0]).toEqual(expected)
  })

  test.each([
    'SELECT * FROM tables',
    'SELECT COUNT(*) FROM tables',
    'SELECT $4 FROM tables',
    'SELECT table_name FROM tables NATURAL JOIN views',
    "SELECT 1 FROM tables PIVOT (MAX(bytes) FOR table_type IN ('VIEW'))",
  ])('%s reaches all, but those that an account may lack', async (sql) => {
    const [columns] = await columnsOf(sql)
    expect(columns).toContain('TABLE_OWNER')
    expect(columns).not.toContain('IS_HYBRID')
  })

  test('a late one that is named stands beside the others', async () => {
    const [columns] = await columnsOf('SELECT *, is_hybrid FROM tables')
    expect(columns).toEqual(expect.arrayContaining(['TABLE_NAME', 'IS_HYBRID']))
    expect(columns).not.toContain('IS_IMMUTABLE')
  })

  test('names that a literal spells count as any', async () => {
    const [columns] = await columnsOf(
      "SELECT bytes FROM IDENTIFIER('db.information_schema.tables')",
    )
    expect(columns).toContain('IS_IMMUTABLE')
  })
})
