import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

type Case = readonly [sql: string, expected: Omit<Summary, 'kind' | 'class'>]

function family(kind: string, cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual({ kind, class: 'DDL', ...expected })
  })
  wholeStatements(cases.map(([sql]) => sql))
}

const created = { writes: ['CREATE V'] }

describe('CREATE VIEW', () => {
  family('CreateView', [
    ['CREATE VIEW v AS SELECT a FROM s.t', { ...created, reads: ['S.T'] }],
    [
      'CREATE OR REPLACE SECURE VIEW s.v (a, "b c") AS (SELECT a, b FROM t)',
      {
        writes: ['REPLACE S.V'],
        reads: ['T'],
      },
    ],
    [
      'CREATE OR ALTER TEMPORARY VIEW IF NOT EXISTS v AS WITH c AS (SELECT 1) SELECT * FROM c',
      created,
    ],
    [
      'CREATE RECURSIVE VIEW v (a) AS SELECT a FROM t UNION ALL SELECT a FROM v',
      {
        ...created,
        reads: ['T', 'V'],
      },
    ],
    [
      "CREATE VIEW v COMMENT = 'x' (a, b COMMENT 'y') COPY GRANTS CHANGE_TRACKING = TRUE AS SELECT 1, 2",
      created,
    ],
    [
      `CREATE VIEW v (a WITH MASKING POLICY p USING (a, b), b PROJECTION POLICY q TAG (g = 'x'))
         WITH ROW ACCESS POLICY r ON (a) AGGREGATION POLICY n WITH TAG (h = 'y') AS SELECT 1, 2`,
      {
        ...created,
        uses: [
          ...['MASKING POLICY P', 'PROJECTION POLICY Q', 'TAG G', 'ROW ACCESS POLICY R'],
          ...['AGGREGATION POLICY N', 'TAG H'],
        ],
      },
    ],
  ])

  syntaxErrors([
    'CREATE VIEW v',
    'CREATE VIEW v (a)',
    'CREATE VIEW v AS',
    'CREATE VIEW v (a INT) AS SELECT 1',
    'CREATE VIEW v (a NOT NULL) AS SELECT 1',
    'CREATE VIEW v (a DEFAULT 1) AS SELECT 1',
    'CREATE VIEW v (a, PRIMARY KEY (a)) AS SELECT 1',
    "CREATE VIEW v (a COMMENT 'x' COMMENT 'y') AS SELECT 1",
    'CREATE VIEW v () AS SELECT 1',
    'CREATE VIEW v (a) (b) AS SELECT 1',
    'CREATE VIEW v CLUSTER BY (a) AS SELECT 1',
    'CREATE VIEW v CLONE w',
    'CREATE VIEW v LIKE w',
    'CREATE VIEW v AS DROP TABLE z',
    'CREATE VIEW v AS INSERT INTO t VALUES (1)',
    'CREATE VIEW v AS CALL p()',
    "CREATE VIEW v AS SELECT 1 COMMENT = 'x'",
    'CREATE TRANSIENT VIEW v AS SELECT 1',
  ])
})

describe('CREATE MATERIALIZED VIEW', () => {
  const effects = ['persists']
  family('CreateMaterializedView', [
    ['CREATE MATERIALIZED VIEW v AS SELECT a FROM t', { ...created, reads: ['T'], effects }],
    [
      'CREATE SECURE MATERIALIZED VIEW v (a) COPY GRANTS CLUSTER BY (a, f(a)) AS SELECT a FROM t',
      { ...created, reads: ['T'], effects },
    ],
  ])

  test('it may be interactive', () => {
    const { kind, effects: found } = summary('CREATE INTERACTIVE MATERIALIZED VIEW v AS SELECT 1')
    expect([kind, found]).toEqual(['CreateInteractiveMaterializedView', effects])
  })

  syntaxErrors(['CREATE MATERIALIZED VIEW v', 'CREATE TEMP MATERIALIZED VIEW v AS SELECT 1'])
})

