import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement, partsOf } from '../../../sidecar/sql/index.ts'
import type { Create } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

type Case = readonly [sql: string, expected: Omit<Summary, 'kind' | 'class'>]

function family(kind: string, cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual({ kind, class: 'DDL', ...expected })
  })
  wholeStatements(cases.map(([sql]) => sql))
}

function create(sql: string): Create {
  const { statement } = parseStatement(sql)
  if (statement.kind !== 'Create') throw new Error(statement.kind)
  return statement
}

function calls(sql: string): readonly string[] {
  return factsOf(parseStatement(sql).statement).functions.map(({ name }) => name.join('.'))
}

const created = { writes: ['CREATE T'] }
const stored = { ...created, effects: ['persists'] }

describe('CREATE TABLE', () => {
  family('CreateTable', [
    ['CREATE TABLE t (a INT)', created],
    ['CREATE TABLE IF NOT EXISTS t (a INT NULL, b NUMBER(10, 2) NOT NULL)', created],
    ['create or replace local temp table a.b.t (a int)', { writes: ['REPLACE A.B.T'] }],
    ['CREATE OR ALTER TRANSIENT TABLE t ("a b" VARIANT)', created],
    ['CREATE SCOPED TEMPORARY TABLE t (a STRING(10))', created],
    ["CREATE TABLE IDENTIFIER('t') (a INT)", created],
    ['CREATE TABLE IDENTIFIER($n) (a INT)', { dynamic: ['a name given by $N'] }],
    ['CREATE TABLE t (date DATE, comment STRING, index NUMBER(3), tag TEXT)', created],
    ['CREATE TABLE t (a OBJECT(b INT, c ARRAY(INT NOT NULL)), d VECTOR(FLOAT, 3))', created],
    ["CREATE TABLE t (a INT COMMENT 'x' NOT NULL DEFAULT 1, b TEXT COLLATE 'en-ci')", created],
    ['CREATE TABLE t (a INT AUTOINCREMENT, b INT IDENTITY (1, -1) NOORDER)', created],
    ['CREATE TABLE t (a INT AUTOINCREMENT START WITH 0 INCREMENT BY 2 ORDER)', created],
    ['CREATE TABLE t (a INT, b INT AS (a + 1), c INT GENERATED ALWAYS AS (a) VIRTUAL)', created],
    ['CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED RELY, b INT CONSTRAINT u UNIQUE)', created],
    ['CREATE TABLE t (a INT, CONSTRAINT p PRIMARY KEY (a, b), UNIQUE (a), CHECK (a > 0))', created],
    [
      `CREATE TABLE t (a INT REFERENCES s.u (b) MATCH FULL ON DELETE SET NULL,
         CONSTRAINT f FOREIGN KEY (a) REFERENCES v ON UPDATE NO ACTION DEFERRABLE COMMENT 'c')`,
      { ...created, uses: ['TABLE S.U', 'TABLE V'] },
    ],
    [
      `CREATE TABLE t (a INT WITH MASKING POLICY s.p USING (a, b > 1) WITH TAG (g = 'x'),
         b INT PROJECTION POLICY q)`,
      { ...created, uses: ['MASKING POLICY S.P', 'TAG G', 'PROJECTION POLICY Q'] },
    ],
    ['CREATE TABLE t (a INT) CLUSTER BY (a, TO_DATE(b)) COPY GRANTS COPY TAGS', created],
    ["CREATE TABLE t CLUSTER BY LINEAR (a) (a INT) COMMENT = 'x' CHANGE_TRACKING = TRUE", created],
    [
      'CREATE TABLE t (a INT) STAGE_FILE_FORMAT = (TYPE = CSV) WITH TAG (g = $$x$$)',
      {
        ...created,
        uses: ['TAG G'],
      },
    ],
    [
      `CREATE TABLE t (a INT) WITH ROW ACCESS POLICY r ON (a) AGGREGATION POLICY g ENTITY KEY (a)
         JOIN POLICY j ALLOWED JOIN KEYS (a) STORAGE LIFECYCLE POLICY l ON (a)
         WITH CONTACT (STEWARD = s.c, SUPPORT = d)`,
      {
        ...created,
        uses: [
          ...['ROW ACCESS POLICY R', 'AGGREGATION POLICY G', 'JOIN POLICY J'],
          ...['STORAGE LIFECYCLE POLICY L', 'CONTACT S.C', 'CONTACT D'],
        ],
      },
    ],
    [
      "CREATE TABLE t (a INT) STAGE_FILE_FORMAT = (FORMAT_NAME = 's.f')",
      { ...created, uses: ['FILE FORMAT S.F'] },
    ],
    ['CREATE TABLE t AS SELECT a FROM s.u', { ...stored, reads: ['S.U'] }],
    [
      'CREATE TABLE t (a, b) COPY GRANTS AS (WITH c AS (SELECT 1) SELECT * FROM c, u)',
      {
        ...stored,
        reads: ['U'],
      },
    ],
    [
      'CREATE TABLE t (a INT) CLUSTER BY (a) AS (SELECT 1) UNION ALL (SELECT a FROM u)',
      {
        ...stored,
        reads: ['U'],
      },
    ],
    ['CREATE TABLE t LIKE s.u COPY GRANTS', { ...created, reads: ['S.U'] }],
    ['CREATE TABLE t CLONE u AT (OFFSET => -60) COPY GRANTS', { ...stored, reads: ['U'] }],
    ['CREATE TEMP READ ONLY TABLE t CLONE u', { ...stored, reads: ['U'] }],
    [
      'CREATE TABLE t CLONE IDENTIFIER($n) BEFORE (STATEMENT => $q)',
      {
        ...stored,
        dynamic: ['a name given by $N'],
      },
    ],
    [
      `CREATE TABLE t USING TEMPLATE (SELECT ARRAY_AGG(OBJECT_CONSTRUCT(*)) FROM u)
         ENABLE_SCHEMA_EVOLUTION = TRUE`,
      { ...created, reads: ['U'] },
    ],
    [
      'CREATE TABLE t FROM ARCHIVE OF u AS x WHERE x.a > 1',
      { ...created, reads: ['U'], effects: ['persists'] },
    ],
    [
      "CREATE TABLE t FROM BACKUP SET s.b IDENTIFIER 'x'",
      { ...created, uses: ['BACKUP SET S.B'], effects: ['persists'] },
    ],
  ])

  test('what defaults, virtual columns, checks and keys call is told', () => {
    expect(
      calls('CREATE TABLE t (a INT DEFAULT s.q.NEXTVAL, b DATE DEFAULT CURRENT_DATE)'),
    ).toEqual(['S.Q.NEXTVAL', 'CURRENT_DATE'])
    expect(calls('CREATE TABLE t (a INT AS (f(1)), b INT CHECK (g(b))) CLUSTER BY (h(a))')).toEqual(
      ['F', 'G', 'H'],
    )
    expect(calls('CREATE TABLE t (a INT MASKING POLICY p USING (a, f(a)))')).toEqual(['F'])
  })

  test('a query in a default reads', () => {
    expect(summary('CREATE TABLE t (a INT DEFAULT (SELECT b FROM u))').reads).toEqual(['U'])
  })

  test('a table that a key refers to and a policy are used, not read', () => {
    const sql = 'CREATE TABLE t (a INT REFERENCES u) WITH ROW ACCESS POLICY r ON (a)'
    const { uses, reads } = factsOf(parseStatement(sql).statement)
    expect(reads).toEqual([])
    expect(uses.map(({ name, privilege }) => [partsOf(name)[0], privilege])).toEqual([
      ['U', 'REFERENCES'],
      ['R', 'APPLY'],
    ])
  })

  test('columns have their parts', () => {
    const { columns = [], constraints = [] } = create(
      "CREATE TABLE t (a NUMBER ( 10,2 ) DEFAULT 1 NOT NULL COMMENT 'x', CONSTRAINT c UNIQUE (a))",
    )
    expect(columns).toMatchObject([
      {
        name: { value: 'A' },
        type: 'NUMBER(10,2)',
        value: { kind: 'Literal', value: '1' },
        constraints: [{ type: 'NOT NULL' }],
        properties: [{ name: 'COMMENT', value: { value: 'x' } }],
      },
    ])
    expect(constraints).toMatchObject([
      { type: 'UNIQUE', name: { value: 'C' }, columns: [{ value: 'A' }] },
    ])
  })

  syntaxErrors([
    'CREATE TABLE t',
    'CREATE TABLE t ()',
    "CREATE TABLE t COMMENT = 'x'",
    'CREATE TABLE t (a)',
    'CREATE TABLE t (a INT,)',
    'CREATE TABLE t (PRIMARY KEY (a))',
    'CREATE TABLE t (a INT NOT NULL NULL)',
    'CREATE TABLE t (a INT NULL NOT NULL)',
    'CREATE TABLE t (a INT WITH CONTACT (STEWARD = c))',
    'CREATE TABLE t (a INT, )',
    'CREATE TABLE t (a INT b INT)',
    'CREATE TABLE t (a SOMETHING)',
    'CREATE TABLE t (a INT) (b INT)',
    'CREATE TABLE t (a INT DEFAULT)',
    'CREATE TABLE t (a INT DEFAULT 1 DEFAULT 2)',
    'CREATE TABLE t (a INT DEFAULT 1 AS (2))',
    'CREATE TABLE t (a INT NOT NULL NOT NULL)',
    'CREATE TABLE t (a INT PRIMARY KEY PRIMARY KEY)',
    'CREATE TABLE t (a INT MASKING POLICY p MASKING POLICY q)',
    'CREATE TABLE t (a INT COMMENT x)',
    "CREATE TABLE t (a INT COLLATE 'x' COLLATE 'y')",
    'CREATE TABLE t (a INT AUTOINCREMENT (1))',
    'CREATE TABLE t (a INT GENERATED ALWAYS)',
    'CREATE TABLE t (a INT NOT ENFORCED)',
    'CREATE TABLE t (a INT, PRIMARY KEY)',
    'CREATE TABLE t (a INT, CONSTRAINT p)',
    'CREATE TABLE t (a INT, FOREIGN KEY (a))',
    'CREATE TABLE t (a INT, INDEX i (a))',
    'CREATE TABLE t (a INT UNIQUE RELY NORELY)',
    'CREATE TABLE t (a INT) CLUSTER BY ()',
    'CREATE TABLE t (a INT) CLUSTER BY a',
    'CREATE TABLE t (a INT) CLUSTER BY (a) CLUSTER BY (a)',
    "CREATE TABLE t (a INT) COMMENT = 'x' COMMENT = 'y'",
    'CREATE TABLE t (a INT) WITH ROW ACCESS POLICY r',
    'CREATE TABLE t (a INT) WITH ROW ACCESS POLICY r ON (a + 1)',
    'CREATE TABLE t (a INT) JOIN POLICY j JOIN POLICY j',
    'CREATE TABLE t (a INT) TAG (g)',
    'CREATE TABLE t (a INT) TAG (g = x)',
    'CREATE TABLE t (a INT) WITH CONTACT (OWNER = c)',
    'CREATE TABLE t (a INT) WITH',
    'CREATE TABLE t (a INT) PARTITION BY (a)',
    'CREATE TABLE t (a INT) RETENTION',
    'CREATE TABLE t (a INT) SELECT 1',
    'CREATE TABLE t (a INT) AS',
    'CREATE TABLE t AS DROP TABLE z',
    'CREATE TABLE t AS SELECT 1 AS SELECT 2 AS SELECT 3',
    'CREATE TABLE t AS SELECT 1 CLONE u',
    'CREATE TABLE t AS SELECT a FROM u COPY GRANTS',
    'CREATE TABLE t AS (SELECT 1) (a INT)',
    'CREATE TABLE t (a INT) CLONE u',
    'CREATE TABLE t CLONE u CLONE v',
    'CREATE TABLE t CLONE u LIKE v',
    'CREATE TABLE t LIKE u AS SELECT 1',
    'CREATE TABLE t LIKE u AT (OFFSET => -1)',
    'CREATE TABLE t USING TEMPLATE',
    'CREATE TABLE t FROM ARCHIVE OF u',
    'CREATE SECURE TABLE t (a INT)',
    'CREATE TEMP TRANSIENT TABLE t (a INT)',
    'CREATE LOCAL TABLE t (a INT)',
    'CREATE GLOBAL TRANSIENT TABLE t (a INT)',
    'CREATE LOCAL GLOBAL TEMP TABLE t (a INT)',
    'CREATE READ ONLY TABLE t CLONE u',
    'CREATE TEMP READ ONLY TABLE t (a INT)',
    'CREATE TABLE IF EXISTS t (a INT)',
  ])
})

