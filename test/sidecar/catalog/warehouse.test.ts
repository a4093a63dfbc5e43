import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import type { CachedCatalog } from '../../../sidecar/catalog/cache.ts'
import { catalogProvider } from '../../../sidecar/catalog/provider.ts'
import { quoteName } from '../../../sidecar/sql/names.ts'
import { parseAnswer } from '../../../sidecar/upstream/answer.ts'
import { RawClient, smallWarehouse } from '../../examples/warehouse/fixture.ts'

let warehouse: Warehouse
let owner: RawClient
let catalog: CachedCatalog

beforeAll(async () => {
  warehouse = await smallWarehouse({ seed: { patients: 3, orders: 3 } })
  owner = new RawClient(warehouse.url)
  await owner.login('?databaseName=STAGING&schemaName=PUBLIC')
  const provider = catalogProvider({
    open: async () => {
      const client = new RawClient(warehouse.url)
      await client.login()
      return {
        query: async ({ sql, bindings }) => {
          const { success, code, message, data } = await client.query(sql, { bindings })
          return parseAnswer({ success, code: code ?? '', message, data })
        },
        close: () => Promise.resolve(),
      }
    },
    maxAgeMs: 0,
    now: () => 0,
    readTags: true,
  })
  catalog = provider.forRole('AGENT_READER', 'AGENT_WH')
})
afterAll(() => warehouse.close())

const run = async (sql: string): Promise<void> => {
  expect((await owner.query(sql)).message, sql).toBeNull()
}
const inStaging = (name: string) => ({ database: 'STAGING', schema: 'PUBLIC', name })

describe('what the catalogue reads of a warehouse', () => {
  test.each([
    'lower case',
    'with.dot',
    'quo"te',
    'back\\slash',
    "it's",
    'Größe 漢字',
    'x'.repeat(255),
  ])('%j is an ordinary name of a schema, a table, a view and a column', async (text) => {
    const name = { database: 'STAGING', schema: text, name: text }
    const [schema, table, column] = [['STAGING', text], ['STAGING', text, text], [text]].map(
      quoteName,
    )
    await run(`CREATE SCHEMA ${schema ?? ''}`)
    await run(`CREATE TABLE ${table ?? ''} (${column ?? ''} VARCHAR(7))`)
    await run(`CREATE VIEW ${schema ?? ''}.V AS SELECT ${column ?? ''} FROM ${table ?? ''}`)
    const relation = await catalog.relation(name)
    expect(relation?.name).toEqual(name)
    expect(relation?.columns.map((each) => [each.name, each.type.length])).toEqual([[text, 7]])
    expect(await catalog.relation({ ...name, name: 'V' })).toMatchObject({
      kind: 'view',
      body: `SELECT ${column ?? ''} FROM ${table ?? ''}`,
    })
    expect(relation?.lastDdl).toMatch(/^\d{19}$/)
    expect(await catalog.lastDdl([name])).toEqual([relation?.lastDdl])
    expect(await catalog.relation({ ...name, name: text.toUpperCase() + '_' })).toBeNull()
    await run(`DROP SCHEMA ${schema ?? ''}`)
    await run('USE SCHEMA STAGING.PUBLIC')
    expect(await catalog.relation(name)).toBeNull()
    expect(await catalog.lastDdl([name])).toEqual([null])
  })

  test('LAST_DDL changes with each change of the definition, and comes back to no earlier one', async () => {
    await run('CREATE OR REPLACE TABLE T (A NUMBER)')
    const told = new Set([(await catalog.relation(inStaging('T')))?.lastDdl])
    for (const sql of [
      'ALTER TABLE T ADD COLUMN B NUMBER',
      'ALTER TABLE T DROP COLUMN B',
      'CREATE OR REPLACE TABLE T (A NUMBER)',
    ]) {
      await run(sql)
      const [now] = await catalog.lastDdl([inStaging('T')])
      expect(told.has(now), sql).toBe(false)
      told.add(now)
    }
    await run('INSERT INTO T VALUES (1)')
    expect(told).toContain((await catalog.lastDdl([inStaging('T')]))[0])
  })

  test('tags are those of the column, and those of the table on each column', async () => {
    await run('CREATE OR REPLACE TABLE "tagged one" (A NUMBER, "b" NUMBER)')
    await run('CREATE OR REPLACE TAG PII')
    await run(`ALTER TABLE "tagged one" MODIFY COLUMN "b" SET TAG PII = 'x'`)
    const tag = { database: 'STAGING', schema: 'PUBLIC', name: 'PII' }
    expect((await catalog.relation(inStaging('tagged one')))?.tags).toEqual([
      { ...tag, column: 'b', value: 'x' },
    ])
    await run(`ALTER TABLE "tagged one" SET TAG PII = 'all'`)
    expect((await catalog.relation(inStaging('tagged one')))?.tags).toEqual([
      { ...tag, column: 'A', value: 'all' },
      { ...tag, column: 'b', value: 'x' },
    ])
  })

  test("another session's temporary table is not there", async () => {
    await run('CREATE OR REPLACE TEMPORARY TABLE OWN (A NUMBER)')
    expect(await catalog.relation(inStaging('OWN'))).toBeNull()
  })

  test('a secure view is a view without a body', async () => {
    await run('CREATE OR REPLACE SECURE VIEW SECRET AS SELECT ID FROM HEALTH.PHI.PATIENTS')
    expect(await catalog.relation(inStaging('SECRET'))).toMatchObject({ kind: 'view', body: null })
  })
})
