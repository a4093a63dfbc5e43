import { describe, expect, test } from 'vitest'
import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import type { CatalogRelation, Resolution } from '../../../sidecar/catalog/types.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { source, table, view } from './support.ts'

const here = { database: 'DB', schema: 'S' }
const orders = table('DB.S.ORDERS', 'ID')

const resolve = (sql: string, catalog: CatalogSource): Promise<Resolution> =>
  resolveRelations(factsOf(parseStatement(sql).statement), here, catalog)

const named = (relations: Iterable<CatalogRelation | null>): string[] =>
  [...relations].map((relation) => Object.values(relation?.name ?? {}).join('.')).toSorted()

describe('the relations of a statement', () => {
  test('are found by their completed names, each use with its own', async () => {
    const catalog = source(orders, table('DB.X.T', 'ID'))
    const { objects, relations } = await resolve(
      'WITH c AS (SELECT * FROM orders) SELECT * FROM c, x.t, orders',
      catalog,
    )
    expect(objects.map(({ name }) => name.name).toSorted()).toEqual(['ORDERS', 'ORDERS', 'T'])
    expect(named(relations.values())).toEqual(['DB.S.ORDERS', 'DB.X.T'])
    expect(objects[0]?.relation).toBe(orders)
  })

  test('of none are none', async () => {
    expect((await resolve('SELECT 1', source())).relations.size).toBe(0)
  })

  test('are not looked up where a statement names a thousand and more', async () => {
    const asked: string[] = []
    const counting = {
      ...source(orders),
      relation: ({ name }: { readonly name: string }) => {
        asked.push(name)
        return Promise.resolve(orders)
      },
    }
    const many = (count: number, name: (index: number) => string): string =>
      `SELECT 1 FROM ${Array.from({ length: count }, (_, index) => name(index)).join(', ')}`
    await expect(
      resolve(
        many(1_001, (index) => `t${index}`),
        counting,
      ),
    ).rejects.toThrow('more than 1000 tables and views')
    expect(asked).toEqual([])
    const { objects } = await resolve(
      many(1_001, (index) => `orders AS o${index}`),
      counting,
    )
    expect(objects.length).toBe(1_001)
  })

  test('that the catalogue does not know are unknown, with the role that looked', async () => {
    await expect(resolve('SELECT * FROM orders, nowhere', source(orders))).rejects.toThrow(
      'Object DB.S.NOWHERE does not exist or is not visible to role READER.',
    )
  })

  test('that the session cannot complete are unqualified', async () => {
    const facts = factsOf(parseStatement('SELECT * FROM orders').statement)
    const nowhere = { database: null, schema: null }
    await expect(resolveRelations(facts, nowhere, source(orders))).rejects.toThrow(
      'no current database',
    )
  })

  test('are not guessed where the catalogue fails', async () => {
    const failing: CatalogSource = {
      role: 'READER',
      lastDdl: () => Promise.reject(new Error('unreachable')),
      relation: () => Promise.reject(new Error('unreachable')),
    }
    await expect(resolve('SELECT * FROM orders', failing)).rejects.toThrow('unreachable')
  })
})

describe('an unqualified name', () => {
  const both = [table('DB.PUBLIC.T', 'ID'), table('DB.PUBLIC.U', 'ID'), table('DB.S.U', 'ID')]
  const targetsOf = async (sql: string): Promise<unknown> =>
    (await resolve(sql, source(...both))).targets.map(({ name, relation }) => [
      Object.values(name).join('.'),
      relation !== null,
    ])

  test('is looked up in the current schema, then in PUBLIC of the same database', async () => {
    const { objects } = await resolve('SELECT * FROM t, u', source(...both))
    expect(objects.map(({ name }) => Object.values(name).join('.'))).toEqual([
      'DB.PUBLIC.T',
      'DB.S.U',
    ])
    await expect(resolve('SELECT * FROM s.t', source(...both))).rejects.toThrow('DB.S.T')
  })

  test('in a view means the schema of the view alone', async () => {
    const catalog = source(...both, view('DB.S.V', 'SELECT * FROM t'))
    await expect(resolve('SELECT * FROM v', catalog)).rejects.toThrow('it reads DB.S.T, which')
  })

  test('that is written goes the same way in DML, and means the current schema in DDL', async () => {
    expect(await targetsOf('INSERT INTO t VALUES (1)')).toEqual([['DB.PUBLIC.T', true]])
    expect(await targetsOf('DROP TABLE t')).toEqual([['DB.S.T', false]])
    expect(await targetsOf('CREATE TABLE t (id INT)')).toEqual([['DB.S.T', false]])
    expect(await targetsOf('CREATE OR REPLACE TABLE u (id INT)')).toEqual([['DB.S.U', true]])
  })
})

