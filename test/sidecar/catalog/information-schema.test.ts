import { describe, expect, test } from 'vitest'
import { informationSchemaSource } from '../../../sidecar/catalog/information-schema.ts'
import type { CatalogQuery } from '../../../sidecar/catalog/query.ts'
import { rowCountOf } from '../../../sidecar/catalog/row-count.ts'
import { name } from './support.ts'

type Rows = readonly (readonly (string | null)[])[]

interface Answers {
  readonly TABLES?: Rows
  readonly COLUMNS?: Rows
  readonly VIEWS?: Rows
  /** Given: tags are asked for. */
  readonly TAG_REFERENCES_ALL_COLUMNS?: Rows | { readonly refused: string }
}

const columns: Rows = [
  ['ID', 'NUMBER', null, '38', '0', 'NO', null],
  ['SSN', 'text', '11', null, null, 'YES', null],
  ['SEEN', 'TIMESTAMP_NTZ', null, null, null, 'YES', '3'],
]

function reading(answers: Answers): {
  readonly asked: { sql: string; binds: readonly string[] }[]
  readonly source: ReturnType<typeof informationSchemaSource>
} {
  const asked: { sql: string; binds: readonly string[] }[] = []
  const run: CatalogQuery = (sql, binds) => {
    asked.push({ sql, binds })
    const view = views.find((one) => new RegExp(`\\.${one}[ (]`).test(sql))
    return Promise.resolve((view && answers[view]) ?? [])
  }
  const readTags = answers.TAG_REFERENCES_ALL_COLUMNS !== undefined
  const source = informationSchemaSource(run, { role: 'READER', readTags })
  return { asked, source }
}

const views = ['TABLES', 'COLUMNS', 'VIEWS', 'TAG_REFERENCES_ALL_COLUMNS'] as const

const patients = name('HEALTH.PHI.PATIENTS')

