import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'
import { refusal } from './support.ts'

type Case = readonly [sql: string, expected: Omit<Summary, 'kind' | 'class'>]

function family(kind: string, statementClass: string, cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual({ kind, class: statementClass, ...expected })
  })
  wholeStatements(cases.map(([sql]) => sql))
}

describe('COPY INTO a table', () => {
  const loads = { writes: ['INSERT T'], effects: ['persists'] }
  const staged = { ...loads, stages: ['Read @s'] }
  family('CopyIntoTable', 'Load', [
    ['COPY INTO t FROM @s', staged],
    [
      'COPY INTO t (a, "b c") FROM @db.sc.s/p/x.csv',
      { ...loads, stages: ['Read @db.sc.s/p/x.csv'] },
    ],
    ["COPY INTO t FROM '@s/with space/'", { ...loads, stages: ['Read @s/with space/'] }],
    ['COPY INTO t FROM @~/x FORCE = TRUE', { ...loads, stages: ['Read @~/x'] }],
    ['COPY INTO t FROM @%t', { ...loads, stages: ['Read @%t'] }],
    [
      "COPY INTO t FROM 's3://bucket/p' CREDENTIALS = (AWS_KEY_ID = 'k' AWS_SECRET_KEY = 'x') ENCRYPTION = (TYPE = 'AWS_SSE_KMS' KMS_KEY_ID = 'y')",
      { ...loads, urls: ['s3://bucket/p'] },
    ],
    [
      "COPY INTO t FROM 'gcs://bucket/p' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = 'db.s.f')",
      { ...loads, urls: ['gcs://bucket/p'], uses: ['INTEGRATION SI', 'FILE FORMAT DB.S.F'] },
    ],
    [
      "COPY INTO t FROM @s FILES = ('a.csv', 'b.csv') PATTERN = '.*[.]csv' FILE_FORMAT = a.f",
      { ...staged, uses: ['FILE FORMAT A.F'] },
    ],
    ["COPY INTO t FROM @s FILE_FORMAT = 'f'", { ...staged, uses: ['FILE FORMAT F'] }],
    [
      "COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV, SKIP_HEADER = 1 NULL_IF = ('', 'x') ESCAPE = NONE FIELD_DELIMITER = '|')",
      staged,
    ],
    ['COPY INTO t FROM @s ON_ERROR = SKIP_FILE_10%', staged],
    ["COPY INTO t FROM @s ON_ERROR = 'SKIP_FILE_10%', SIZE_LIMIT = 10", staged],
    ['COPY INTO t FROM @s ON_ERROR = SKIP_FILE_3 VALIDATION_MODE = RETURN_5_ROWS', staged],
    [
      'COPY INTO t FROM @s MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE INCLUDE_METADATA = (warehouse = METADATA$FILENAME, b = METADATA$START_SCAN_TIME)',
      staged,
    ],
    ['COPY INTO t FROM @s PATTERN = $p LOAD_MODE = ADD_FILES_COPY', staged],
    ['COPY INTO t FROM @s PURGE = FALSE', staged],
    [
      'COPY INTO t FROM (SELECT $1, x.$2:a.b::int, METADATA$FILENAME FROM @s/p x) FILE_FORMAT = (TYPE = JSON)',
      { ...loads, stages: ['Read @s/p'] },
    ],
    [
      "COPY INTO t (a) FROM (SELECT $1 FROM @s (FILE_FORMAT => 'f', PATTERN => '.*'))",
      { ...loads, stages: ['Read @s'], uses: ['FILE FORMAT F'] },
    ],
    [
      'COPY INTO IDENTIFIER($t) FROM @s',
      { dynamic: ['a name given by $T'], effects: ['persists'], stages: ['Read @s'] },
    ],
  ])

  test('stages given by binds are dynamic', () => {
    const bound = { dynamic: ['a stage given by bind 1'] }
    expect(summary('COPY INTO t FROM ?')).toMatchObject(bound)
    expect(summary('COPY INTO ? FROM t')).toMatchObject({ kind: 'CopyIntoLocation', ...bound })
    expect(summary('COPY INTO :1 FROM t')).toMatchObject({ kind: 'CopyIntoLocation', ...bound })
  })

  test('without FROM it reads the stage of the table', () => {
    expect(summary('COPY INTO t')).toMatchObject({ stages: ['Read @%T'] })
    expect(summary('COPY INTO db.s."my t" ON_ERROR = CONTINUE')).toMatchObject({
      stages: ['Read @DB.S.%"my t"'],
    })
    expect(summary("COPY INTO IDENTIFIER('s.t')")).toMatchObject({ stages: ['Read @S.%T'] })
    expect(summary('COPY INTO IDENTIFIER($t)').stages).toBeUndefined()
  })

  wholeStatements(['COPY INTO t', "COPY INTO IDENTIFIER('s.t') PURGE = TRUE"])

  test('PURGE removes files from the stage it reads', () => {
    const purged = { stages: ['Remove @s', 'Read @s'] }
    expect(summary('COPY INTO t FROM @s PURGE = TRUE')).toMatchObject(purged)
    expect(summary('COPY INTO t FROM @s PURGE = $v')).toMatchObject(purged)
  })

  test('what a query over a stage reads besides is told', () => {
    expect(summary('COPY INTO t FROM (SELECT (SELECT max(a) FROM u) FROM @s)').reads).toEqual(['U'])
  })

  syntaxErrors([
    'COPY',
    'COPY INTO',
    'COPY t FROM @s',
    'COPY INTO t FROM',
    'COPY INTO t FROM u',
    'COPY INTO t FROM @s, @u',
    'COPY INTO t FROM @s x',
    'COPY INTO t u FROM @s',
    'COPY INTO t, u FROM @s',
    'COPY INTO t FROM SELECT $1 FROM @s',
    'COPY INTO t FROM (@s)',
    "COPY INTO t FROM 'x'",
    "COPY INTO t FROM 'file:///tmp/x'",
    "COPY INTO t FROM 's3://'",
    "COPY INTO t FROM '@'",
    "COPY INTO t FROM '@a.b.c.d'",
    "COPY INTO t FROM '@s x'",
    "COPY INTO t FROM '@s; DROP TABLE z'",
    'COPY INTO t FROM @s FROM @u',
    'COPY INTO t () FROM @s',
    'COPY INTO t FROM @s FILE_FORMAT',
    'COPY INTO t FROM @s FILE_FORMAT =',
    'COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV',
    "COPY INTO t FROM @s FILE_FORMAT = 'no name'",
    'COPY INTO t FROM @s FILE_FORMAT = 1',
    "COPY INTO t FROM @s STORAGE_INTEGRATION = 'a b'",
    "COPY INTO t FROM @s FILE_FORMAT = (TYPE = CSV FORMAT_NAME = 'a b')",
    'COPY INTO t FROM @s UNHEARD_OF = 1',
    'COPY INTO t FROM @s FORCE',
    'COPY INTO t FROM @s ON_ERROR = CONTINUE%',
    'COPY INTO t FROM @s ON_ERROR = SKIP_FILE_10%%',
    'COPY INTO t FROM @s OVERWRITE = TRUE',
    'COPY INTO t FROM @s,',
    'COPY INTO t FROM @s FORCE = TRUE,',
    'COPY INTO t FROM @s PARTITION BY (a)',
    "COPY INTO 't' FROM @s",
  ])

  test('an option given twice is refused: which one counts?', () => {
    const error = refusal(() => parseStatement('COPY INTO t FROM @s PURGE = FALSE PURGE = TRUE'))
    expect(error?.message).toContain('PURGE only once')
  })

  test('credentials are in no message', () => {
    const error = refusal(() =>
      parseStatement("COPY INTO t FROM 's3://b/p' CREDENTIALS = (AWS_SECRET_KEY = 'hush' 'hush2'"),
    )
    expect(error).toBeDefined()
    expect(error?.message).not.toContain('hush')
  })
})

