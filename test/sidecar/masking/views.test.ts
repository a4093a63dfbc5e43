import { describe, expect, test } from 'vitest'
import type { CatalogRelation, ColumnType } from '../../../sidecar/catalog/types.ts'
import { integer, mask, plan, refusal, schema, ssnMask, table, text } from './fixture.ts'

/** How the columns of `CREATE VIEW V (A, B, …) AS body` come out: as they are, masked, or NULL. */
function columns(body: string, width = 1, more: readonly CatalogRelation[] = []): string {
  const names = ['A', 'B', 'C', 'D', 'E'].slice(0, width)
  const types = Object.fromEntries(names.map((name): [string, ColumnType] => [name, text(11)]))
  const relations = [...schema, ...more, table('V', types, body)]
  const { emitted } = plan('SELECT * FROM v', { relations })
  return names
    .map((name) => {
      if (emitted.includes(`CAST(NULL AS VARCHAR(11)) AS "${name}"`)) return 'null'
      return emitted.includes(`CASE WHEN "${name}" IS NULL`) ? 'mask' : 'clean'
    })
    .join(' ')
}

describe('a view column that carries a protected column unchanged gets its mask', () => {
  test.each([
    ['SELECT ssn FROM patients', 'mask'],
    ['SELECT p.ssn AS x FROM patients p', 'mask'],
    ['SELECT x FROM (SELECT ssn AS x FROM patients) d', 'mask'],
    ['WITH w AS (SELECT ssn AS x FROM patients) SELECT x FROM w', 'mask'],
    ['SELECT ssn FROM patients UNION ALL SELECT ssn FROM patients', 'mask'],
    ['SELECT p.ssn FROM visits v LEFT JOIN patients p ON p.id = v.pid', 'mask'],
    ['SELECT (SELECT p.ssn FROM patients p WHERE p.id = v.pid) FROM visits v', 'mask'],
    ['SELECT y FROM v_nested', 'mask'],
    ['SELECT $3 FROM patients', 'mask'],
  ])('%s', (body, expected) => {
    expect(columns(body)).toBe(expected)
  })
})

describe('one derived from it in any other way is NULL', () => {
  test.each([
    'SELECT UPPER(ssn) FROM patients',
    'SELECT ssn::VARCHAR FROM patients',
    'SELECT MAX(ssn) FROM patients',
    "SELECT CASE WHEN ssn LIKE '1%' THEN name END FROM patients",
    'SELECT RANK() OVER (ORDER BY ssn) FROM patients',
    'SELECT COUNT(*) FROM patients GROUP BY ssn',
    "SELECT (SELECT COUNT(*) FROM patients WHERE ssn LIKE '1%') FROM guess",
    'SELECT EXISTS (SELECT 1 FROM patients p WHERE p.ssn = guess.g) FROM guess',
    'SELECT g IN (SELECT ssn FROM patients) FROM guess',
    'SELECT (SELECT COUNT(*) FROM v_clean) FROM guess',
    "SELECT (WITH w AS (SELECT id FROM patients WHERE ssn = '1') SELECT COUNT(*) FROM w)",
    "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM patients WHERE ssn = '1')) FROM guess",
    'SELECT ssn FROM patients UNION ALL SELECT g FROM guess',
    'SELECT f.value FROM patients p, LATERAL FLATTEN(INPUT => ARRAY_CONSTRUCT(p.ssn)) f',
    "SELECT REDUCE(ARRAY_CONSTRUCT(ssn), '', (acc, v) -> acc || v) FROM patients",
    'SELECT TO_JSON(OBJECT_CONSTRUCT(*)) FROM patients',
    'WITH RECURSIVE r AS (SELECT ssn AS s FROM patients UNION ALL SELECT s FROM r) SELECT s FROM r',
    "WITH w AS (SELECT id FROM patients WHERE ssn = '1') SELECT (SELECT COUNT(*) FROM w) FROM guess",
    'WITH RECURSIVE r (a, b) AS (SELECT g, g FROM guess UNION ALL ' +
      'SELECT p.ssn, r.a FROM r, patients p) SELECT b FROM r',
    'SELECT COLUMN1 FROM VALUES ((SELECT ssn FROM patients))',
    // The inner name may be looked for outside: an alias does not hide a column, nor VISITS another P.
    'SELECT x.b FROM patients p, LATERAL (SELECT 1 AS ssn, ssn AS b) x',
    'SELECT (SELECT p.city FROM visits p) FROM patients p',
    'SELECT d.x FROM patients p, (SELECT p.ssn AS x) d',
    'SELECT TRANSFORM(ARRAY_CONSTRUCT(1), ssn -> ssn) FROM patients',
    // A star without a FROM of its own is that of the block around.
    'SELECT f.value FROM patients, LATERAL FLATTEN(INPUT => OBJECT_CONSTRUCT(*)) f',
    'SELECT f.value FROM patients, TABLE(FLATTEN(OBJECT_CONSTRUCT(* EXCLUDE id))) f',
    'SELECT TRANSFORM(ARRAY_CONSTRUCT(1), x -> OBJECT_CONSTRUCT(*)) FROM patients',
    'SELECT x.o FROM patients, LATERAL (SELECT OBJECT_CONSTRUCT(*) AS o) x',
    // A column named by its text has no name that could hide the outer one, or may have any.
    'SELECT (SELECT ssn FROM (SELECT (ssn) FROM visits LIMIT 1)) FROM patients',
    'SELECT (SELECT "MAX(SSN)" FROM (SELECT MAX(ssn) FROM patients)) FROM (SELECT 1 AS "MAX(SSN)")',
  ])('%s', (body) => {
    expect(columns(body)).toBe('null')
  })
})

