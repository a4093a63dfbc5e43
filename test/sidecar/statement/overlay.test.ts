import { describe, expect, test } from 'vitest'
import { cachedCatalog } from '../../../sidecar/catalog/cache.ts'
import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'
import { FrostgateError } from '../../../sidecar/errors.ts'
import { overlayCatalog, type SessionOverlay } from '../../../sidecar/session/overlay.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { followObjects, refuseHiding, unsettleObjects } from '../../../sidecar/statement/overlay.ts'
import type { Ran } from '../../../sidecar/statement/stages.ts'
import type { UpstreamAnswer } from '../../../sidecar/upstream/answer.ts'
import { name, source, table } from '../catalog/support.ts'

const here = { database: 'DB', schema: 'S' }
const permanent = table('DB.S.PERMANENT', 'ID')

type Described = readonly (readonly (string | null)[])[]

/** A session in which statements run one after the other, and Snowflake describes as told. */
function session(...relations: readonly CatalogRelation[]) {
  const overlay: SessionOverlay = new Map()
  const counted = source(permanent, ...relations)
  const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => 0 })
  const sent: string[] = []
  let answer: Described | Error = []
  const upstream = {
    query: ({ sql }: { sql: string }): Promise<UpstreamAnswer> => {
      sent.push(sql)
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(described(answer))
    },
  }
  const judged = async (sql: string) => {
    const parsed = parseStatement(sql)
    const facts = factsOf(parsed.statement)
    const seen = overlayCatalog(catalog, overlay)
    const resolution = await resolveRelations(facts, here, seen)
    return { parsed, facts, resolution }
  }
  const statement = async (sql: string, describeOnly = false): Promise<Ran> => {
    const ran: unknown = {
      ...(await judged(sql)),
      emitted: sql,
      request: { describeOnly },
      entry: { upstreamRequestId: 'r' },
      context: here,
      session: { overlay, catalog, upstream },
    }
    return ran as Ran
  }
  return {
    overlay, catalog, sent, counted, judged, statement,
    run: async (sql: string, columns: Described | Error = []): Promise<void> => {
      answer = columns
      const ran = await statement(sql)
      refuseHiding(ran)
      await followObjects(ran)
    },
    names: () => [...overlay.values()].map((relation) => Object.values(relation.name).join('.')),
  } // prettier-ignore
}

function described(rows: Described): UpstreamAnswer {
  const columns = ['name', 'type', 'kind', 'null?'].map((column) => ({ name: column }))
  return { ok: true, columns, rows, total: rows.length, chunks: [] } as unknown as UpstreamAnswer
}

const oneColumn: Described = [['A', 'VARCHAR(11)', 'COLUMN', 'N']]

test('a session has a thousand temporary objects at most, and may drop some to make others', async () => {
  const own = session()
  await own.run('CREATE TEMPORARY TABLE t (a VARCHAR(11))', oneColumn)
  const [made] = own.overlay.values()
  if (made === undefined) throw new Error('it is not kept')
  for (let number = 1; number < 1_000; number += 1) own.overlay.set(String(number), made)
  await expect(own.run('CREATE TEMPORARY TABLE u (a INT)')).rejects.toThrow('TemporaryTooMany')
  await own.run('CREATE TABLE u (a INT)')
  own.overlay.delete('999')
  await own.run('CREATE TEMPORARY TABLE v (a VARCHAR(11))', oneColumn)
})

