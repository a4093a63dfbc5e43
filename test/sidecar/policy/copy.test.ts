/** COPY INTO: what of it can be judged, and which rules give it. */

import { describe, expect, test } from 'vitest'

import { isGoverned } from '../../../sidecar/policy/governed.ts'
import { parseStatement } from '../../../sidecar/sql/index.ts'
import { allow, allowed, deny, grant, held, hold, policy } from './support.ts'
import type { RuleSketch } from './support.ts'
import { inputOf, judge, said } from './sql-support.ts'
import { screen } from '../../../sidecar/policy/decide.ts'

describe('governed', () => {
  test.each([
    'COPY INTO t FROM @s',
    "COPY INTO a.b.t (x, y) FROM @db.sc.s/p/x.csv FILES = ('a.csv', 'b/c.csv') FORCE = TRUE",
    "COPY INTO t FROM '@s/with space/' PATTERN = '.*[.]csv' ON_ERROR = SKIP_FILE_10% PURGE = FALSE",
    "COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1 NULL_IF = ('', 'x') ESCAPE = NONE)",
    "COPY INTO t FROM @s FILE_FORMAT = (FORMAT_NAME = 'db.s.f')",
    'COPY INTO t FROM @s FILE_FORMAT = a.f SIZE_LIMIT = 10 MATCH_BY_COLUMN_NAME = CASE_SENSITIVE',
    "COPY INTO t FROM (SELECT $1, x.$2:a.b::INT, UPPER($3), METADATA$FILENAME FROM @s/p (FILE_FORMAT => 'f', PATTERN => '.*') x)",
    'COPY INTO @s FROM t',
    'COPY INTO @sc.s/p/ FROM (SELECT a FROM t JOIN u ON t.i = u.i) OVERWRITE = TRUE HEADER',
    'COPY INTO @s FROM t FILE_FORMAT = (TYPE = PARQUET) PARTITION BY (TO_CHAR(d)) MAX_FILE_SIZE = 10',
    "COPY INTO @s FROM t SINGLE = TRUE HEADER = TRUE FILE_FORMAT = 'f'",
  ])('%s', (sql) => {
    expect(isGoverned(parseStatement(sql).statement)).toBe(true)
  })
})

const everything = [policy([allow({ name: 'all' }), allow({ name: 's', stages: ['*.*.*'] })])]

