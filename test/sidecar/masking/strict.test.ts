import { describe, expect, test } from 'vitest'
import { mask, plan, refusal, ssnMask } from './fixture.ts'

describe('a protected column may be shown, unchanged or in an expression', () => {
  test.each([
    'SELECT ssn FROM patients',
    'SELECT p.ssn AS city FROM patients p',
    'SELECT * FROM patients',
    'SELECT * EXCLUDE (name) FROM patients',
    'SELECT * REPLACE (ssn AS name) FROM patients',
    "SELECT * ILIKE '%s%' FROM patients",
    'SELECT $3 FROM patients',
    'SELECT id AS x, ssn AS x FROM patients',
    'SELECT db.s.patients.ssn FROM db.s.patients',
    "SELECT ssn AS x, x || '!' AS y FROM patients",
    'SELECT MD5(ssn), LENGTH(ssn), SUBSTR(ssn, 1, 3), ssn::INT FROM patients',
    "SELECT CASE WHEN ssn = '123-45-6789' THEN 1 END, IFF(ssn LIKE '1%', 1, 0) FROM patients",
    'SELECT OBJECT_CONSTRUCT(*) FROM patients',
    "SELECT REDUCE(ARRAY_CONSTRUCT(ssn), '', (acc, v) -> acc || v) FROM patients",
    'SELECT d.x FROM (SELECT ssn AS x FROM patients) d',
    'WITH w AS (SELECT ssn AS x FROM patients) SELECT x FROM w',
    'SELECT name FROM patients UNION ALL SELECT ssn FROM patients',
    'SELECT name AS n FROM patients UNION ALL BY NAME SELECT ssn AS n FROM patients',
    'SELECT v.pid, (SELECT p.ssn FROM patients p WHERE p.id = v.pid) FROM visits v',
    'SELECT x FROM v_renamed',
    'SELECT ssn FROM patients WHERE id = 1 ORDER BY name LIMIT 10',
    'SELECT city, COUNT(*) FROM patients GROUP BY city HAVING COUNT(*) > 1',
    'SELECT p.ssn FROM patients p JOIN visits v ON p.id = v.pid',
    'SELECT pid FROM visits v WHERE EXISTS (SELECT * FROM patients p WHERE p.id = v.pid)',
    'SELECT ssn, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) FROM patients',
    'SELECT doc:a.b::STRING FROM docs',
    'SELECT ssn FROM visits WHERE ssn = 1 ORDER BY ssn',
    "WITH patients AS (SELECT 'z' AS ssn) SELECT ssn FROM patients ORDER BY ssn",
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r',
    'SELECT pid FROM visits UNION SELECT pid FROM visits UNION ALL SELECT ssn FROM patients',
  ])('%s', (sql) => {
    expect(() => plan(sql)).not.toThrow()
  })
})