describe('a column without it is left as it is', () => {
  test.each([
    ['SELECT name FROM patients', 1, 'clean'],
    ["SELECT name FROM patients WHERE ssn LIKE '1%'", 1, 'clean'],
    ['SELECT id, name, ssn, city FROM patients', 4, 'clean clean mask clean'],
    ['SELECT * FROM patients', 4, 'clean clean mask clean'],
    ['SELECT * EXCLUDE (id) RENAME (ssn AS z) FROM patients', 3, 'clean mask clean'],
    ['SELECT * REPLACE (UPPER(ssn) AS name) FROM patients', 4, 'clean null mask clean'],
    ['SELECT name AS n FROM patients UNION ALL BY NAME SELECT g AS n FROM guess', 1, 'clean'],
    [
      'SELECT g AS a, g AS b FROM guess UNION ALL BY NAME SELECT ssn AS b, id AS a FROM patients',
      2,
      'clean null',
    ],
    // From left to right: the first two arms are matched by position, whatever their names.
    [
      'SELECT g AS a, g AS b FROM guess UNION ALL SELECT city AS b, ssn AS a FROM patients ' +
        'UNION ALL BY NAME SELECT g AS b, g AS a FROM guess',
      2,
      'clean null',
    ],
    [
      'SELECT g AS a, g AS b FROM guess UNION ALL BY NAME SELECT city AS b, ssn AS a FROM patients ' +
        'UNION ALL SELECT g AS b, g AS a FROM guess',
      2,
      'null clean',
    ],
    ["SELECT * ILIKE '%S%' FROM patients", 1, 'mask'],
    ["SELECT * ILIKE '_i%y' FROM patients", 1, 'clean'],
    ["SELECT * ILIKE 's_n' FROM patients", 1, 'mask'],
    ['SELECT ssn FROM visits', 1, 'clean'],
  ])('%s', (body, width, expected) => {
    expect(columns(body, width)).toBe(expected)
  })

  test('a view that reads nothing protected is read by its name', () => {
    const planned = plan('SELECT * FROM v_other')
    expect(planned).toMatchObject({ touchesProtected: false, maskedColumns: [] })
    expect(planned.emitted).toContain('FROM "DB"."S"."V_OTHER"')
  })

  test('a view that only filters on a protected column still counts as touching it', () => {
    expect(plan('SELECT id FROM v_clean')).toMatchObject({
      touchesProtected: true,
      maskedColumns: [],
    })
  })
})

