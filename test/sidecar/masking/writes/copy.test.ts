/** COPY INTO: what is emitted, and that neither protected data nor its masks get into files. */

import { describe, expect, test } from 'vitest'

import { systemRelation } from '../../../../sidecar/catalog/system-relations.ts'
import { columnUses } from '../../../../sidecar/masking/column-uses.ts'
import { planMasking } from '../../../../sidecar/masking/plan.ts'
import { factsOf, parseStatement } from '../../../../sidecar/sql/index.ts'
import { bundle, allow, policy } from '../../policy/support.ts'
import {
  mask,
  maskedPatients,
  person,
  plan,
  refusal,
  resolved,
  schema,
  ssnMask,
  table,
  text,
  type Setting,
} from '../fixture.ts'

const emitted = (sql: string, setting: Setting = {}): string => plan(sql, setting).emitted
const entry = (sql: string, setting: Setting = {}): string => refusal(sql, setting).entry

describe('names are emitted in full and quoted', () => {
  test.each([
    ['copy into guess from @in_box', 'COPY INTO "DB"."S"."GUESS" FROM @"DB"."S"."IN_BOX"'],
    [
      'COPY INTO s.guess (g) FROM @other.s/p/x.csv FORCE = TRUE',
      'COPY INTO "DB"."S"."GUESS" (g) FROM @"DB"."OTHER"."S"/p/x.csv FORCE = TRUE',
    ],
    [
      `COPY INTO guess FROM '@a."b''c\\\\d"."e f"/with space/'`,
      `COPY INTO "DB"."S"."GUESS" FROM '@"A"."b''c\\\\d"."e f"/with space/'`,
    ],
    ['COPY INTO guess FROM @a..s', 'COPY INTO "DB"."S"."GUESS" FROM @"A"."PUBLIC"."S"'],
    [
      "COPY INTO guess FROM @s FILE_FORMAT = (FORMAT_NAME = 'f') PATTERN = '.*'",
      `COPY INTO "DB"."S"."GUESS" FROM @"DB"."S"."S" FILE_FORMAT = (FORMAT_NAME = '"DB"."S"."F"' ) PATTERN = '.*'`,
    ],
    ["COPY INTO IDENTIFIER('guess') FROM @s", 'COPY INTO "DB"."S"."GUESS" FROM @"DB"."S"."S"'],
    ["COPY INTO @s FROM IDENTIFIER('s.guess')", 'COPY INTO @"DB"."S"."S" FROM "DB"."S"."GUESS"'],
    [
      'COPY INTO guess FROM @s FILE_FORMAT = a.f',
      'COPY INTO "DB"."S"."GUESS" FROM @"DB"."S"."S" FILE_FORMAT = "DB"."A"."F"',
    ],
    [
      "COPY INTO guess FROM (SELECT x.$1:a::INT, METADATA$FILENAME FROM @s (FILE_FORMAT => 'f') x)",
      `COPY INTO "DB"."S"."GUESS" FROM (SELECT x.$1:a::INT, METADATA$FILENAME FROM @"DB"."S"."S" (FILE_FORMAT => '"DB"."S"."F"' ) x)`,
    ],
    [
      "COPY INTO @out/p/ FROM guess FILE_FORMAT = (TYPE = CSV, NULL_IF = ('')) HEADER = TRUE",
      `COPY INTO @"DB"."S"."OUT"/p/ FROM "DB"."S"."GUESS" FILE_FORMAT = (TYPE = CSV, NULL_IF = ('')) HEADER = TRUE`,
    ],
    [
      'COPY INTO @out FROM (SELECT g FROM guess) PARTITION BY (g)',
      'COPY INTO @"DB"."S"."OUT" FROM (SELECT g FROM "DB"."S"."GUESS" ) PARTITION BY (g)',
    ],
  ])('%s', (sql, expected) => {
    expect(emitted(sql)).toBe(expected)
  })
})