describe('COPY INTO a stage or an address', () => {
  const unloads = { effects: ['unloads'] }
  family('CopyIntoLocation', 'Unload', [
    ['COPY INTO @s FROM t', { ...unloads, reads: ['T'], stages: ['Write @s'] }],
    [
      "COPY INTO '@s/a b/' FROM db.sc.t",
      { ...unloads, reads: ['DB.SC.T'], stages: ['Write @s/a b/'] },
    ],
    ['COPY INTO @~ FROM t HEADER = TRUE', { ...unloads, reads: ['T'], stages: ['Write @~'] }],
    [
      'COPY INTO @%t/x FROM t SINGLE = TRUE HEADER',
      { ...unloads, reads: ['T'], stages: ['Write @%t/x'] },
    ],
    [
      "COPY INTO 's3://b/p' FROM (SELECT a FROM t JOIN u USING (a)) STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = f COMPRESSION = 'GZIP') OVERWRITE = TRUE MAX_FILE_SIZE = 32000000 INCLUDE_QUERY_ID = TRUE DETAILED_OUTPUT = TRUE",
      {
        ...unloads,
        reads: ['T', 'U'],
        urls: ['s3://b/p'],
        uses: ['INTEGRATION SI', 'FILE FORMAT F'],
      },
    ],
    [
      "COPY INTO 'azure://acct.blob.core.windows.net/c/p' FROM (WITH c AS (SELECT a FROM t) SELECT * FROM c) CREDENTIALS = (AZURE_SAS_TOKEN = 'x') VALIDATION_MODE = RETURN_ROWS",
      { ...unloads, reads: ['T'], urls: ['azure://acct.blob.core.windows.net/c/p'] },
    ],
    [
      "COPY INTO @s FROM t PARTITION BY ('d=' || to_varchar(d, 'YYYY') || '/h=' || h) FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE",
      { ...unloads, reads: ['T'], stages: ['Write @s'] },
    ],
    [
      'COPY INTO @s FROM t FILE_FORMAT = (TYPE = PARQUET) PARTITION BY a HEADER = TRUE',
      { ...unloads, reads: ['T'], stages: ['Write @s'] },
    ],
    [
      'COPY INTO @s FROM ((SELECT 1) UNION ALL (SELECT a FROM t))',
      { ...unloads, reads: ['T'], stages: ['Write @s'] },
    ],
    ["COPY INTO @s FROM IDENTIFIER('a.t')", { ...unloads, reads: ['A.T'], stages: ['Write @s'] }],
    [
      'COPY INTO @s FROM IDENTIFIER($t)',
      { ...unloads, stages: ['Write @s'], dynamic: ['a table named by $T'] },
    ],
    ['COPY INTO @s FROM (SELECT $1 FROM @u)', { ...unloads, stages: ['Write @s', 'Read @u'] }],
  ])

  test('the columns of PARTITION BY are bound by the statement', () => {
    const { columns } = factsOf(parseStatement('COPY INTO @s FROM t PARTITION BY (d)').statement)
    expect(columns.map(({ name, scope }) => [name, scope.kind])).toEqual([
      [['D'], 'CopyIntoLocation'],
    ])
  })

  syntaxErrors([
    'COPY INTO @s',
    'COPY INTO @s FROM',
    'COPY INTO @s FROM @u',
    'COPY INTO @s FROM t, u',
    'COPY INTO @s FROM t x',
    'COPY INTO @s FROM t AS x',
    'COPY INTO @s FROM SELECT 1',
    'COPY INTO @s FROM (t)',
    'COPY INTO @s (a) FROM t',
    'COPY INTO @s @u FROM t',
    "COPY INTO 'somewhere' FROM t",
    "COPY INTO 'https://host/p' FROM t",
    'COPY INTO @s FROM t PARTITION (a)',
    'COPY INTO @s FROM t PARTITION BY',
    'COPY INTO @s FROM t PARTITION BY (a) PARTITION BY (b)',
    'COPY INTO @s FROM t PURGE = TRUE',
    'COPY INTO @s FROM t HEADER = TRUE HEADER = FALSE',
    'COPY INTO @s FROM t HEADER = TRUE PARTITION BY (a) HEADER',
    'COPY INTO @s FROM t OVERWRITE',
  ])
})