describe('a protected column may not be reckoned with', () => {
  const cases: readonly (readonly [usage: string, sql: string])[] = [
    ['a WHERE predicate', "SELECT name FROM patients WHERE ssn = '1'"],
    ['a WHERE predicate', "SELECT name FROM patients WHERE SUBSTR(ssn, 1, 1) LIKE '1%'"],
    ['a WHERE predicate', 'SELECT name FROM patients WHERE ssn IS NOT NULL'],
    ['a WHERE predicate', "SELECT ssn AS x FROM patients WHERE x = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM patients p WHERE p.$3 = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM patients WHERE db.s.patients.ssn = '1'"],
    ['a WHERE predicate', 'SELECT g FROM guess WHERE g IN (SELECT ssn FROM patients)'],
    ['a WHERE predicate', 'SELECT g FROM guess WHERE g = (SELECT ssn FROM patients LIMIT 1)'],
    [
      'a WHERE predicate',
      'SELECT g FROM guess WHERE EXISTS (SELECT 1 FROM patients p WHERE p.ssn = guess.g)',
    ],
    ['a WHERE predicate', "SELECT (SELECT COUNT(*) FROM patients WHERE ssn LIKE '1%') AS n"],
    [
      'a WHERE predicate',
      "WITH w AS (SELECT ssn AS x FROM patients) SELECT 1 FROM w WHERE x = '1'",
    ],
    ['a WHERE predicate', "SELECT 1 FROM (SELECT * FROM patients) d WHERE d.ssn = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM (SELECT * RENAME (ssn AS z) FROM patients) WHERE z = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM patients AS p (a, b, c, d) WHERE c = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM v_renamed WHERE x = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM v_nested WHERE y = '1'"],
    ['a WHERE predicate', "SELECT 1 FROM docs WHERE doc:ssn = '1'"],
    ['a WHERE predicate', 'SELECT 1 FROM (VALUES ((SELECT ssn FROM patients))) WHERE column1 = 1'],
    ['a WHERE predicate', "SELECT b AS a, ssn AS b FROM patients WHERE a = '1'"],
    ['a HAVING predicate', "SELECT city FROM patients GROUP BY city HAVING ssn > '5'"],
    ['a QUALIFY predicate', "SELECT id FROM patients QUALIFY ssn = '1'"],
    ['JOIN … ON', 'SELECT g.g FROM patients p JOIN guess g ON p.ssn = g.g'],
    ['JOIN … ON', 'SELECT g.g FROM guess g LEFT JOIN v_star p ON p.ssn = g.g'],
    ['JOIN … USING', 'SELECT v.pid FROM patients p JOIN visits v USING (ssn)'],
    ['NATURAL JOIN', 'SELECT COUNT(*) FROM patients NATURAL JOIN visits'],
    [
      'ASOF JOIN … MATCH_CONDITION or ON',
      'SELECT g.g FROM guess g ASOF JOIN patients p MATCH_CONDITION (g.g >= p.ssn)',
    ],
    ['GROUP BY', 'SELECT COUNT(*) FROM patients GROUP BY SUBSTR(ssn, 1, 1)'],
    ['GROUP BY', 'SELECT ssn, COUNT(*) FROM patients GROUP BY 1'],
    ['GROUP BY', 'SELECT ssn AS x, COUNT(*) FROM patients GROUP BY x'],
    ['GROUP BY', 'SELECT ssn, COUNT(*) FROM patients GROUP BY ALL'],
    ['GROUP BY', 'SELECT COUNT(*) FROM patients GROUP BY ROLLUP (city, ssn)'],
    ['GROUP BY', 'SELECT ssn, id, COUNT(*) FROM patients GROUP BY (1, 2)'],
    ['GROUP BY', 'SELECT ssn, id, COUNT(*) FROM patients GROUP BY GROUPING SETS ((1, 2), ())'],
    ['ORDER BY', 'SELECT name, ssn FROM patients ORDER BY ?'],
    ['GROUP BY', 'SELECT ssn FROM patients GROUP BY $n'],
    ['a WHERE predicate', 'SELECT (SELECT 1 AS ssn FROM guess WHERE ssn = g) FROM patients'],
    ['ORDER BY', 'SELECT name FROM patients ORDER BY ssn'],
    ['ORDER BY', 'SELECT name, ssn FROM patients ORDER BY 2'],
    ['ORDER BY', 'SELECT ssn AS x FROM patients ORDER BY x'],
    ['ORDER BY', 'SELECT name FROM patients UNION ALL SELECT ssn FROM patients ORDER BY 1'],
    ['ORDER BY ALL', 'SELECT ssn FROM patients ORDER BY ALL'],
    [
      'PARTITION BY of the window function COUNT',
      'SELECT COUNT(*) OVER (PARTITION BY ssn) FROM patients',
    ],
    ['ORDER BY of the window function RANK', 'SELECT RANK() OVER (ORDER BY ssn) FROM patients'],
    ['an argument of the window function LAG', 'SELECT LAG(ssn) OVER (ORDER BY id) FROM patients'],
    ['an argument of the aggregate MAX', 'SELECT MAX(ssn) FROM patients'],
    ['an argument of the aggregate COUNT', 'SELECT COUNT(ssn) FROM patients'],
    ['an argument of the aggregate COUNT', 'SELECT COUNT(p.*) FROM patients p'],
    ['an argument of the aggregate COUNT', 'SELECT COUNT(DISTINCT LEFT(ssn, 1)) FROM patients'],
    ['an argument of the aggregate HASH_AGG', 'SELECT HASH_AGG(*) FROM patients'],
    [
      'WITHIN GROUP (ORDER BY …) of LISTAGG',
      "SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY ssn) FROM patients",
    ],
    ['an argument of DB.S.F, which is not a built-in function', 'SELECT db.s.f(ssn) FROM patients'],
    ['SELECT DISTINCT', 'SELECT DISTINCT ssn FROM patients'],
    ['SELECT DISTINCT', 'SELECT DISTINCT * FROM patients'],
    ['UNION, which compares rows', 'SELECT g FROM guess UNION SELECT ssn FROM patients'],
    ['EXCEPT, which compares rows', 'SELECT g FROM guess EXCEPT SELECT ssn FROM patients'],
    ['INTERSECT, which compares rows', "SELECT '1' AS k INTERSECT SELECT ssn FROM patients"],
    [
      'UNION, which compares rows',
      'SELECT ssn FROM patients UNION ALL SELECT g FROM guess UNION SELECT g FROM guess',
    ],
    [
      'the input of the table function FLATTEN',
      'SELECT f.value FROM patients p, LATERAL FLATTEN(INPUT => ARRAY_CONSTRUCT(p.ssn)) f',
    ],
    [
      'the input of the table function SPLIT_TO_TABLE',
      "SELECT t.value FROM patients p, LATERAL SPLIT_TO_TABLE(p.ssn, '-') t",
    ],
    [
      'an argument of the window function MAX',
      'SELECT MAX(ssn) OVER (PARTITION BY city) FROM patients',
    ],
    [
      'a recursive CTE',
      'WITH w AS (SELECT ssn AS x FROM patients) SELECT (WITH RECURSIVE w AS ' +
        "(SELECT x FROM w UNION ALL SELECT 'a' FROM w) SELECT COUNT(*) FROM w)",
    ],
    [
      'a recursive CTE',
      'WITH RECURSIVE r AS (SELECT 1 AS n, ssn AS s FROM patients UNION ALL ' +
        'SELECT n + 1, SUBSTR(s, n) FROM r WHERE n < 3) SELECT s FROM r',
    ],
    [
      'a recursive CTE',
      'WITH RECURSIVE r (a, b) AS (SELECT g, g FROM guess UNION ALL ' +
        'SELECT p.ssn, r.a FROM r, patients p) SELECT b FROM r',
    ],
  ]

  test.each(cases)('%s: %s', (usage, sql) => {
    const error = refusal(sql)
    expect(error.entry).toBe('ColumnUseRefused')
    expect(error.message).toContain(`is used in ${usage} (line `)
  })

  test('a sub-query in LIMIT is refused for its own predicate', () => {
    const sql = "SELECT pid FROM visits LIMIT (SELECT COUNT(*) FROM patients WHERE ssn LIKE '1%')"
    expect(() => plan(sql)).toThrow()
  })
})