describe('of a protected relation', () => {
  test('other columns may be unloaded, read from behind masks', () => {
    const { emitted: sql, touchesProtected } = plan(
      'COPY INTO @out FROM (SELECT id, p.city FROM patients p WHERE city > 1) PARTITION BY (city)',
    )
    expect(sql).toBe(
      `COPY INTO @"DB"."S"."OUT" FROM (SELECT id, p.city FROM ${maskedPatients}) p ` +
        'WHERE city > 1) PARTITION BY (city)',
    )
    expect(touchesProtected).toBe(true)
  })

  test.each([
    'COPY INTO @out FROM patients',
    'COPY INTO @out FROM v_star',
    'COPY INTO @out FROM (SELECT * FROM patients)',
    'COPY INTO @out FROM (SELECT ssn FROM patients)',
    "COPY INTO @out FROM (SELECT id, 'x' || SUBSTR(ssn, 1, 2) AS a FROM patients)",
    'COPY INTO @out FROM (SELECT x FROM v_renamed)',
    'COPY INTO @out FROM (SELECT y FROM v_nested)',
    'COPY INTO @out FROM (SELECT id FROM patients) PARTITION BY (ssn)',
    'COPY INTO @out FROM (SELECT id, ssn FROM patients) PARTITION BY (id)',
    'COPY INTO @out FROM (SELECT 1 AS a UNION SELECT (SELECT MAX(ssn) FROM patients))',
  ])('nothing protected gets into files: %s', (sql) => {
    const error = refusal(sql, { masks: [{ ...ssnMask, usage: 'AtRead' }] })
    expect(error.entry).toBe('PersistRefused')
    expect(error.message).toContain('COPY INTO would store or give away column DB.S.')
  })

  test('nor is it used, as in any query', () => {
    expect(entry("COPY INTO @out FROM (SELECT id FROM patients WHERE ssn = '1')")).toBe(
      'ColumnUseRefused',
    )
  })

  test('what a view shows that carries none of it may be unloaded', () => {
    expect(emitted('COPY INTO @out FROM v_clean')).toBe(
      'COPY INTO @"DB"."S"."OUT" FROM "DB"."S"."V_CLEAN"',
    )
  })

  test('an earlier result that carried it is not unloaded either', () => {
    const tableOf = () => ({
      columns: [],
      known: false,
      rest: { taint: new Map([[carried(), 0]]), carried: null, untraced: null },
    })
    const sql = "COPY INTO @out FROM (SELECT * FROM TABLE(RESULT_SCAN('x')))"
    expect(entry(sql, { tableOf })).toBe('PersistRefused')
  })

  test('whom no rule binds may unload it', () => {
    const masks = [{ ...ssnMask, exceptFor: [{ groups: ['audit'], ...anyone }] }]
    expect(emitted('COPY INTO @out FROM patients', { masks, principal: person('audit') })).toBe(
      'COPY INTO @"DB"."S"."OUT" FROM "DB"."S"."PATIENTS"',
    )
  })
})

const anyone = { provider: 'okta', subjects: undefined, claims: undefined }

function carried() {
  const { shape } = plan('SELECT ssn FROM patients')
  const [column] = shape?.columns[0]?.value.taint.keys() ?? []
  if (column === undefined) throw new Error('nothing is carried')
  return column
}

describe('listings', () => {
  test('are unloaded filtered, by a query that names what it wants', () => {
    const tables = systemRelation({ database: 'DB', schema: 'INFORMATION_SCHEMA', name: 'TABLES' })
    if (tables === null) throw new Error('no listing')
    const setting = { relations: [...schema, tables], visibility: [] }
    const sql = 'COPY INTO @out FROM (SELECT table_name FROM information_schema.tables)'
    expect(emitted(sql, setting)).toContain('WHERE')
    expect(entry('COPY INTO @out FROM information_schema.tables', setting)).toBe(
      'ConstructOnProtected',
    )
  })
})