describe('a table', () => {
  test('is read with its columns in order and their types', async () => {
    const { source, asked } = reading({
      TABLES: [['BASE TABLE', 'NO', '1700000000123456789']],
      COLUMNS: columns,
    })
    expect(await source.relation(patients)).toEqual({
      name: patients,
      kind: 'table',
      columns: [
        {
          name: 'ID',
          type: { name: 'NUMBER', length: null, precision: 38, scale: 0 },
          nullable: false,
        },
        {
          name: 'SSN',
          type: { name: 'TEXT', length: 11, precision: null, scale: null },
          nullable: true,
        },
        {
          name: 'SEEN',
          type: { name: 'TIMESTAMP_NTZ', length: null, precision: null, scale: 3 },
          nullable: true,
        },
      ],
      body: null,
      lastDdl: '1700000000123456789',
      tags: null,
      temporary: false,
    })
    expect(asked).toHaveLength(2)
    expect(asked.find(({ sql }) => sql.includes('COLUMNS'))?.sql).toContain(
      'ORDER BY ORDINAL_POSITION',
    )
  })

  test.each([
    ['1204', 1_204],
    ['0', 0],
    [null, undefined],
    ['many', undefined],
    ['99999999999999999999', undefined],
  ])('of %s rows is told as one of %s, and is the same table all the same', async (told, rows) => {
    const read = async (count: string | null) => {
      const tables = [['BASE TABLE', 'NO', '1700000000123456789', count]]
      const found = await reading({ TABLES: tables, COLUMNS: columns }).source.relation(patients)
      if (found === null) throw new Error('it is not there')
      return found
    }
    const found = await read(told)
    expect(rowCountOf(found)).toBe(rows)
    expect(found).toEqual(await read('7'))
  })

  test('is asked for by name in binds; its database is quoted', async () => {
    const { source, asked } = reading({})
    await source.relation({ database: 'd"; DROP', schema: "s' OR 1=1", name: 't' })
    expect(asked).toHaveLength(1)
    for (const { sql, binds } of asked) {
      expect(sql).toContain('FROM "d""; DROP".INFORMATION_SCHEMA.')
      expect(sql).toContain('WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?')
      expect(sql).not.toContain('OR 1=1')
      expect(binds).toEqual(["s' OR 1=1", 't'])
    }
  })

  test('that has no row, or no columns, is unknown', async () => {
    expect(await reading({ COLUMNS: columns }).source.relation(patients)).toBeNull()
    expect(await reading({ TABLES: [['BASE TABLE', 'NO']] }).source.relation(patients)).toBeNull()
  })

  test('is told LAST_DDL of before its columns are asked for, so that a change between shows', async () => {
    const asked: string[] = []
    const source = informationSchemaSource(
      (sql) => {
        asked.push(sql)
        // Whatever was asked for beside it might be older than what is told here.
        return new Promise((resolve) => {
          setTimeout(() => {
            resolve(
              sql.includes('.TABLES') ? [['BASE TABLE', 'NO', String(asked.length)]] : columns,
            )
          }, 0)
        })
      },
      { role: 'READER', readTags: true },
    )
    expect(await source.relation(patients)).toMatchObject({ lastDdl: '1' })
    expect(asked[0]).toContain('DATE_PART(EPOCH_NANOSECOND, LAST_DDL)')
  })

  test('is told to be temporary by its type', async () => {
    const { source } = reading({ TABLES: [['TEMPORARY TABLE', 'NO', '1']], COLUMNS: columns })
    expect(await source.relation(patients)).toMatchObject({ kind: 'table', temporary: true })
  })

  test('shares equal columns with other tables', async () => {
    const { source } = reading({ TABLES: [['BASE TABLE', 'NO', '1']], COLUMNS: columns })
    const [one, other] = [await source.relation(patients), await source.relation(name('A.B.C'))]
    expect(one?.columns[0]).toBe(other?.columns[0])
  })

  test('that Snowflake refuses to tell of is a failure, unless it is not visible', async () => {
    const refusing = (refused: string) =>
      informationSchemaSource(() => Promise.resolve({ refused }), {
        role: 'READER',
        readTags: false,
      })
    expect(await refusing('002003').relation(patients)).toBeNull()
    expect(await refusing('002043').relation(patients)).toBeNull()
    await expect(refusing('003001').relation(patients)).rejects.toThrow(
      'the catalogue could not be read (code 003001)',
    )
  })

  test('with a column that has no name is an answer that cannot be used', async () => {
    const { source } = reading({
      TABLES: [['BASE TABLE', 'NO']],
      COLUMNS: [[null, 'TEXT', null, null, null, 'NO']],
    })
    await expect(source.relation(patients)).rejects.toThrow('without name or type')
  })

  test('of a kind that is not known, or twice there, is a view without a body', async () => {
    for (const rows of [
      [['ICEBERG THING', 'NO']],
      [
        ['BASE TABLE', 'NO'],
        ['TEMPORARY TABLE', 'NO'],
      ],
      [[null, 'NO']],
      // Its column VALUE is the whole row.
      [['EXTERNAL TABLE', 'NO']],
      // A dynamic table: it holds what its query reads, and is listed as a base table.
      [['BASE TABLE', 'YES']],
      [['BASE TABLE', null]],
    ]) {
      const { source } = reading({ TABLES: rows, COLUMNS: columns })
      expect(await source.relation(patients)).toMatchObject({ kind: 'view', body: null })
    }
  })
})

describe('a view', () => {
  const definition = 'CREATE VIEW V (A, B, C) AS SELECT ID, SSN, SEEN FROM PATIENTS'
  const bodyFor = async (rows: Rows): Promise<string | null | undefined> => {
    const { source } = reading({ TABLES: [['VIEW']], COLUMNS: columns, VIEWS: rows })
    return (await source.relation(patients))?.body
  }

  test('is read with its body', async () => {
    expect(await bodyFor([[definition, 'NO']])).toBe('SELECT ID, SSN, SEEN FROM PATIENTS')
  })

  test.each<[string, Rows]>([
    ['secure', [[definition, 'YES']]],
    ['of unknown security', [[definition, null]]],
    ['without a definition', [[null, 'NO']]],
    ['with an empty definition', [['', 'NO']]],
    ['not among the views', []],
    [
      'twice there',
      [
        [definition, 'NO'],
        [definition, 'NO'],
      ],
    ],
    ['with another number of columns', [['CREATE VIEW V (A) AS SELECT 1', 'NO']]],
  ])('that is %s has no body', async (_what, rows) => {
    expect(await bodyFor(rows)).toBeNull()
  })
})