describe('CREATE SEMANTIC VIEW', () => {
  family('CreateSemanticView', [
    ['CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m AS SUM(a))', { ...created, reads: ['T'] }],
    [
      `CREATE OR REPLACE SEMANTIC VIEW v
         TABLES (o AS s.orders PRIMARY KEY (a) UNIQUE (b) UNIQUE (c, d) WITH SYNONYMS ('x', 'y'),
           customers COMMENT = 'x')
         RELATIONSHIPS (r AS o (a) REFERENCES customers, o (a, b) REFERENCES customers (a, ASOF b))
         FACTS (PRIVATE o.f AS a * 2)
         DIMENSIONS (o.d AS YEAR(b) WITH SYNONYMS = ('z') COMMENT = 'x' WITH TAG (g = 'x'),
           o.e AS e WITH CORTEX SEARCH SERVICE s.c USING e)
         METRICS (o.m USING (r) NON ADDITIVE BY (d DESC NULLS LAST) AS SUM(a), n AS o.m / 2,
           o.w AS SUM(o.m) OVER (PARTITION BY EXCLUDING o.d ORDER BY o.d))
         COMMENT = 'x' AI_SQL_GENERATION 'y' COPY GRANTS WITH EXTENSION (CA = '{}')`,
      {
        writes: ['REPLACE V'],
        reads: ['S.ORDERS', 'CUSTOMERS'],
        uses: ['TAG G', 'CORTEX SEARCH SERVICE S.C'],
      },
    ],
  ])

  test('what its expressions call is told', () => {
    const sql = 'CREATE SEMANTIC VIEW v TABLES (t) FACTS (t.f AS g(a)) METRICS (t.m AS SUM(h(a)))'
    const { functions } = factsOf(parseStatement(sql).statement)
    expect(functions.map(({ name }) => name.join('.'))).toEqual(['G', 'SUM', 'H'])
  })

  syntaxErrors([
    'CREATE SEMANTIC VIEW v',
    'CREATE SEMANTIC VIEW v TABLES (t)',
    'CREATE SEMANTIC VIEW v TABLES () METRICS (t.m AS 1)',
    'CREATE SEMANTIC VIEW v METRICS (t.m AS 1)',
    'CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m AS 1) FACTS (t.f AS 1)',
    'CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m)',
    'CREATE SEMANTIC VIEW v TABLES (t u) METRICS (t.m AS 1)',
    'CREATE SEMANTIC VIEW v TABLES (t) RELATIONSHIPS (t REFERENCES u) METRICS (t.m AS 1)',
    "CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m AS 1) COMMENT = 'x' COMMENT = 'y'",
    'CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m AS 1) AS SELECT 1',
  ])
})

describe('ALTER of views', () => {
  const altered = { writes: ['ALTER V'] }
  family('AlterView', [
    ['ALTER VIEW IF EXISTS v RENAME TO s.w', { writes: ['ALTER V', 'CREATE S.W'] }],
    ["ALTER VIEW v SET SECURE COMMENT = 'x' CHANGE_TRACKING = TRUE", altered],
    ['ALTER VIEW v UNSET SECURE', altered],
    ['ALTER VIEW v UNSET DCM PROJECT', altered],
    ["ALTER VIEW v SET TAG a = 'x'", { ...altered, uses: ['TAG A'] }],
    ["ALTER VIEW v ALTER COLUMN a COMMENT 'x', b UNSET MASKING POLICY", altered],
    [
      'ALTER VIEW v MODIFY COLUMN a SET MASKING POLICY s.p FORCE',
      {
        ...altered,
        uses: ['MASKING POLICY S.P'],
      },
    ],
    ['ALTER VIEW v ADD ROW ACCESS POLICY r ON (a)', { ...altered, uses: ['ROW ACCESS POLICY R'] }],
    ['ALTER VIEW v ADD DATA METRIC FUNCTION f ON (a)', { ...altered, uses: ['FUNCTION F'] }],
  ])
  family('AlterMaterializedView', [
    ['ALTER MATERIALIZED VIEW v CLUSTER BY (a)', altered],
    ['ALTER MATERIALIZED VIEW v SUSPEND RECLUSTER', altered],
    ['ALTER MATERIALIZED VIEW v RESUME', altered],
    ['ALTER MATERIALIZED VIEW v SET SECURE', altered],
  ])
  family('AlterSemanticView', [
    ['ALTER SEMANTIC VIEW v RENAME TO w', { writes: ['ALTER V', 'CREATE W'] }],
    ["ALTER SEMANTIC VIEW v SET COMMENT = 'x'", altered],
    ['ALTER SEMANTIC VIEW v UNSET COMMENT', altered],
  ])

  syntaxErrors([
    'ALTER VIEW v',
    'ALTER VIEW v AS SELECT 1',
    'ALTER VIEW v ADD COLUMN a INT',
    'ALTER VIEW v DROP COLUMN a',
    'ALTER VIEW v SWAP WITH w',
    'ALTER VIEW v CLUSTER BY (a)',
    'ALTER VIEW v SUSPEND',
    'ALTER MATERIALIZED VIEW v ADD COLUMN a INT',
    'ALTER SEMANTIC VIEW v SWAP WITH w',
    'ALTER SEMANTIC VIEW v ADD METRIC m',
  ])
})
