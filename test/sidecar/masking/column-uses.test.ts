import { describe, expect, test } from 'vitest'
import { displayObject } from '../../../sidecar/catalog/names.ts'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'
import type { Bundle, CompiledMask, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { columnUses, everyColumnUse } from '../../../sidecar/masking/column-uses.ts'
import type { ColumnAccess } from '../../../sidecar/policy/column-access.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { emptyRule } from '../../support/rules.ts'
import { integer, mask, person, resolved, schema, ssnMask, table, text } from './fixture.ts'

const asking: CompiledRule = {
  ...emptyRule,
  name: 'r',
  action: 'Deny',
  columns: [{ database: null, schema: null, name: null, column: 'SSN' }],
}

/** Only what columns are told by: no test here asks for more of a bundle. */
function bundle(rules: readonly CompiledRule[], masks: readonly CompiledMask[]): Bundle {
  return { policies: [{ rules }], masks } as unknown as Bundle
}

function uses(
  sql: string,
  { rules = [asking], relations = schema, ask = columnUses, masks = [ssnMask] } = {},
): readonly ColumnAccess[] {
  const parsed = parseStatement(sql)
  const facts = factsOf(parsed.statement)
  const session = { principal: person('agents') }
  return ask(
    { parsed, facts, resolution: resolved(facts, relations), session },
    bundle(rules, masks),
  )
}

/** `PATIENTS.ID VISITS.PID=` in order of names; `=` marks a column that is given a value. */
function names(sql: string, setting: Parameters<typeof uses>[1] = {}): string {
  return uses(sql, setting)
    .map(({ relation, column, privilege }) => {
      const name = displayObject(relation).replace('DB.S.', '')
      return `${name}.${column}${privilege === 'WRITE' ? '=' : ''}`
    })
    .toSorted()
    .join(' ')
}

describe('columns that a query reads', () => {
  test.each([
    ['SELECT id FROM patients', 'PATIENTS.ID'],
    ['SELECT 1 FROM patients', ''],
    ['SELECT COUNT(*) FROM patients', ''],
    ['SELECT id FROM patients WHERE ssn IS NULL', 'PATIENTS.ID PATIENTS.SSN'],
    ['SELECT p.name FROM patients p ORDER BY p.city', 'PATIENTS.CITY PATIENTS.NAME'],
    ['SELECT * FROM visits', 'VISITS.FEE VISITS.PID VISITS.SSN'],
    ['SELECT v.* EXCLUDE (fee) FROM visits v', 'VISITS.FEE VISITS.PID VISITS.SSN'],
    ['SELECT $2 FROM visits', 'VISITS.SSN'],
    ['SELECT 1 FROM patients JOIN visits USING (ssn)', 'PATIENTS.SSN VISITS.SSN'],
    ['SELECT 1 FROM patients NATURAL JOIN visits', 'PATIENTS.SSN VISITS.SSN'],
    ['SELECT x FROM (SELECT id AS x, name FROM patients)', 'PATIENTS.ID PATIENTS.NAME'],
    ['WITH w AS (SELECT ssn FROM patients) SELECT 1 FROM w', 'PATIENTS.SSN'],
    [
      'SELECT (SELECT MAX(fee) FROM visits WHERE pid = id) FROM patients',
      'PATIENTS.ID VISITS.FEE VISITS.PID',
    ],
    ['SELECT id AS i FROM patients ORDER BY 1', 'PATIENTS.ID'],
    ['SELECT g FROM guess UNION SELECT ssn FROM visits', 'GUESS.G VISITS.SSN'],
    ['SELECT HASH(*) FROM guess', 'GUESS.G'],
    ['SELECT d.doc:a FROM docs d, LATERAL FLATTEN(d.doc)', 'DOCS.DOC'],
    ["SELECT * FROM visits PIVOT (MAX(fee) FOR ssn IN ('a'))", 'VISITS.FEE VISITS.PID VISITS.SSN'],
    ['EXPLAIN SELECT id FROM patients', 'PATIENTS.ID'],
  ])('%s: %s', (sql, expected) => {
    expect(names(sql)).toBe(expected)
  })

  test('a name that cannot be traced may be any column', () => {
    expect(names('SELECT fresh FROM guess, docs')).toBe('DOCS.DOC DOCS.ID GUESS.G')
  })

  test('what is too much to trace uses everything that is read', () => {
    let sql = 'SELECT * FROM guess'
    for (let depth = 0; depth < 40; depth += 1) sql = `SELECT *, * FROM (${sql})`
    expect(names(sql)).toBe('GUESS.G')
    expect(names(`SELECT 1 FROM visits, (${sql})`)).toBe('GUESS.G VISITS.FEE VISITS.PID VISITS.SSN')
  })
})

describe('columns of views', () => {
  test.each([
    ['SELECT x FROM v_renamed', 'PATIENTS.SSN V_RENAMED.X'],
    ['SELECT name FROM v_star', 'PATIENTS.NAME V_STAR.NAME'],
    ['SELECT y FROM v_nested', 'PATIENTS.SSN V_NESTED.Y V_RENAMED.X'],
    ['SELECT c FROM v_nested', 'V_NESTED.C'],
    ['SELECT 1 FROM v_clean', 'PATIENTS.SSN'],
    ['SELECT id FROM v_clean', 'PATIENTS.ID PATIENTS.SSN V_CLEAN.ID'],
  ])(
    'are told with all that is behind them, and with what its predicates read: %s: %s',
    (sql, expected) => {
      expect(names(sql)).toBe(expected)
    },
  )

  test('computed ones come from each of their columns', () => {
    const relations = [
      ...schema,
      table('V', { A: text(9), B: integer }, 'SELECT name || city, id FROM patients'),
    ]
    expect(names('SELECT a FROM v', { relations })).toBe('PATIENTS.CITY PATIENTS.NAME V.A')
  })

  test.each([
    ['SELECT * FROM patients a JOIN guess USING (g)'],
    ['SELECT id FROM patients, guess'],
    ['SELECT no ('],
  ])('of a body that cannot be traced come from anything in it: %s', (body) => {
    const relations: readonly CatalogRelation[] = [
      ...schema,
      table('V', { A: text(9), B: text(9) }, body),
    ]
    const found = names('SELECT a FROM v', { relations })
    const all = 'GUESS.G PATIENTS.CITY PATIENTS.ID PATIENTS.NAME PATIENTS.SSN V.A'
    expect(found).toBe(body.includes('FROM') ? all : 'V.A')
  })
})

describe('columns that are given values', () => {
  test.each([
    ['INSERT INTO visits (pid) SELECT id FROM patients', 'PATIENTS.ID VISITS.PID='],
    ['INSERT INTO visits VALUES (1, 2, 3)', 'VISITS.FEE= VISITS.PID= VISITS.SSN='],
    ['UPDATE visits v SET v.fee = v.pid WHERE ssn = 1', 'VISITS.FEE= VISITS.PID VISITS.SSN'],
    ['UPDATE visits SET fee = g FROM guess', 'GUESS.G VISITS.FEE='],
    ['DELETE FROM visits WHERE pid = 1', 'VISITS.PID'],
    [
      'MERGE INTO visits USING patients ON pid = id WHEN MATCHED THEN UPDATE SET fee = 1 ' +
        'WHEN NOT MATCHED THEN INSERT (ssn) VALUES (city)',
      'PATIENTS.CITY PATIENTS.ID VISITS.FEE= VISITS.PID VISITS.SSN=',
    ],
    [
      'MERGE INTO guess USING guess h ON 1 = 1 WHEN MATCHED THEN UPDATE ALL BY NAME',
      'GUESS.G GUESS.G=',
    ],
    ['ALTER TABLE visits DROP COLUMN fee', 'VISITS.FEE='],
    ['ALTER TABLE visits RENAME COLUMN fee TO cost', 'VISITS.COST= VISITS.FEE='],
    ['ALTER TABLE guess RENAME TO g2', 'GUESS.G='],
    ["COMMENT ON COLUMN visits.fee IS 'a'", 'VISITS.FEE='],
    ['CREATE TABLE t (a INT) AS SELECT id FROM patients', 'PATIENTS.ID T.A='],
    ['DROP TABLE visits', ''],
  ])('%s: %s', (sql, expected) => {
    expect(names(sql)).toBe(expected)
  })
})

describe('which columns are protected', () => {
  test('those of rules that bind the principal, through views too', () => {
    const told = uses('SELECT x, v.id FROM v_renamed, v_star v')
    const shown = told
      .filter((use) => use.protected)
      .map(({ relation, column }) => [relation.name, column])
    expect(shown).toContainEqual(['PATIENTS', 'SSN'])
    expect(shown).toContainEqual(['V_RENAMED', 'X'])
    expect(shown).toHaveLength(2)
    expect(uses('UPDATE patients SET ssn = DEFAULT')).toMatchObject([
      { column: 'SSN', privilege: 'WRITE', protected: true },
    ])
  })

  test('and which of them show the same token for the same value', () => {
    const key = { kind: 'function', database: 'DB', schema: 'S', name: 'F' } as const
    const sql = "INSERT INTO patients (id, ssn) VALUES (1, 'x')"
    const keyed = (masks: readonly CompiledMask[]) =>
      uses(sql, { masks: [...masks] }).map(({ column, keyed: told = false }) => [column, told])
    expect(keyed([mask('PATIENTS.SSN', { kind: 'hash', key })])).toContainEqual(['SSN', true])
    expect(keyed([ssnMask])).toContainEqual(['SSN', false])
  })
})

describe('where no rule asks for columns', () => {
  const rules = [{ ...asking, columns: [] }]

  test('only those that are given values are told', () => {
    expect(names('UPDATE visits SET fee = g FROM guess', { rules })).toBe('VISITS.FEE=')
    expect(names('SELECT ssn FROM patients', { rules })).toBe('')
  })

  test('a condition may ask for all of them', () => {
    const conditional = [{ ...asking, columns: [], when: 'statement.columns.size() > 3' }]
    expect(names('SELECT ssn FROM patients', { rules: conditional })).toBe('PATIENTS.SSN')
  })

  test('explain asks all the same', () => {
    expect(names('SELECT ssn FROM patients', { rules, ask: everyColumnUse })).toBe('PATIENTS.SSN')
  })
})