describe('a temporary object that was made', () => {
  test('is known by the columns that Snowflake describes, and is looked in first', async () => {
    const own = session()
    await own.run('CREATE TEMPORARY TABLE t (a VARCHAR(11))', [
      ...oneColumn,
      ['b', 'NUMBER(10,2)', 'COLUMN', 'Y'],
      ['C', 'TIMESTAMP_NTZ(9)', 'COLUMN', 'Y'],
      ['D', 'VECTOR(FLOAT, 3)', 'COLUMN', 'Y'],
    ])
    expect(own.sent).toEqual(['DESCRIBE TABLE "DB"."S"."T"'])
    const { objects } = (await own.judged('SELECT * FROM t')).resolution
    expect(objects[0]?.relation).toMatchObject({ temporary: true, kind: 'table', tags: [] })
    expect(objects[0]?.relation.columns).toEqual([
      { name: 'A', type: { name: 'TEXT', length: 11, precision: null, scale: null }, nullable: false },
      { name: 'b', type: { name: 'NUMBER', length: null, precision: 10, scale: 2 }, nullable: true },
      { name: 'C', type: { name: 'TIMESTAMP_NTZ', length: null, precision: null, scale: 9 }, nullable: true },
      { name: 'D', type: { name: 'VECTOR', length: null, precision: null, scale: null }, nullable: true },
    ]) // prettier-ignore
    const seen = overlayCatalog(own.catalog, own.overlay)
    const asked = [name('DB.S.T'), permanent.name]
    expect(await seen.lastDdl(asked)).toEqual(await seen.lastDdl(asked))
    expect((await seen.lastDdl(asked))[0]).not.toBeNull()
  })

  test('that is a view is followed to what it reads', async () => {
    const own = session()
    await own.run('CREATE TEMP VIEW v AS SELECT id AS a FROM "DB"."S"."PERMANENT"', oneColumn)
    expect(own.sent).toEqual(['DESCRIBE VIEW "DB"."S"."V"'])
    const { relations } = (await own.judged('SELECT * FROM v')).resolution
    expect(relations.size).toBe(2)
  })

  test.each<[string, Described | Error]>([
    ['fails', FrostgateError.of('SessionGone', { reason: 'x' })],
    ['has no rows', []],
    ['has a row that is no column', [...oneColumn, ['B', 'NUMBER(1,0)', 'STAGE', 'Y']]],
    ['has a column without type', [['B', null, 'COLUMN', 'Y']]],
  ])('whose description %s cannot be read until it is dropped', async (_, answer) => {
    const own = session()
    await own.run('CREATE TEMPORARY TABLE t (a VARCHAR(11))', answer)
    await expect(own.judged('SELECT * FROM t')).rejects.toMatchObject({ entry: 'ViewUnreadable' })
    await own.run('DROP TABLE t')
    await expect(own.judged('SELECT * FROM t')).rejects.toMatchObject({ entry: 'ObjectUnknown' })
  })

  test('is described again when it is altered, and goes by its new name when it is renamed', async () => {
    const own = session()
    await own.run('CREATE TEMPORARY TABLE t (a INT)', oneColumn)
    await own.run('ALTER TABLE t ADD COLUMN b INT', [
      ...oneColumn,
      ['B', 'NUMBER(38,0)', 'COLUMN', 'Y'],
    ])
    expect(
      (await own.judged('SELECT * FROM t')).resolution.objects[0]?.relation.columns,
    ).toHaveLength(2)
    await own.run('ALTER TABLE t RENAME TO db.x.u', oneColumn)
    expect(own.names()).toEqual(['DB.X.U'])
    expect(own.sent.at(-1)).toBe('DESCRIBE TABLE "DB"."X"."U"')
  })

  test('goes with its schema', async () => {
    const own = session()
    await own.run('CREATE TEMPORARY TABLE t (a INT)', oneColumn)
    await own.run('CREATE TEMPORARY TABLE x.t (a INT)', oneColumn)
    await own.run('DROP SCHEMA s')
    expect(own.names()).toEqual(['DB.X.T'])
    await own.run('DROP SCHEMA other.x')
    expect(own.names()).toEqual(['DB.X.T'])
  })

  test('stays what it was where IF NOT EXISTS found it', async () => {
    const own = session(table('DB.S.OTHER', 'ID'))
    await own.run('CREATE TEMP VIEW v AS SELECT id AS a FROM permanent', oneColumn)
    await own.run('CREATE TEMP VIEW IF NOT EXISTS v AS SELECT id AS a FROM other', oneColumn)
    const { relations } = (await own.judged('SELECT * FROM v')).resolution
    expect([...relations.values()].map((read) => read?.name.name)).toContain('PERMANENT')
    await own.run('CREATE TEMP TABLE IF NOT EXISTS t (a VARCHAR(11))', oneColumn)
    expect(own.names()).toEqual(['DB.S.V', 'DB.S.T'])
  })

  test('cannot be read if a permanent one of its name was made meanwhile', async () => {
    const own = session()
    await own.run('CREATE TEMPORARY TABLE other (a VARCHAR(11))', oneColumn)
    const ran = await own.statement('CREATE TEMPORARY TABLE t (a VARCHAR(11))')
    const later = session(table('DB.S.T', 'A'))
    await followObjects({ ...ran, session: { ...ran.session, catalog: later.catalog } })
    await expect(own.judged('SELECT * FROM t')).rejects.toMatchObject({ entry: 'ViewUnreadable' })
  })

  test('was not made by a statement that was only described', async () => {
    const own = session()
    await followObjects(await own.statement('CREATE TEMPORARY TABLE t (a INT)', true))
    expect(own.names()).toEqual([])
  })
})

