import { describe, expect, test } from 'vitest'
import type { ObjectPattern } from '../../../sidecar/control/bundle.ts'
import { mask, plan, refusal, schema, table, text } from './fixture.ts'

const pattern = (
  database: string | null,
  of: string | null = null,
  name: string | null = null,
): ObjectPattern => ({ database, schema: of, name })

const where = (relation: string, visibility: readonly ObjectPattern[]): string =>
  / WHERE (.*)\) AS "/.exec(
    plan(`SELECT 1 FROM db.information_schema.${relation}`, { visibility }).emitted,
  )?.[1] ?? 'no filter'

describe('INFORMATION_SCHEMA lists only what the principal may query', () => {
  test.each([
    ['tables', [pattern('DB', 'S')], '("TABLE_CATALOG" = \'DB\' AND "TABLE_SCHEMA" = \'S\')'],
    [
      'columns',
      [pattern('DB', 'S', 'T')],
      expect.stringContaining('AND "TABLE_NAME" = \'T\'') as string,
    ],
    [
      'views',
      [pattern('A'), pattern('B')],
      '("TABLE_CATALOG" = \'A\') OR ("TABLE_CATALOG" = \'B\')',
    ],
    ['schemata', [pattern('DB', 'S', 'T')], '("CATALOG_NAME" = \'DB\' AND "SCHEMA_NAME" = \'S\')'],
    ['databases', [pattern('DB', 'S'), pattern('DB')], '("DATABASE_NAME" = \'DB\')'],
    ['tables', [pattern(null)], 'TRUE'],
    ['tables', [], 'FALSE'],
  ])('%s', (relation, visibility, predicate) => {
    expect(where(relation, visibility)).toEqual(predicate)
  })

  test('a pattern cannot leave its literal', () => {
    expect(where('databases', [pattern(`a'b\\`)])).toBe(`("DATABASE_NAME" = 'a''b\\\\')`)
  })

  test('without a filter every row is listed', () => {
    expect(plan('SELECT 1 FROM information_schema.tables').emitted).not.toContain('WHERE')
  })
})

describe('INFORMATION_SCHEMA shows no text out of definitions', () => {
  test.each([
    ['columns', 'COLUMN_DEFAULT'],
    ['views', 'VIEW_DEFINITION'],
    ['tables', 'COMMENT'],
    ['schemata', 'COMMENT'],
  ])('%s.%s is NULL', (relation, column) => {
    const { emitted } = plan(`SELECT * FROM information_schema.${relation}`)
    expect(emitted).toContain(`CAST(NULL AS VARCHAR(16777216)) AS "${column}"`)
  })

  test('it keeps its name and may be qualified', () => {
    const { emitted } = plan(
      'SELECT information_schema.tables.table_name FROM information_schema.tables',
    )
    expect(emitted).toMatch(
      /^SELECT "TABLES"\."TABLE_NAME" FROM \(SELECT "TABLE_CATALOG", .* AS "TABLES"$/,
    )
  })

  test('a masking rule holds there, too', () => {
    const rule = mask('TABLES.TABLE_NAME', { kind: 'redact' })
    const masks = [{ ...rule, columns: rule.columns.map((c) => ({ ...c, schema: null })) }]
    const { emitted } = plan('SELECT table_name FROM information_schema.tables', { masks })
    expect(emitted).toContain(`ELSE '***' END AS VARCHAR(16777216)) AS "TABLE_NAME"`)
  })

  test('a view of it whose rows cannot be filtered is refused', () => {
    const name = { database: 'DB', schema: 'INFORMATION_SCHEMA', name: 'STAGES' }
    const relations = [...schema, { ...table('STAGES', { A: text(1) }), name }]
    const error = refusal('SELECT 1 FROM information_schema.stages', { relations })
    expect(error.entry).toBe('ConstructOnProtected')
  })
})

test('an error text may quote a row that is filtered away, so it counts as protected', () => {
  const planned = plan('SELECT table_name::INT FROM db.information_schema.tables')
  expect(planned.touchesProtected).toBe(true)
})