describe('COPY FILES', () => {
  const unloads = { effects: ['unloads'] }
  family('CopyFiles', 'FileTransfer', [
    ['COPY FILES INTO @a/x FROM @b', { ...unloads, stages: ['Write @a/x', 'Read @b'] }],
    [
      "COPY FILES INTO '@a' FROM '@b/c d' FILES = ('x', 'y') PATTERN = '.*' DETAILED_OUTPUT = TRUE",
      { ...unloads, stages: ['Write @a', 'Read @b/c d'] },
    ],
    [
      "COPY FILES INTO @a FROM 'snow://workspace/w/versions/live'",
      { ...unloads, stages: ['Write @a'], urls: ['snow://workspace/w/versions/live'] },
    ],
    [
      "COPY FILES INTO @a FROM (SELECT '@b/x', name FROM t)",
      { ...unloads, stages: ['Write @a'], reads: ['T'], dynamic: ['files named by a query'] },
    ],
  ])

  syntaxErrors([
    'COPY FILES INTO @a',
    'COPY FILES @a FROM @b',
    'COPY FILES INTO t FROM @b',
    'COPY FILES INTO @a FROM t',
    'COPY FILES INTO @a FROM @b, @c',
    'COPY FILES INTO @a FROM @b FILE_FORMAT = f',
    'COPY FILES INTO @a FROM @b PURGE = TRUE',
  ])
})

test('options mean the same in any order', () => {
  const given = [
    "FILES = ('a', 'b')",
    "PATTERN = '.*'",
    'FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1)',
    'ON_ERROR = SKIP_FILE_5%',
    'SIZE_LIMIT = 1',
    'PURGE = FALSE',
    'FORCE = TRUE',
    'TRUNCATECOLUMNS = TRUE',
    'MATCH_BY_COLUMN_NAME = NONE',
  ]
  const plain = summary('COPY INTO t FROM @s')
  fc.assert(
    fc.property(fc.shuffledSubarray(given), fc.constantFrom(' ', ', ', '\n'), (some, between) => {
      const sql = `COPY INTO t FROM @s ${some.join(between)}`
      expect(summary(sql)).toEqual(plain)
      expect(refusal(() => parseStatement(`${sql} ${some.at(0) ?? 'x'}`))?.entry).toBe('SqlSyntax')
    }),
    { numRuns: 200 },
  )
})