describe('not governed, whatever policy allows', () => {
  test.each([
    // Places that no rule can name.
    ...['COPY INTO t', 'COPY INTO t FROM @~/x', 'COPY INTO t FROM @%t', 'COPY INTO @~ FROM t'],
    ...['COPY INTO @%t FROM t', 'COPY INTO @s/../x FROM t', "COPY INTO t FROM '@s/a\"b'"],
    ...["COPY INTO t FROM 's3://b/p'", "COPY INTO 'azure://a.blob/p' FROM t"],
    ...['COPY INTO t FROM ?', 'COPY INTO :1 FROM t', "COPY INTO t FROM @s FILES = ('../x')"],
    ...["COPY INTO t FROM @s FILES = ('s3://b/x')", 'COPY INTO t FROM @s FILES = ($f)'],
    // What belongs to the stage.
    ...[
      "COPY INTO t FROM @s CREDENTIALS = (AWS_KEY_ID = 'k')",
      'COPY INTO @s FROM t STORAGE_INTEGRATION = i',
    ],
    ...["COPY INTO @s FROM t ENCRYPTION = (TYPE = 'NONE')"],
    // What gives rows of files, removes them, or is not known.
    ...[
      'COPY INTO t FROM @s VALIDATION_MODE = RETURN_ERRORS',
      'COPY INTO @s FROM t VALIDATION_MODE = RETURN_ROWS',
    ],
    ...['COPY INTO t FROM @s PURGE = TRUE', 'COPY INTO t FROM @s PURGE = $p'],
    ...[
      'COPY INTO t FROM @s COPY_OPTIONS = (ON_ERROR = CONTINUE)',
      'COPY INTO t FROM @s LOAD_MODE = FULL_INGEST',
    ],
    'COPY INTO t FROM @s MATCH_BY_COLUMN_NAME = CASE_SENSITIVE INCLUDE_METADATA = (a = METADATA$FILENAME)',
    ...[
      'COPY INTO t FROM @s FILE_FORMAT = (TYPE = CUSTOM)',
      'COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV X = 1)',
    ],
    ...[
      'COPY INTO t FROM @s PATTERN = $p',
      'COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV SKIP_HEADER = $n)',
    ],
    ...[
      'COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV NULL_IF = ($n))',
      'COPY INTO t FROM @s SIZE_LIMIT = $n',
    ],
    // Queries of anything but one stage.
    ...['COPY INTO t FROM (SELECT 1)', 'COPY INTO t FROM (SELECT a FROM u)'],
    ...['COPY INTO t FROM (SELECT $1 FROM @a, @b)', 'COPY INTO t FROM (SELECT $1 FROM @s, u)'],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM @s JOIN u ON TRUE)',
      'COPY INTO t FROM (SELECT $1 FROM @~/x)',
    ],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM (SELECT $1 FROM @s))',
      'COPY INTO t FROM (SELECT * FROM @s)',
    ],
    ...[
      "COPY INTO t FROM (SELECT $1 FROM @s (FILE_FORMAT => 'a b'))",
      'COPY INTO t FROM (SELECT (SELECT MAX(a) FROM u) FROM @s)',
      'COPY INTO t FROM (SELECT $v FROM @s)',
    ],
    ...['COPY INTO t FROM (SELECT ? FROM @s)', 'COPY INTO t FROM (SELECT $1 FROM @s WHERE $1 > 0)'],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM @s LIMIT 1)',
      'COPY INTO t FROM (SELECT DISTINCT $1 FROM @s)',
    ],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM @s ORDER BY 1)',
      'COPY INTO t FROM (SELECT $1 FROM @s SAMPLE (1))',
    ],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM @s GROUP BY 1)',
      'COPY INTO t FROM (WITH w AS (SELECT 1) SELECT $1 FROM @s)',
    ],
    ...[
      'COPY INTO t FROM (SELECT $1 FROM @s UNION ALL SELECT $1 FROM @s)',
      'COPY INTO t FROM (SELECT f(TABLE(u)) FROM @s)',
    ],
    // Names of files.
    ...['COPY INTO @s FROM t PARTITION BY (t.a)', 'COPY INTO @s FROM t PARTITION BY ($v)'],
    ...[
      'COPY INTO @s FROM t PARTITION BY ((SELECT MAX(a) FROM u))',
      'COPY INTO @s FROM t PARTITION BY ($1)',
    ],
  ])('%s', async (sql) => {
    expect(isGoverned(parseStatement(sql).statement)).toBe(false)
    expect(said(await judge(everything, sql))).toContain('StatementUnsupported: COPY INTO')
  })

  test.each([
    ['COPY INTO @s FROM (SELECT f(TABLE(t)))', 'StatementUnsupported: f(TABLE(…))'],
    ['COPY INTO IDENTIFIER($t) FROM @s', 'DynamicRefused'],
    ['COPY INTO @s FROM IDENTIFIER($t)', 'DynamicRefused'],
    ['COPY INTO @s FROM (SELECT $1 FROM @a.b.other)', 'StageRefused: Stage @a.b.other is read as'],
    ['COPY INTO @s FROM (SELECT $1 FROM @s)', 'StageRefused'],
    ["COPY INTO t FROM (SELECT GET_PRESIGNED_URL('@other', $1) FROM @s)", 'StageRefused'],
    ['COPY INTO t FROM (SELECT my_udf($1) FROM @s)', 'FunctionNotAllowed'],
  ])('%s: %s', async (sql, refusal) => {
    expect(said(await judge(everything, sql))).toContain(refusal)
  })
})

// ── Rules ─────────────────────────────────────────────────────────────────────────────────────

const orders = 'ANALYTICS.PUBLIC.ORDERS'
const stage = 'ANALYTICS.PUBLIC.S'
const rules = (...sketches: readonly RuleSketch[]) => [
  policy(sketches.map((sketch, index) => allow({ name: `r${index}`, ...sketch }))),
]