describe('what a statement changes', () => {
  test('are its tables and views, in text order, and not schemas or warehouses', async () => {
    const named = async (sql: string): Promise<string[]> =>
      (await resolve(sql, source(orders))).targets.map(
        ({ name, use }) => `${use.privilege} ${name.name}`,
      )
    expect(await named('ALTER TABLE orders RENAME TO old_orders')).toEqual([
      'ALTER ORDERS',
      'CREATE OLD_ORDERS',
    ])
    expect(await named('COMMENT ON COLUMN orders.id IS $$x$$')).toEqual(['ALTER ORDERS'])
    expect(await named('CREATE VIEW v AS SELECT 1 AS a')).toEqual(['CREATE V'])
    expect(await named('DROP SCHEMA s')).toEqual([])
    expect(await named('DROP WAREHOUSE w')).toEqual([])
  })

  test('must be known where rows change, and is reached then', async () => {
    const { relations, targets } = await resolve('DELETE FROM orders', source(orders))
    expect(named(relations.values())).toEqual(['DB.S.ORDERS'])
    expect(targets[0]?.relation).toBe(orders)
    await expect(resolve('UPDATE nowhere SET a = 1', source())).rejects.toThrow(
      'Object DB.S.NOWHERE does not exist',
    )
  })
})

describe('a view', () => {
  test('is followed to what it reads, completed from where the view lies', async () => {
    const far = table('OTHER.W.T', 'ID')
    const catalog = source(
      view('OTHER.W.V', 'SELECT * FROM t JOIN inner_v USING (id)'),
      view('OTHER.W.INNER_V', 'SELECT id FROM DB.S.ORDERS'),
      far,
      table('DB.S.T', 'ID'),
      orders,
    )
    const { objects, relations } = await resolve('SELECT * FROM other.w.v', catalog)
    expect(objects).toHaveLength(1)
    expect(named(relations.values())).toEqual([
      'DB.S.ORDERS',
      'OTHER.W.INNER_V',
      'OTHER.W.T',
      'OTHER.W.V',
    ])
  })

  test('reports the functions that its body calls', async () => {
    const catalog = source(view('DB.S.V', 'SELECT UPPER(db.s.f(id)) AS id FROM orders'), orders)
    const { viewFunctions } = await resolve('SELECT * FROM v', catalog)
    expect(viewFunctions.map(({ use }) => use.name.join('.')).toSorted()).toEqual([
      'DB.S.F',
      'UPPER',
    ])
    expect(viewFunctions[0]?.view).toEqual({ database: 'DB', schema: 'S', name: 'V' })
  })

  test('reached twice is not a circle', async () => {
    const catalog = source(
      view('DB.S.A', 'SELECT * FROM b, c'),
      view('DB.S.B', 'SELECT * FROM c'),
      view('DB.S.C', 'SELECT * FROM orders'),
      orders,
    )
    expect((await resolve('SELECT * FROM a, c', catalog)).relations.size).toBe(4)
  })

  test.each<[string, string, readonly CatalogRelation[]]>([
    ['has a hidden body', 'definition cannot be read', [view('DB.S.V', null)]],
    ['has a body that does not parse', 'does not parse', [view('DB.S.V', 'SELECT FROM WHERE')]],
    ['is not a query', 'does not parse', [view('DB.S.V', 'DROP TABLE orders')]],
    [
      'reads what is not known',
      'it reads DB.S.GONE, which',
      [view('DB.S.V', 'SELECT * FROM gone')],
    ],
    ['reads itself', 'leads back to itself', [view('DB.S.V', 'SELECT * FROM v')]],
    [
      'reads itself through another',
      'leads back to itself',
      [view('DB.S.V', 'SELECT * FROM w'), view('DB.S.W', 'SELECT * FROM v')],
    ],
    [
      'names a table at run time',
      'not all written',
      [view('DB.S.V', 'SELECT * FROM IDENTIFIER($t)')],
    ],
    [
      'names a table by a literal',
      'not all written',
      [view('DB.S.V', "SELECT * FROM IDENTIFIER('orders')")],
    ],
    ['names a table by a bind', 'not all written', [view('DB.S.V', 'SELECT * FROM IDENTIFIER(?)')]],
    [
      'reads a session variable',
      'not all written',
      [view('DB.S.V', 'SELECT $x AS id FROM orders')],
    ],
  ])('that %s is unreadable', async (_what, reason, relations) => {
    const resolving = resolve('SELECT * FROM v', source(orders, ...relations))
    await expect(resolving).rejects.toThrow(reason)
    await expect(resolving).rejects.toMatchObject({ entry: 'ViewUnreadable' })
  })

  test('may lie over 32 others, but not over more', async () => {
    const chain = (length: number): CatalogRelation[] =>
      Array.from({ length }, (_, index) =>
        view(`DB.S.V${index}`, `SELECT * FROM ${index + 1 < length ? `v${index + 1}` : 'orders'}`),
      )
    const deep = await resolve('SELECT * FROM v0', source(orders, ...chain(32)))
    expect(deep.relations.size).toBe(33)
    await expect(resolve('SELECT * FROM v0', source(orders, ...chain(33)))).rejects.toThrow(
      'nested deeper than 32',
    )
  })
})
