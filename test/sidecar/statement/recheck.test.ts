import { describe, expect, test } from 'vitest'
import { cachedCatalog, type CachedCatalog } from '../../../sidecar/catalog/cache.ts'
import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import {
  relationKey,
  type CatalogRelation,
  type QualifiedName,
} from '../../../sidecar/catalog/types.ts'
import type { Held } from '../../../sidecar/policy/decision.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import { recheck, type Rechecked } from '../../../sidecar/statement/recheck.ts'
import { name, source, table, view } from '../catalog/support.ts'

const at = (relation: CatalogRelation, lastDdl: string | null): CatalogRelation => ({
  ...relation,
  lastDdl,
})
const planned = [
  at(table('DB.S.T', 'ID'), '1'),
  at(table('DB.S.UNTOLD', 'ID'), null),
  at(view('DB.S.V', 'SELECT id FROM t'), '2'),
  { ...at(table('DB.S.TEMP', 'ID'), 'temporary'), temporary: true },
  at(table('DB.INFORMATION_SCHEMA.TABLES', 'TABLE_NAME'), null),
]

/** A catalogue that tells LAST_DDL as given, and what it was asked. */
function telling(now: Readonly<Record<string, string | null>>): CachedCatalog & {
  readonly asked: string[]
} {
  const asked: string[] = []
  const told = new Map(Object.entries(now).map(([text, at]) => [relationKey(name(text)), at]))
  const live: CatalogSource = {
    ...source(...planned),
    lastDdl: (names: readonly QualifiedName[]) => {
      asked.push(...names.map((each) => Object.values(each).join('.')))
      return Promise.resolve(names.map((each) => told.get(relationKey(each)) ?? null))
    },
  }
  const catalog = cachedCatalog(live, { maxAgeMs: 1000, now: () => 0 })
  return Object.assign(catalog, { asked })
}

async function plan(sql: string, touchesProtected = true): Promise<Rechecked> {
  const facts = factsOf(parseStatement(sql).statement)
  const here = { database: 'DB', schema: 'S' }
  const resolution = await resolveRelations(facts, here, source(...planned))
  return { facts, resolution, plan: { touchesProtected } }
}

describe('before a result is released', () => {
  test('every table and view that it was made of is asked for again, each once', async () => {
    const catalog = telling({ 'DB.S.T': '1', 'DB.S.V': '2' })
    await recheck(await plan('SELECT * FROM v, t'), catalog)
    expect(catalog.asked.toSorted()).toEqual(['DB.S.T', 'DB.S.V'])
    expect(catalog.epoch).toBe(0)
  })

  test('nothing is asked for one that touches no protected data', async () => {
    const catalog = telling({})
    await recheck(await plan('SELECT * FROM t', false), catalog)
    expect(catalog.asked).toEqual([])
  })

  test.each([
    ['a table', 'SELECT * FROM t', { 'DB.S.T': '9' }, 'DB.S.T changed'],
    [
      'a table behind a view',
      'SELECT * FROM v',
      { 'DB.S.T': '9', 'DB.S.V': '2' },
      'DB.S.T changed',
    ],
    ['a view', 'SELECT * FROM v', { 'DB.S.T': '1', 'DB.S.V': '9' }, 'DB.S.V changed'],
    ['the target of DML', 'UPDATE t SET id = 1', { 'DB.S.T': '9' }, 'DB.S.T changed'],
    ['a table that is gone', 'SELECT * FROM t', {}, 'DB.S.T changed'],
  ])('%s that changed withholds it, and the catalogue is forgotten', async (_, sql, now, text) => {
    const catalog = telling(now)
    const checking = recheck(await plan(sql), catalog)
    await expect(checking).rejects.toMatchObject({ entry: 'CatalogChanged' })
    await expect(checking).rejects.toThrow(text)
    expect(catalog.epoch).toBe(1)
  })

  test('one of which Snowflake never told LAST_DDL withholds it', async () => {
    const checking = recheck(await plan('SELECT * FROM untold'), telling({ 'DB.S.UNTOLD': '1' }))
    await expect(checking).rejects.toMatchObject({ entry: 'CatalogUnconfirmed' })
    await expect(checking).rejects.toThrow('does not tell role READER')
  })

  test('temporary objects and INFORMATION_SCHEMA are left out', async () => {
    const catalog = telling({ 'DB.S.T': '1' })
    const sql = 'SELECT * FROM temp, t, information_schema.tables'
    await recheck(await plan(sql), catalog)
    expect(catalog.asked).toEqual(['DB.S.T'])
  })

  test('the target of DDL is left out: the statement itself changed it', async () => {
    const catalog = telling({})
    await recheck(await plan('ALTER TABLE t ADD COLUMN c INT'), catalog)
    expect(catalog.asked).toEqual([])
  })

  test('of what people approved every object is asked for, its target too before it runs', async () => {
    const approved = async (sql: string) => ({ ...(await plan(sql, false)), hold: {} as Held })
    const catalog = telling({ 'DB.S.T': '1', 'DB.S.V': '2' })
    await recheck(await approved('SELECT * FROM t'), catalog)
    expect(catalog.asked).toEqual(['DB.S.T'])
    const asked = catalog.asked.length
    await recheck(await approved('ALTER TABLE t ADD COLUMN c INT'), catalog, 'before')
    expect(catalog.asked.slice(asked)).toEqual(['DB.S.T'])
    await recheck(await approved('ALTER TABLE t ADD COLUMN c INT'), catalog, 'after')
    expect(catalog.asked).toHaveLength(asked + 1)
  })

  test('a table that DDL reads and makes anew is its own change', async () => {
    const sql = 'CREATE OR REPLACE TABLE t AS SELECT * FROM t'
    const catalog = telling({ 'DB.S.T': '9' })
    await recheck(await plan(sql), catalog, 'after')
    await expect(recheck(await plan(sql), catalog, 'before')).rejects.toThrow('DB.S.T changed')
  })

  test('a catalogue that cannot be read withholds it', async () => {
    const failing = { ...telling({}), lastDdl: () => Promise.reject(new Error('unreachable')) }
    await expect(recheck(await plan('SELECT * FROM t'), failing)).rejects.toThrow('unreachable')
  })
})