describe('CREATE EXTERNAL TABLE', () => {
  const read = { ...created, stages: ['Read @s/p'] }
  family('CreateExternalTable', [
    ['CREATE EXTERNAL TABLE t LOCATION = @s/p FILE_FORMAT = (TYPE = PARQUET)', read],
    [
      `CREATE EXTERNAL TABLE t (d DATE AS TO_DATE(metadata$filename), v INT AS (value:c1::INT))
         PARTITION BY (d) WITH LOCATION = @s/p FILE_FORMAT = f AUTO_REFRESH = TRUE PATTERN = '.*'`,
      { ...read, uses: ['FILE FORMAT F'] },
    ],
    [
      `CREATE EXTERNAL TABLE t INTEGRATION = 'i' PARTITION BY (d) PARTITION_TYPE = USER_SPECIFIED
         LOCATION = '@s/p' FILE_FORMAT = (FORMAT_NAME = 'f') ROW ACCESS POLICY r ON (VALUE)`,
      { ...read, uses: ['INTEGRATION I', 'FILE FORMAT F', 'ROW ACCESS POLICY R'] },
    ],
    [
      'CREATE EXTERNAL TABLE t USING TEMPLATE (SELECT * FROM u) LOCATION = @s/p FILE_FORMAT = f',
      { ...read, reads: ['U'], uses: ['FILE FORMAT F'] },
    ],
  ])

  syntaxErrors([
    'CREATE EXTERNAL TABLE t (v INT AS (value:c1::INT))',
    'CREATE EXTERNAL TABLE t LOCATION = @s AS SELECT 1',
    'CREATE EXTERNAL TABLE t CLONE u',
    'CREATE TEMP EXTERNAL TABLE t LOCATION = @s',
  ])
})

