import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

function agree(cases: readonly (readonly [string, Summary])[]): void {
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))
}

describe('Online feature tables', () => {
  agree([
    [
      "CREATE ONLINE FEATURE TABLE f PRIMARY KEY (id, day) TARGET_LAG = '30 seconds' WAREHOUSE = wh REFRESH_MODE = AUTO WITH COMMENT = 'c' WITH TAG (k = 'v') FROM d.s.v",
      {
        kind: 'CreateOnlineFeatureTable',
        class: 'DDL',
        reads: ['D.S.V'],
        writes: ['CREATE F'],
        uses: ['WAREHOUSE WH', 'TAG K'],
        effects: ['persists', 'schedules'],
      },
    ],
    [
      "ALTER ONLINE FEATURE TABLE IF EXISTS f SET TARGET_LAG = '1 hour' WAREHOUSE = wh",
      {
        kind: 'AlterOnlineFeatureTable',
        class: 'DDL',
        writes: ['ALTER F'],
        uses: ['WAREHOUSE WH'],
        effects: ['schedules'],
      },
    ],
    [
      'ALTER ONLINE FEATURE TABLE f REFRESH',
      {
        kind: 'AlterOnlineFeatureTable',
        class: 'DDL',
        writes: ['ALTER F'],
        effects: ['schedules'],
      },
    ],
    [
      'DROP ONLINE FEATURE TABLE IF EXISTS f',
      { kind: 'DropOnlineFeatureTable', class: 'Drop', writes: ['DROP F'] },
    ],
  ])

  syntaxErrors([
    'CREATE ONLINE FEATURE TABLE f PRIMARY KEY (id) WAREHOUSE = wh',
    'CREATE ONLINE FEATURE TABLE f WAREHOUSE = wh FROM v',
    'CREATE ONLINE FEATURE TABLE f UNIQUE (id) FROM v',
    'CREATE ONLINE FEATURE TABLE f PRIMARY KEY (id) FROM v FROM w',
    'CREATE ONLINE FEATURE TABLE f PRIMARY KEY (id) FROM (SELECT 1)',
    'UNDROP ONLINE FEATURE TABLE f',
  ])
})

describe('Maintenance policies', () => {
  agree([
    [
      'ALTER APPLICATION a SET MAINTENANCE POLICY d.s.p',
      {
        kind: 'AlterApplication',
        class: 'DDL',
        writes: ['ALTER A'],
        uses: ['MAINTENANCE POLICY D.S.P'],
      },
    ],
    [
      'ALTER APPLICATION a UNSET MAINTENANCE POLICY',
      { kind: 'AlterApplication', class: 'DDL', writes: ['ALTER A'] },
    ],
    [
      'SHOW MAINTENANCE POLICIES ON APPLICATION a',
      { kind: 'ShowMaintenancePolicies', class: 'Meta', uses: ['APPLICATION A'] },
    ],
    [
      'DESCRIBE MAINTENANCE POLICY s.p',
      { kind: 'DescribeMaintenancePolicy', class: 'Meta', uses: ['MAINTENANCE POLICY S.P'] },
    ],
    [
      'GRANT APPLY MAINTENANCE POLICY ON ACCOUNT TO ROLE r',
      { kind: 'GrantPrivileges', class: 'Grant', uses: ['ROLE R'] },
    ],
    [
      'GRANT APPLY ON MAINTENANCE POLICY p TO ROLE r',
      { kind: 'GrantPrivileges', class: 'Grant', writes: ['GRANT P'], uses: ['ROLE R'] },
    ],
  ])

  syntaxErrors([
    'ALTER APPLICATION a SET MAINTENANCE POLICY',
    'ALTER APPLICATION a UNSET MAINTENANCE POLICY p',
    'SHOW MAINTENANCE POLICY',
  ])
})

describe('Telemetry events of an application', () => {
  agree([
    [
      "ALTER APPLICATION a SET SHARED TELEMETRY EVENTS ('errors', 'traces')",
      { kind: 'AlterApplication', class: 'DDL', writes: ['ALTER A'] },
    ],
  ])

  syntaxErrors([
    'ALTER APPLICATION a SET SHARED TELEMETRY EVENTS',
    "ALTER APPLICATION a SET SHARED TELEMETRY EVENTS 'errors'",
  ])
})

describe('Filters of semantic views', () => {
  const sql =
    'CREATE SEMANTIC VIEW v TABLES (t) FACTS (t.f LABELS = (FILTER) AS a > 1) DIMENSIONS (PUBLIC t.d LABELS = (FILTER) AS b) METRICS (t.m AS SUM(c))'

  agree([[sql, { kind: 'CreateSemanticView', class: 'DDL', reads: ['T'], writes: ['CREATE V'] }]])

  test('a fact that is a filter still names the columns it is made of', () => {
    const columns = factsOf(parseStatement(sql).statement).columns.map(({ name }) => name.join('.'))
    expect(columns).toEqual(expect.arrayContaining(['A', 'B', 'C']))
  })

  syntaxErrors([
    'CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m LABELS = (FILTER) AS SUM(c))',
    'CREATE SEMANTIC VIEW v TABLES (t) FACTS (t.f LABELS = FILTER AS a)',
    'CREATE SEMANTIC VIEW v TABLES (t) FACTS (t.f LABELS = (OTHER) AS a)',
  ])
})