describe('the refusal says what, where, why and what to do instead', () => {
  test('column, rule, use, place in the text, and a key to use instead', () => {
    const error = refusal("SELECT name\nFROM patients\nWHERE id = 1 AND ssn = '1'")
    expect(error.message).toContain('Column DB.S.PATIENTS.SSN is masked by MaskingRule "hide-ssn"')
    expect(error.message).toContain('a WHERE predicate (line 3, column 18)')
    expect(error.message).toContain('such as PATIENTS.ID')
    expect([error.line, error.column]).toEqual([3, 18])
  })

  test('of several uses the first in the text is named', () => {
    const error = refusal("SELECT MAX(ssn) FROM patients WHERE ssn = '1' ORDER BY ssn")
    expect(error.message).toContain('the aggregate MAX')
  })

  test('a column of a view is named as the view names it', () => {
    expect(refusal('SELECT 1 FROM v_renamed ORDER BY x').message).toContain('DB.S.V_RENAMED.X')
  })

  test('without ID, a column that ends in _ID is suggested, else the first open one', () => {
    const masks = [mask('VISITS.SSN')]
    expect(refusal('SELECT 1 FROM visits ORDER BY ssn', { masks }).message).toContain('VISITS.PID')
  })

  test('a protected column is never suggested', () => {
    const masks = [ssnMask, mask('PATIENTS.ID', { kind: 'null' })]
    expect(refusal('SELECT 1 FROM patients ORDER BY ssn', { masks }).message).toContain(
      'such as PATIENTS.NAME',
    )
  })

  test('a column that no closed relation has is refused as untraceable', () => {
    expect(refusal('SELECT "ssn" FROM patients').entry).toBe('ColumnUnresolvable')
    expect(refusal('SELECT p.nothing FROM patients p').entry).toBe('ColumnUnresolvable')
  })

  test('a name that only an open relation may have is not traced past it in a predicate', () => {
    const sql = 'SELECT 1 FROM patients, guess WHERE fresh = 1'
    expect(refusal(sql).entry).toBe('ColumnUnresolvable')
    expect(() => plan('SELECT fresh FROM patients, guess')).not.toThrow()
  })
})

describe('usage of the rule', () => {
  const sql = "SELECT COUNT(*) FROM patients WHERE ssn LIKE '%6789' GROUP BY ssn"

  test('AtRead lets masks be reckoned with', () => {
    expect(plan(sql, { masks: [{ ...ssnMask, usage: 'AtRead' }] }).touchesProtected).toBe(true)
  })

  test('Joinable holds as Strict where the mask is no keyed token', () => {
    expect(refusal(sql, { masks: [{ ...ssnMask, usage: 'Joinable' }] }).entry).toBe(
      'ColumnUseRefused',
    )
  })

  test('of several rules on a column the strictest usage holds', () => {
    const masks = [
      { ...ssnMask, usage: 'AtRead' as const },
      mask('PATIENTS.SSN', { kind: 'redact' }),
    ]
    expect(refusal(sql, { masks }).entry).toBe('ColumnUseRefused')
    const redactAtRead = mask('PATIENTS.SSN', { kind: 'redact' }, { usage: 'AtRead' })
    expect(refusal(sql, { masks: [ssnMask, redactAtRead] }).entry).toBe('ColumnUseRefused')
  })
})
