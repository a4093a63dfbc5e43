import { describe, expect, test } from 'vitest'
import { informationSchemaSource } from '../../../sidecar/catalog/information-schema.ts'
import { name } from './support.ts'

type Rows = readonly (readonly (string | null)[])[]

interface Answers {
  readonly TABLES?: Rows
  readonly COLUMNS?: Rows
  readonly VIEWS?: Rows
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
  const source = informationSchemaSource((sql, binds) => {
    asked.push({ sql, binds })
    const view = (['TABLES', 'COLUMNS', 'VIEWS'] as const).find((one) => sql.includes(`.${one} `))
    return Promise.resolve((view && answers[view]) ?? [])
  }, 'READER')
  return { asked, source }
}

const patients = name('HEALTH.PHI.PATIENTS')

describe('a table', () => {
  test('is read with its columns in order and their types', async () => {
    const { source, asked } = reading({ TABLES: [['BASE TABLE', 'NO']], COLUMNS: columns })
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
    })
    expect(asked).toHaveLength(2)
    expect(asked.find(({ sql }) => sql.includes('COLUMNS'))?.sql).toContain(
      'ORDER BY ORDINAL_POSITION',
    )
  })

  test('is asked for by name in binds; its database is quoted', async () => {
    const { source, asked } = reading({})
    await source.relation({ database: 'd"; DROP', schema: "s' OR 1=1", name: 't' })
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