describe('tags', () => {
  const tagsFor = async (answer: Answers['TAG_REFERENCES_ALL_COLUMNS']): Promise<unknown> => {
    const { source } = reading({
      TABLES: [['BASE TABLE', 'NO', '1']],
      COLUMNS: columns,
      ...(answer === undefined ? {} : { TAG_REFERENCES_ALL_COLUMNS: answer }),
    })
    return (await source.relation(patients))?.tags
  }

  test('are read with the columns that carry them, by the quoted name in a bind', async () => {
    const { source, asked } = reading({
      TABLES: [['BASE TABLE', 'NO', '1']],
      COLUMNS: columns,
      TAG_REFERENCES_ALL_COLUMNS: [['GOV', 'TAGS', 'PII', 'SSN', 'ssn']],
    })
    expect((await source.relation(patients))?.tags).toEqual([
      { database: 'GOV', schema: 'TAGS', name: 'PII', column: 'SSN', value: 'ssn' },
    ])
    expect(asked.at(-1)).toEqual({
      sql: expect.stringContaining(
        `FROM TABLE("HEALTH".INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS(?, 'table'))`,
      ) as string,
      binds: ['"HEALTH"."PHI"."PATIENTS"'],
    })
  })

  test('that there are none of are none; not asked for or refused they are unknown', async () => {
    expect(await tagsFor([])).toEqual([])
    expect(await tagsFor(undefined)).toBeNull()
    for (const refused of ['002003', '003001', '002141']) {
      expect(await tagsFor({ refused })).toBeNull()
    }
  })

  test('of something that is not a column, or not told in full, are unknown', async () => {
    expect(await tagsFor([['GOV', 'TAGS', 'PII', 'ssn', 'x']])).toBeNull()
    expect(await tagsFor([['GOV', 'TAGS', 'PII', null, 'x']])).toBeNull()
    expect(await tagsFor([['GOV', 'TAGS', 'PII', 'SSN', null]])).toBeNull()
  })
})

describe('LAST_DDL of several objects', () => {
  const telling = (
    rows: Rows,
  ): { asked: string[][]; source: ReturnType<typeof informationSchemaSource> } => {
    const asked: string[][] = []
    const source = informationSchemaSource(
      (sql, binds) => {
        asked.push([sql, ...binds])
        const [schema, ...names] = binds
        return Promise.resolve(
          rows.flatMap(([in_, named, told]) =>
            in_ === schema && names.includes(named ?? '') ? [[named ?? null, told ?? null]] : [],
          ),
        )
      },
      { role: 'READER', readTags: false },
    )
    return { asked, source }
  }

  test('is asked for once in each schema, and told in the order asked for', async () => {
    const { asked, source } = telling([
      ['S', 'B', '2'],
      ['S', 'A', '1'],
      ['x', 'A', '3'],
    ])
    const names = [name('DB.S.A'), name('DB.x.A'), name('DB.S.GONE'), name('DB.S.B')]
    expect(await source.lastDdl(names)).toEqual(['1', '3', null, '2'])
    expect(asked).toHaveLength(2)
    expect(asked[0]?.slice(1)).toEqual(['S', 'A', 'GONE', 'B'])
    expect(asked[0]?.[0]).toContain('TABLE_SCHEMA = ? AND TABLE_NAME IN (?, ?, ?)')
    expect(await source.lastDdl([])).toEqual([])
    expect(asked).toHaveLength(2)
  })

  test('of two objects of one name is not known', async () => {
    const { source } = telling([
      ['S', 'A', '1'],
      ['S', 'A', '1'],
    ])
    expect(await source.lastDdl([name('DB.S.A')])).toEqual([null])
  })

  test('is asked for in queries of 200 names', async () => {
    const { asked, source } = telling([])
    await source.lastDdl(Array.from({ length: 401 }, (_, index) => name(`DB.S.T${index}`)))
    expect(asked.map((query) => query.length - 2)).toEqual([200, 200, 1])
  })
})

describe('INFORMATION_SCHEMA itself', () => {
  test('is known without asking, and only its listed views', async () => {
    const { source, asked } = reading({})
    const tables = await source.relation(name('HEALTH.INFORMATION_SCHEMA.TABLES'))
    expect(tables?.columns.map((column) => column.name)).toContain('TABLE_NAME')
    expect(await source.relation(name('HEALTH.INFORMATION_SCHEMA.QUERY_HISTORY'))).toBeNull()
    expect(await source.relation(name('HEALTH.INFORMATION_SCHEMA.constructor'))).toBeNull()
    expect(asked).toEqual([])
  })
})