describe('a name that may mean a column or an alias counts as both', () => {
  test.each([
    ['SELECT UPPER(ssn) AS ssn, ssn AS x FROM patients', 'null null'],
    ['SELECT ssn AS name, name AS ssn FROM patients', 'null null'],
    ['SELECT UPPER(name) AS name, city FROM patients', 'clean clean'],
    ['SELECT b AS a, ssn AS b FROM patients', 'mask mask'],
  ])('%s', (body, expected) => {
    expect(columns(body, 2)).toBe(expected)
  })
})

describe('what cannot be traced counts as derived', () => {
  test.each([
    ['the order of merged columns', 'SELECT * FROM patients JOIN guess USING (id)', 5],
    ['a width that does not fit', 'SELECT * FROM patients', 2],
    ['a body that does not parse', 'SELECT FROM WHERE', 1],
    ['a relation named at run time', 'SELECT ssn FROM IDENTIFIER($t)', 1],
    // Whether IDENTIFIER looks for a WITH is Snowflake's to know.
    [
      'a relation spelled by a literal',
      "WITH patients AS (SELECT 'x' AS ssn) SELECT ssn FROM IDENTIFIER('patients')",
      1,
    ],
    ['a column that no relation has', 'SELECT nothing FROM patients', 1],
    ['columns of an unknown table function', 'SELECT x FROM patients p, TABLE(db.s.f(p.ssn)) t', 1],
    ['a relation that the catalogue does not know', 'SELECT x FROM missing', 1],
  ])('%s', (_why, body, width) => {
    expect(columns(body, width)).toBe(Array.from({ length: width }, () => 'null').join(' '))
  })

  test('a view that leads back to itself', () => {
    const other = table('W', { A: text(11) }, 'SELECT a FROM v')
    expect(columns('SELECT a FROM w', 1, [other])).toBe('null')
  })

  test('a body that cannot be read', () => {
    const hidden = { ...table('V', { A: text(11) }, ''), body: null }
    const { emitted } = plan('SELECT a FROM v', { relations: [hidden] })
    expect(emitted).toContain('CAST(NULL AS VARCHAR(11)) AS "A"')
  })

  test('without any rule for the principal nothing is traced', () => {
    const hidden = { ...table('V', { A: text(11) }, ''), body: null }
    const { emitted } = plan('SELECT a FROM v', { relations: [hidden], masks: [] })
    expect(emitted).toContain('FROM "DB"."S"."V"')
  })
})

describe('rules and views together', () => {
  test('a rule may name the column of a view', () => {
    const masks = [mask('V_OTHER.PID', { kind: 'redact' })]
    const planned = plan('SELECT pid FROM v_other', { masks })
    expect(planned.maskedColumns).toEqual(['DB.S.V_OTHER.PID'])
    expect(planned.emitted).toContain('ELSE 0 END AS NUMBER(38,0))')
  })

  test('of a rule on the view and one on the table behind it the stricter holds', () => {
    const masks = [ssnMask, mask('V_RENAMED.X', { kind: 'redact' })]
    expect(plan('SELECT x FROM v_renamed', { masks }).emitted).toContain(`'***'`)
    const weaker = [mask('PATIENTS.SSN', { kind: 'null' }), mask('V_RENAMED.X')]
    expect(plan('SELECT x FROM v_renamed', { masks: weaker }).emitted).toContain('CAST(NULL AS')
  })

  test('a derived column is NULL of its own type, and used as strictly as its source', () => {
    const view = table('V', { N: integer }, 'SELECT LENGTH(ssn) FROM patients')
    const relations = [...schema, view]
    expect(plan('SELECT n FROM v', { relations }).emitted).toContain(
      'CAST(NULL AS NUMBER(38,0)) AS "N"',
    )
    expect(refusal('SELECT 1 FROM v WHERE n = 1', { relations }).message).toContain('DB.S.V.N')
  })

  test('names in a body are completed from where the view lies', () => {
    const elsewhere = { database: 'DB', schema: 'OTHER', name: 'PATIENTS' }
    const decoy = { ...table('PATIENTS', { SSN: text(11) }), name: elsewhere }
    const view = {
      ...table('V', { A: text(11) }, 'SELECT ssn FROM patients'),
      name: { ...elsewhere, name: 'V' },
    }
    const relations = [...schema, decoy, view]
    expect(plan('SELECT a FROM other.v', { relations }).maskedColumns).toEqual([])
  })
})