describe('CREATE ICEBERG TABLE', () => {
  const volume = 'EXTERNAL VOLUME V'
  family('CreateIcebergTable', [
    [
      `CREATE ICEBERG TABLE t (a LONG, b FIXED(10), c MAP(INT, TEXT)) EXTERNAL_VOLUME = 'v'
         CATALOG = 'SNOWFLAKE' BASE_LOCATION = 'x'`,
      { ...created, uses: [volume] },
    ],
    [
      "CREATE ICEBERG TABLE t EXTERNAL_VOLUME = 'v' CATALOG = 'c' METADATA_FILE_PATH = 'm.json'",
      { ...created, uses: [volume, 'INTEGRATION C'] },
    ],
    ["CREATE ICEBERG TABLE t CATALOG_TABLE_NAME = 'x' AUTO_REFRESH = TRUE", created],
    [
      'CREATE ICEBERG TABLE t (a INT) PARTITION BY (bucket(16, a), day(b)) AS SELECT a FROM u',
      { ...stored, reads: ['U'] },
    ],
  ])

  syntaxErrors(['CREATE ICEBERG TABLE t', 'CREATE ICEBERG TABLE t (a FIXED)'])
})

describe('CREATE DYNAMIC TABLE', () => {
  const effects = ['persists', 'schedules']
  const refreshed = { ...created, uses: ['WAREHOUSE W'], effects }
  const start = "CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' WAREHOUSE = w"
  family('CreateDynamicTable', [
    [`${start} AS SELECT a FROM u`, { ...refreshed, reads: ['U'] }],
    [
      `${start} REFRESH_MODE = FULL INITIALIZE = ON_CREATE CLUSTER BY (a) REQUIRE USER
         IMMUTABLE WHERE (a < CURRENT_DATE) BACKFILL FROM v AT (OFFSET => -1) AS SELECT a FROM u`,
      { ...refreshed, reads: ['V', 'U'] },
    ],
    [
      `${start} EXECUTE AS USER x USE SECONDARY ROLES r, s AS SELECT 1`,
      { ...refreshed, uses: ['WAREHOUSE W', 'USER X', 'ROLE R', 'ROLE S'] },
    ],
    ['CREATE DYNAMIC TABLE t CLONE u', { ...created, reads: ['U'], effects }],
    [
      `CREATE DYNAMIC TABLE t (a COMMENT 'x', b INT WITH MASKING POLICY p) TARGET_LAG = DOWNSTREAM
         AS (SELECT 1, 2)`,
      { ...created, uses: ['MASKING POLICY P'], effects },
    ],
  ])

  test('a refresh of its own is a statement in it', () => {
    const sql = `${start} REFRESH USING (INSERT INTO SELF SELECT a FROM u)`
    const { parts, reads } = factsOf(parseStatement(sql).statement)
    expect(parts).toMatchObject([{ kind: 'Insert', class: 'DML' }])
    expect(reads.map(({ name }) => partsOf(name))).toEqual([['U']])
  })

  test('one of Iceberg runs by itself, too', () => {
    const { kind, effects: found } = summary(
      "CREATE DYNAMIC ICEBERG TABLE t TARGET_LAG = '1 hour' BASE_LOCATION = 'x' AS SELECT 1",
    )
    expect([kind, found]).toEqual(['CreateDynamicIcebergTable', effects])
  })

  syntaxErrors([
    start,
    `${start} REFRESH USING (DROP TABLE z)`,
    `${start} REFRESH USING (SELECT 1)`,
    `${start} IMMUTABLE WHERE a AS SELECT 1`,
    `${start} PARTITION BY (a) AS SELECT 1`,
    'CREATE TEMP DYNAMIC TABLE t AS SELECT 1',
  ])
})