describe('files are loaded into a protected relation', () => {
  test('only into columns that are named, none of them protected', () => {
    const { emitted: sql, touchesProtected } = plan('COPY INTO patients (id, city) FROM @s')
    expect(sql).toBe('COPY INTO "DB"."S"."PATIENTS" (id, city) FROM @"DB"."S"."S"')
    expect(touchesProtected).toBe(true)
  })

  test.each([
    'COPY INTO patients FROM @s',
    'COPY INTO patients (id, ssn) FROM @s',
    'COPY INTO patients FROM (SELECT $1, $2, $3, $4 FROM @s)',
    "COPY INTO patients (ssn) FROM (SELECT 'x' FROM @s)",
    'COPY INTO patients FROM @s MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE',
    "COPY INTO patients (id) FROM @s MATCH_BY_COLUMN_NAME = 'CASE_SENSITIVE'",
  ])('%s is refused', (sql) => {
    const error = refusal(sql)
    expect(error.entry).toBe('ProtectedValueRefused')
    expect(error.message).toContain('Column DB.S.PATIENTS.SSN is masked by MaskingRule "hide-ssn"')
    expect(error.message).toContain('a file is neither')
  })

  test('MATCH_BY_COLUMN_NAME = NONE goes by the list', () => {
    expect(() => plan('COPY INTO patients (id) FROM @s MATCH_BY_COLUMN_NAME = NONE')).not.toThrow()
  })

  test('by name, also into columns that are protected by a tag', () => {
    const tag = { database: 'GOV', schema: 'TAGS', name: 'PII' }
    const known = { ...table('T', { A: text(1), B: text(1) }) }
    const relations = [{ ...known, tags: [{ ...tag, column: 'B', value: 'x' }] }]
    const tagged = { ...ssnMask, columns: [], tags: [{ ...tag, value: null }] }
    const setting = { relations, masks: [tagged] }
    expect(() => plan('COPY INTO t (a) FROM @s', setting)).not.toThrow()
    expect(entry('COPY INTO t (a, b) FROM @s', setting)).toBe('ProtectedValueRefused')
    const byName = 'COPY INTO t (a) FROM @s MATCH_BY_COLUMN_NAME = CASE_SENSITIVE'
    expect(entry(byName, setting)).toBe('ProtectedValueRefused')
  })

  test('a column that the catalogue does not list may be protected', () => {
    expect(entry('COPY INTO patients (id, fresh) FROM @s')).toBe('ColumnUnresolvable')
    const any = { ...mask('GUESS.LATER'), columns: [{ ...everywhere, column: 'LATER' }] }
    const sql = 'COPY INTO guess FROM @s'
    expect(() => plan(sql, { masks: [any] })).not.toThrow()
    const byName = refusal(`${sql} MATCH_BY_COLUMN_NAME = CASE_SENSITIVE`, { masks: [any] })
    expect(byName.message).toContain('Column DB.S.GUESS.LATER is masked by MaskingRule')
  })
})

const everywhere = { database: null, schema: null, name: null }

test('what policy does not govern is not planned either', () => {
  expect(entry('COPY INTO guess FROM @~/x')).toBe('StatementUnsupported')
  expect(entry('COPY INTO @s FROM (SELECT $1 FROM @other)')).toBe('StageRefused')
})

describe('columns that rules go by', () => {
  const asking = bundle(policy([allow({ columns: ['DB.S.*.*'] })]))
  const uses = (sql: string): readonly string[] => {
    const parsed = parseStatement(sql)
    const facts = factsOf(parsed.statement)
    const input = { parsed, facts, session: { principal: person('agents') } }
    const resolution = resolved(facts, [...schema, table('T', { A: text(1), B: text(1) })])
    return columnUses({ ...input, resolution }, asking).map(
      ({ relation, column, privilege }) => `${privilege} ${relation.name}.${column}`,
    )
  }

  test.each([
    ['COPY INTO t (b) FROM @s', ['WRITE T.B']],
    ['COPY INTO t FROM @s', ['WRITE T.A', 'WRITE T.B']],
    ['COPY INTO t (b) FROM @s MATCH_BY_COLUMN_NAME = CASE_SENSITIVE', ['WRITE T.A', 'WRITE T.B']],
    ['COPY INTO @s FROM t', ['SELECT T.A', 'SELECT T.B']],
    ['COPY INTO @s FROM (SELECT a FROM t)', ['SELECT T.A']],
    ['COPY INTO @s FROM (SELECT a AS x FROM t) PARTITION BY (x)', ['SELECT T.A']],
    ['COPY INTO @s FROM (SELECT x FROM v_renamed)', ['SELECT V_RENAMED.X', 'SELECT PATIENTS.SSN']],
  ])('%s', (sql, expected) => {
    expect(uses(sql)).toEqual(expected)
  })
})

test('masking names the rules and columns of what an unload reads', () => {
  const sql = 'COPY INTO @out FROM (SELECT id FROM patients)'
  const parsed = parseStatement(sql)
  const facts = factsOf(parsed.statement)
  const { maskedColumns, outputs } = planMasking({
    parsed,
    facts,
    resolution: resolved(facts, schema),
    masks: [ssnMask],
    principal: person('agents'),
    context: { database: 'DB', schema: 'S' },
    visibility: null,
    bindings: undefined,
    keys: new Map(),
  })
  expect(maskedColumns).toEqual(['DB.S.PATIENTS.SSN'])
  expect(outputs).toBeNull()
})