describe('with just these rules it runs, and without any one of them not', () => {
  test.each<[string, readonly RuleSketch[]]>([
    [
      'COPY INTO orders FROM @s/a.csv',
      [
        { statements: ['Load'], objects: [orders] },
        { statements: ['Load'], stages: [stage] },
      ],
    ],
    [
      'COPY INTO orders (id) FROM (SELECT $1 FROM @raw.in)',
      [
        { statements: ['Load'], objects: [orders] },
        { statements: ['Load'], stages: ['ANALYTICS.RAW.*'] },
      ],
    ],
    [
      'COPY INTO @other..s FROM orders',
      [
        { statements: ['Query'], objects: [orders] },
        { statements: ['Unload'], stages: ['OTHER.PUBLIC.S'] },
      ],
    ],
    [
      'COPY INTO @s FROM (SELECT o.id FROM orders o, regions r) PARTITION BY (id)',
      [
        { statements: ['Query'], objects: [orders] },
        { statements: ['Query'], objects: ['ANALYTICS.PUBLIC.REGIONS'] },
        { statements: ['Unload', 'Load'], stages: [stage] },
      ],
    ],
  ])('%s', async (sql, needed) => {
    expect(said(await judge(rules(...needed), sql))).toBe('allow')
    for (const [index] of needed.entries()) {
      const fewer = await judge(rules(...needed.toSpliced(index, 1)), sql)
      expect(said(fewer)).toContain('PolicyUncovered')
    }
  })

  test('or with one rule that names both', async () => {
    const one = rules({ statements: ['Load'], objects: [orders], stages: [stage] })
    const { rules: used } = allowed(await judge(one, 'COPY INTO orders FROM @s'))
    expect(used).toEqual([{ policy: 'agents', rule: 'r0' }])
  })
})

describe('a stage', () => {
  const load = 'COPY INTO orders FROM @s'
  const unload = 'COPY INTO @s FROM orders'

  test('is given by no rule for any object', async () => {
    expect(said(await judge([policy([allow()])], load))).toContain(
      'PolicyUncovered: No policy rule allows READ on stage ANALYTICS.PUBLIC.S for this identity.',
    )
    expect(said(await judge([policy([allow({ objects: ['*.*.*'] })])], unload))).toContain(
      'No policy rule allows WRITE on stage ANALYTICS.PUBLIC.S for',
    )
  })

  test('of which a rule speaks gives no table, not even one of its name', async () => {
    const only = rules({ stages: ['*.*.*'] })
    expect(said(await judge(only, load))).toContain('COPY INTO ANALYTICS.PUBLIC.ORDERS for')
    expect(said(await judge(only, 'COPY INTO orders FROM @orders'))).toContain('PolicyUncovered')
    expect(said(await judge(only, 'SELECT id FROM orders'))).toContain('PolicyUncovered')
    expect(said(await judge(only, 'SHOW TABLES IN SCHEMA analytics.public'))).toContain(
      'PolicyUncovered',
    )
  })

  test('to load from is not one to unload to', async () => {
    const both = [allow({ objects: ['*.*.*'] }), allow({ statements: ['Load'], stages: [stage] })]
    expect(said(await judge([policy(both)], load))).toBe('allow')
    expect(said(await judge([policy(both)], unload))).toContain('PolicyUncovered')
    expect(said(await judge([policy(both)], 'COPY INTO orders FROM @other'))).toContain(
      'READ on stage ANALYTICS.PUBLIC.OTHER',
    )
  })

  test("of Snowflake's own database is not meant by a star", async () => {
    const all = [policy([allow(), allow({ stages: ['*.*.*'] })])]
    expect(said(await judge(all, 'COPY INTO @snowflake.a.s FROM orders'))).toContain(
      'WRITE on stage SNOWFLAKE.A.S',
    )
    const named = [policy([allow(), allow({ stages: ['SNOWFLAKE.A.S'] })])]
    expect(said(await judge(named, 'COPY INTO @snowflake.a.s FROM orders'))).toBe('allow')
  })

  test('in a schema called INFORMATION_SCHEMA is no listing', async () => {
    const sql = 'COPY INTO orders FROM @information_schema.s'
    expect(said(await judge([policy([allow()])], sql))).toContain('READ on stage')
  })

  test('that no rule gives is refused before the catalogue is asked', () => {
    const refused = screen(inputOf([policy([allow()])], 'COPY INTO nothing FROM @s'))
    expect(refused?.error.entry).toBe('PolicyUncovered')
  })

  test('without a database is unqualified', async () => {
    const session = { grant, context: { database: null, schema: null } }
    const sql = `COPY INTO ${orders} FROM @sc.s`
    expect(said(await judge(everything, sql, { session }))).toContain('ObjectUnqualified')
  })
})