describe('CREATE of hybrid, event and interactive tables', () => {
  test.each<readonly [string, string]>([
    [
      'CREATE HYBRID TABLE t (a INT PRIMARY KEY, index ARRAY(INT), INDEX i (a, b) INCLUDE (c))',
      'CreateHybridTable',
    ],
    ["CREATE EVENT TABLE t CLUSTER BY (a) WITH COMMENT = 'x'", 'CreateEventTable'],
    ['CREATE EVENT TABLE t', 'CreateEventTable'],
    ['CREATE INTERACTIVE TABLE t (a INT) CLUSTER BY (a)', 'CreateInteractiveTable'],
  ])('%s', (sql, kind) => {
    expect(summary(sql)).toMatchObject({ kind, writes: ['CREATE T'] })
  })

  test('an index names its columns', () => {
    const { constraints } = create(
      'CREATE HYBRID TABLE t (index ARRAY(INT), INDEX i (a) INCLUDE (b))',
    )
    expect(constraints).toMatchObject([
      {
        type: 'INDEX',
        name: { value: 'I' },
        columns: [{ value: 'A' }],
        include: [{ value: 'B' }],
      },
    ])
  })

  syntaxErrors([
    'CREATE EVENT TABLE t (a INT)',
    'CREATE HYBRID TABLE t (a INT, INDEX i)',
    'CREATE HYBRID TABLE t CLUSTER BY (a) (a INT)',
  ])
})
