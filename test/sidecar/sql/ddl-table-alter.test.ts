import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { FrostgateError } from '../../../sidecar/errors.ts'
import { emit, factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import type { Alter } from '../../../sidecar/sql/index.ts'
import { verifyRoundTrip } from '../../../sidecar/sql/round-trip.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

type Case = readonly [change: string, expected?: Omit<Summary, 'kind' | 'class'>]

/** Statements that begin with `start`, which names an object T. */
function changes(start: string, kind: string, cases: readonly Case[]): void {
  const named = cases.map(([change, expected]) => ({ change, expected }))
  test.each(named)(`${start} $change`, ({ change, expected }) => {
    const found = summary(`${start} ${change}`)
    expect(found).toEqual({ kind, class: 'DDL', writes: ['ALTER T'], ...expected })
  })
  wholeStatements(cases.map(([change]) => `${start} ${change}`))
}

function actions(sql: string): Alter['actions'] {
  const { statement } = parseStatement(sql)
  if (statement.kind !== 'Alter') throw new Error(statement.kind)
  return statement.actions
}

describe('ALTER TABLE', () => {
  changes('ALTER TABLE t', 'AlterTable', [
    ['RENAME TO s.u', { writes: ['ALTER T', 'CREATE S.U'] }],
    ['SWAP WITH u', { writes: ['ALTER T', 'REPLACE U'] }],
    ['CLUSTER BY (a, f(b), v:x::INT)'],
    ['CLUSTER BY LINEAR (a)'],
    ['RECLUSTER MAX_SIZE = 100 WHERE a > 1'],
    ['RECLUSTER WHERE a IN (SELECT b FROM u)', { reads: ['U'] }],
    ['SUSPEND RECLUSTER'],
    ['DROP CLUSTERING KEY'],
    ['ADD a INT'],
    ["ADD COLUMN IF NOT EXISTS a INT DEFAULT 1 NOT NULL, IF NOT EXISTS b TEXT COMMENT 'x'"],
    ['ADD COLUMN a TEXT AS (UPPER(b)), COLUMN c INT AUTOINCREMENT (1, 1)'],
    ['ADD COLUMN a TEXT MASKING POLICY p TAG (g = $$x$$)', { uses: ['MASKING POLICY P', 'TAG G'] }],
    ['ADD index NUMBER(10)'],
    ['ADD INDEX i (a)'],
    ['ADD PRIMARY KEY (a)'],
    ['ADD CONSTRAINT u UNIQUE (a, b) NOT ENFORCED'],
    ['ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u (b)', { uses: ['TABLE S.U'] }],
    ['RENAME CONSTRAINT a TO b'],
    ['MODIFY CONSTRAINT a NOT ENFORCED RELY'],
    ['ALTER PRIMARY KEY (a) VALIDATE'],
    ['DROP CONSTRAINT a CASCADE'],
    ['DROP UNIQUE (a, b)'],
    ['DROP FOREIGN KEY (a) RESTRICT'],
    ['DROP a, b'],
    ['DROP COLUMN IF EXISTS a, IF EXISTS "b c" CASCADE'],
    ['RENAME COLUMN a TO b'],
    ['ALTER COLUMN a DROP NOT NULL, COLUMN b SET NOT NULL, c NOT NULL, d DROP DEFAULT'],
    ["MODIFY (a SET DATA TYPE TEXT, b TYPE NUMBER(9), c NUMBER(9), d COMMENT 'x')"],
    ['ALTER a SET DEFAULT s.NEXTVAL'],
    ['ALTER a UNSET COMMENT'],
    [
      'MODIFY a SET MASKING POLICY p USING (a, b) FORCE, b UNSET MASKING POLICY',
      {
        uses: ['MASKING POLICY P'],
      },
    ],
    ['MODIFY a SET PROJECTION POLICY s.p FORCE', { uses: ['PROJECTION POLICY S.P'] }],
    [
      "MODIFY a SET TAG x = '1', y.z = '2', b UNSET TAG v, w",
      {
        uses: ['TAG X', 'TAG Y.Z', 'TAG V', 'TAG W'],
      },
    ],
    ['MODIFY a SET PRIVACY DOMAIN BETWEEN (0, 9)'],
    ["SET COMMENT = 'x', CHANGE_TRACKING = TRUE STAGE_FILE_FORMAT = (TYPE = CSV)"],
    ['UNSET COMMENT, CHANGE_TRACKING'],
    ["SET TAG a.b = 'x', c = 'y'", { uses: ['TAG A.B', 'TAG C'] }],
    ['UNSET TAG a.b, c', { uses: ['TAG A.B', 'TAG C'] }],
    ['SET CONTACT STEWARD = s.c, SUPPORT = d', { uses: ['CONTACT S.C', 'CONTACT D'] }],
    ['UNSET CONTACT STEWARD'],
    ['ADD ROW ACCESS POLICY r ON (a)', { uses: ['ROW ACCESS POLICY R'] }],
    [
      'DROP ROW ACCESS POLICY r, ADD ROW ACCESS POLICY s.q ON (a, b)',
      { uses: ['ROW ACCESS POLICY R', 'ROW ACCESS POLICY S.Q'] },
    ],
    ['DROP ALL ROW ACCESS POLICIES'],
    ['SET AGGREGATION POLICY g ENTITY KEY (a) FORCE', { uses: ['AGGREGATION POLICY G'] }],
    ['UNSET JOIN POLICY'],
    ['ADD STORAGE LIFECYCLE POLICY l ON (a)', { uses: ['STORAGE LIFECYCLE POLICY L'] }],
    ['DROP STORAGE LIFECYCLE POLICY'],
    ['ADD PRIVACY POLICY v NO ENTITY KEY', { uses: ['PRIVACY POLICY V'] }],
    ['ADD SEARCH OPTIMIZATION'],
    ["ADD SEARCH OPTIMIZATION ON EQUALITY (*), FULL_TEXT (a, ANALYZER => 'x'), GEO (v:b)"],
    ['DROP SEARCH OPTIMIZATION ON SUBSTRING (a), b, 5'],
    [
      'ADD DATA METRIC FUNCTION s.f ON (a), g ON (b) EXPECTATION e (VALUE = 0)',
      {
        uses: ['FUNCTION S.F', 'FUNCTION G'],
      },
    ],
    [
      'ADD DATA METRIC FUNCTION f ON (a, TABLE (s.u (b))) EXECUTE AS ROLE r',
      {
        reads: ['S.U'],
        uses: ['FUNCTION F', 'ROLE R'],
      },
    ],
    ['MODIFY DATA METRIC FUNCTION f ON (a) SUSPEND', { uses: ['FUNCTION F'] }],
    ['DROP DATA METRIC FUNCTION f ON ()', { uses: ['FUNCTION F'] }],
    ["SET DATA_METRIC_SCHEDULE = '5 MINUTE'", { effects: ['schedules'] }],
  ])

  test('several changes of columns are several actions', () => {
    expect(actions('ALTER TABLE t ALTER a DROP DEFAULT, b NUMBER ( 9 )')).toMatchObject([
      { action: 'ALTER COLUMN DROP DEFAULT', columns: [{ name: { value: 'A' } }] },
      {
        action: 'ALTER COLUMN SET DATA TYPE',
        columns: [{ name: { value: 'B' }, type: 'NUMBER(9)' }],
      },
    ])
  })

  test('a table that only run time names', () => {
    expect(summary('ALTER TABLE IDENTIFIER($n) DROP a').dynamic).toEqual(['a name given by $N'])
  })

  syntaxErrors(
    [
      ...['', 'ADD', 'ADD COLUMN a', 'ADD COLUMN a INT b INT', 'ADD COLUMN a INT, DROP COLUMN b'],
      ...['DROP', 'DROP COLUMN', 'DROP COLUMN a b', 'RENAME', 'RENAME TO', 'RENAME COLUMN a b'],
      ...[
        'SWAP WITH',
        'SWAP u',
        'CLUSTER BY',
        'CLUSTER BY a',
        'CLUSTER BY ()',
        'SUSPEND',
        'REFRESH',
      ],
      ...['SET', 'SET COMMENT', "SET COMMENT = 'x' COMMENT = 'y'", 'SET TAG x', 'SET TAG x = y'],
      ...['UNSET', "UNSET COMMENT = 'x'", "UNSET TAG x = 'y'", 'SET AGGREGATION POLICY'],
      ...['ALTER', 'ALTER COLUMN a', 'ALTER a SET', 'ALTER a SET DEFAULT', 'ALTER (a DROP DEFAULT'],
      ...['ALTER a DROP DEFAULT)', 'ALTER a SET MASKING POLICY', 'ALTER a COMMENT x'],
      ...['ADD ROW ACCESS POLICY r', 'DROP ROW ACCESS POLICY', 'ADD ROW ACCESS POLICY r ON ()'],
      ...['DROP ROW ACCESS POLICY r, DROP COLUMN a', 'DROP CONSTRAINT a, b', 'ADD CONSTRAINT c'],
      ...[
        'ADD SEARCH OPTIMIZATION x',
        'ADD SEARCH OPTIMIZATION ON',
        'ADD SEARCH OPTIMIZATION ON a',
      ],
      ...['ADD SEARCH OPTIMIZATION ON EQUALITY ()', 'ADD DATA METRIC FUNCTION f'],
      ...['MODIFY DATA METRIC FUNCTION f ON (a)', 'ADD PARTITION (a = 1) LOCATION x'],
      ...['CONVERT TO MANAGED', 'AS SELECT 1', 'RECLUSTER 100'],
    ].map((change) => `ALTER TABLE t ${change}`),
  )
  syntaxErrors([
    'ALTER TABLE t, u SET a = 1',
    'ALTER TABLE IF NOT EXISTS t DROP a',
    'ALTER TEMP TABLE t DROP a',
    'ALTER EVENT TABLE t DROP a',
  ])
})

describe('ALTER EXTERNAL TABLE', () => {
  changes('ALTER EXTERNAL TABLE t', 'AlterExternalTable', [
    ["REFRESH 'x/y'"],
    ["ADD FILES ('a', 'b')"],
    ["REMOVE FILES ('a')"],
    [`ADD PARTITION (a = 'x', "b" = 2) LOCATION 'x'`],
    ["DROP PARTITION LOCATION 'x'"],
    ['ADD COLUMN a INT AS (value:c1::INT)'],
    ['SET AUTO_REFRESH = TRUE'],
  ])

  test('a refresh may be of everything', () => {
    expect(summary('ALTER EXTERNAL TABLE IF EXISTS t REFRESH').writes).toEqual(['ALTER T'])
  })

  syntaxErrors(
    [
      ...['ADD FILES ()', 'ADD FILES (a)', "ADD PARTITION () LOCATION 'x'", 'REFRESH x'],
      ...['ADD PARTITION (a = 1)', 'CLUSTER BY (a)', "UNSET TAG a = 'x'"],
    ].map((change) => `ALTER EXTERNAL TABLE t ${change}`),
  )
})

describe('ALTER ICEBERG TABLE', () => {
  changes('ALTER ICEBERG TABLE t', 'AlterIcebergTable', [
    ["REFRESH 'x.json'"],
    ["CONVERT TO MANAGED BASE_LOCATION = 'x' STORAGE_SERIALIZATION_POLICY = COMPATIBLE"],
    ['ALTER COLUMN a SET DATA TYPE OBJECT(b INT) RENAME FIELDS'],
    ['ADD COLUMN a LONG'],
    ["SET CATALOG_SYNC = 'i'", { uses: ['INTEGRATION I'] }],
  ])
})

describe('ALTER DYNAMIC TABLE', () => {
  const effects = ['schedules']
  changes('ALTER DYNAMIC TABLE t', 'AlterDynamicTable', [
    ['SUSPEND', { effects }],
    ['REFRESH COPY SESSION', { effects }],
    ["SET TARGET_LAG = '1 hour' WAREHOUSE = w", { uses: ['WAREHOUSE W'], effects }],
    ['SET IMMUTABLE WHERE (a < 1)', { effects }],
    ['SET EXECUTE AS USER u USE SECONDARY ROLES ALL', { uses: ['USER U'], effects }],
    ['UNSET IMMUTABLE, LOG_LEVEL', { effects }],
    ['SWAP WITH u', { writes: ['ALTER T', 'REPLACE U'], effects }],
    ['MODIFY a SET MASKING POLICY p', { uses: ['MASKING POLICY P'], effects }],
    ['DROP ROW ACCESS POLICY r', { uses: ['ROW ACCESS POLICY R'], effects }],
  ])

  test('several are refreshed at once', () => {
    expect(summary('ALTER DYNAMIC TABLE IF EXISTS a, s.b REFRESH').writes).toEqual([
      'ALTER A',
      'ALTER S.B',
    ])
  })

  syntaxErrors([
    'ALTER DYNAMIC TABLE a, b SUSPEND',
    'ALTER DYNAMIC TABLE a, REFRESH',
    'ALTER DYNAMIC TABLE a ADD COLUMN b INT',
    'ALTER DYNAMIC TABLE a SET IMMUTABLE WHERE b',
  ])
})

describe('statements with tokens left out, doubled or moved', () => {
  const samples = [
    `CREATE TABLE t ( a INT DEFAULT f ( 1 ) NOT NULL MASKING POLICY p USING ( a ) COMMENT 'x' , CONSTRAINT c
     FOREIGN KEY ( a ) REFERENCES u ( b ) ON DELETE CASCADE ) CLUSTER BY ( a ) WITH TAG ( g = 'x' ) COPY GRANTS AS SELECT a FROM v`,
    `CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' WAREHOUSE = w IMMUTABLE WHERE ( a > 1 ) BACKFILL FROM u AS SELECT a FROM v`,
    `ALTER TABLE t MODIFY COLUMN a SET TAG x = 'y' , b UNSET TAG v , c SET MASKING POLICY p FORCE`,
    `ALTER TABLE t ADD DATA METRIC FUNCTION f ON ( a , TABLE ( u ( b ) ) ) EXPECTATION e ( VALUE = 0 )`,
    `CREATE SEMANTIC VIEW v TABLES ( o AS s . t PRIMARY KEY ( a ) ) METRICS ( o . m AS SUM ( a ) COMMENT = 'x' )`,
  ].map((sql) => sql.split(/\s+/))

  test('are refused, or mean what they say', () => {
    const change = fc.record({
      sample: fc.nat(samples.length - 1),
      at: fc.nat(60),
      to: fc.nat(60),
      how: fc.constantFrom('drop', 'double', 'move'),
    })
    fc.assert(
      fc.property(change, ({ sample, at, to, how }) => {
        const words = [...(samples[sample] ?? [])]
        const index = at % words.length
        const word = words[index] ?? ''
        if (how !== 'double') words.splice(index, 1)
        if (how !== 'drop') words.splice(to % words.length, 0, word)
        try {
          const parsed = parseStatement(words.join(' '))
          verifyRoundTrip(parsed, emit(parsed))
          expect(factsOf(parsed.statement).structured).toBe(true)
        } catch (error) {
          if (!(error instanceof FrostgateError)) throw error
          expect(error.entry).not.toBe('SqlRoundTrip')
        }
      }),
      { numRuns: 2000 },
    )
  })
})