describe('a temporary and a permanent object of one name', () => {
  const refused = { entry: 'TemporaryHides' }

  test('are refused, whichever comes second', async () => {
    const own = session()
    for (const sql of [
      'CREATE TEMPORARY TABLE permanent (a INT)',
      'CREATE OR REPLACE LOCAL TEMP TABLE db.s.permanent AS SELECT 1 AS a',
      'CREATE TEMP VIEW permanent AS SELECT 1 AS a',
      'CREATE VOLATILE TABLE permanent (a INT)',
    ]) {
      await expect(own.run(sql), sql).rejects.toMatchObject(refused)
    }
    await own.run('CREATE TEMPORARY TABLE t (a INT)', oneColumn)
    await expect(own.run('CREATE TABLE t (a INT)')).rejects.toMatchObject(refused)
    await expect(own.run('CREATE VIEW t AS SELECT 1 AS a')).rejects.toMatchObject(refused)
    await expect(own.run('ALTER TABLE t RENAME TO permanent')).rejects.toMatchObject(refused)
    await expect(own.run('ALTER TABLE permanent RENAME TO t')).rejects.toMatchObject(refused)
    await own.run('CREATE OR REPLACE TEMPORARY TABLE t (a INT)', oneColumn)
    await own.run('CREATE OR REPLACE TABLE permanent (a INT)')
    expect(own.names()).toEqual(['DB.S.T'])
  })
})

describe('DDL that ran', () => {
  const asks = async (sql: string, then: string): Promise<boolean> => {
    const own = session(table('DB.S.OTHER', 'ID'))
    for (const text of ['permanent', 'other']) await own.judged(`SELECT * FROM ${text}`)
    await own.run(sql)
    own.counted.asked.length = 0
    await own.judged(`SELECT * FROM ${then}`)
    return own.counted.asked.length > 0
  }

  test.each([
    'CREATE OR REPLACE TABLE permanent (a INT)',
    'DROP TABLE permanent',
    'ALTER TABLE permanent ADD COLUMN b INT',
    "COMMENT ON COLUMN permanent.id IS 'x'",
  ])('%s makes what it changed be asked for again, and nothing else', async (sql) => {
    expect(await asks(sql, 'permanent')).toBe(true)
    expect(await asks(sql, 'other')).toBe(false)
  })

  test('of a whole schema makes everything be asked for again', async () => {
    expect(await asks('DROP SCHEMA x', 'other')).toBe(true)
  })

  test('is not DML, which changes no definition', async () => {
    expect(await asks('DELETE FROM permanent', 'permanent')).toBe(false)
  })
})

describe('a statement of which it is not known whether it ran', () => {
  const lost = FrostgateError.of('UpstreamUnavailable', { reason: 'x' })

  test('leaves its temporary object unreadable, and the catalogue forgotten', async () => {
    const own = session()
    unsettleObjects(await own.statement('CREATE TEMPORARY TABLE t (a INT)'), lost)
    await expect(own.judged('SELECT * FROM t')).rejects.toMatchObject({ entry: 'ViewUnreadable' })
    expect(own.catalog.epoch).toBe(1)
  })

  test('is not one that Snowflake refused, or that is no DDL', async () => {
    const own = session()
    const failed = FrostgateError.of('UpstreamFailedRedacted', { code: '1' } as never)
    unsettleObjects(await own.statement('CREATE TEMPORARY TABLE t (a INT)'), failed)
    unsettleObjects(await own.statement('SELECT * FROM permanent'), lost)
    expect(own.names()).toEqual([])
    expect(own.catalog.epoch).toBe(0)
  })
})