describe('Deny rules go by class and objects, stages included', () => {
  test.each<[string, RuleSketch, boolean]>([
    ['COPY INTO orders FROM @s', { statements: ['Load'] }, true],
    ['COPY INTO orders FROM @s', { statements: ['Unload'] }, false],
    ['COPY INTO @s FROM orders', { statements: ['Unload'], objects: [orders] }, true],
    ['COPY INTO @s FROM orders', { statements: ['Load'], objects: [orders] }, false],
    ['COPY INTO @s FROM orders', { statements: ['Query'] }, true],
    ['COPY INTO @staging.raw.s FROM orders', { objects: ['STAGING.*.*'] }, true],
    ['COPY INTO orders FROM @s', { objects: [orders] }, true],
    ['COPY INTO orders FROM @s', { columns: [`${orders}.AMOUNT`] }, false],
  ])('%s: %j', async (sql, sketch, denied) => {
    const [given] = everything
    const both = [...(given === undefined ? [] : [given]), policy([deny(sketch)], { name: 'no' })]
    expect(said(await judge(both, sql)).startsWith('PolicyDenied')).toBe(denied)
  })
})

describe('a hold', () => {
  test('by the rule that alone gives the stage', async () => {
    const asked = [policy([allow(), hold({ name: 'ask', stages: [stage] })])]
    const { rule, error } = held(await judge(asked, 'COPY INTO @s FROM orders'))
    expect(rule.rule).toBe('ask')
    expect(error.message).toContain('WRITE on stage ANALYTICS.PUBLIC.S needs approval')
  })

  test('for one stage is not one for another, nor for statements without stages', async () => {
    const asked = [
      policy([allow(), allow({ stages: ['*.*.*'] }), hold({ name: 'ask', stages: [stage] })]),
    ]
    expect(said(await judge(asked, 'COPY INTO @s FROM orders'))).toContain('ApprovalRequired')
    expect(said(await judge(asked, 'COPY INTO @other FROM orders'))).toBe('allow')
    expect(said(await judge(asked, 'SELECT id FROM orders'))).toBe('allow')
  })
})

describe('columns of rules', () => {
  const name = { database: 'ANALYTICS', schema: 'PUBLIC', name: 'ORDERS' }
  const id = { relation: name, column: 'ID', privilege: 'WRITE', protected: false } as const

  test('cover what a load names', async () => {
    const policies = rules({ statements: ['Load'], columns: [`${orders}.ID`] }, { stages: [stage] })
    const sql = 'COPY INTO orders (id) FROM @s'
    expect(said(await judge(policies, sql, { columns: [id] }))).toBe('allow')
    const more = { columns: [id, { ...id, column: 'AMOUNT' }] }
    expect(said(await judge(policies, sql, more))).toContain('PolicyUncovered')
    expect(said(await judge(policies, sql, { columns: [] }))).toContain('PolicyUncovered')
  })
})

test('an agent is told which stages it may use', async () => {
  const policies = rules({ statements: ['Load'], stages: [stage] })
  expect(said(await judge(policies, 'SELECT id FROM orders'))).toContain(
    'Allowed here: Load on stages ANALYTICS.PUBLIC.S.',
  )
  const both = rules({ statements: ['Load'], objects: [orders], stages: [stage] })
  expect(said(await judge(both, 'SELECT id FROM orders'))).toContain(
    'Load on ANALYTICS.PUBLIC.ORDERS and stages ANALYTICS.PUBLIC.S.',
  )
})
