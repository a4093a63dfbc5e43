import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import { refusal } from './support.ts'

const facts = (sql: string) => factsOf(parseStatement(sql).statement)

describe('SHOW of a class of objects', () => {
  test.each([
    ['SHOW DATABASES', { objects: 'DATABASES', in: undefined, terse: false, history: false }],
    ["SHOW TERSE TABLES LIKE 'x%' IN SCHEMA a.b", { terse: true, like: 'x%' }],
    ['SHOW TABLES HISTORY IN ACCOUNT', { history: true, in: { scope: 'ACCOUNT' } }],
    ['SHOW TABLES IN a.b', { in: { scope: 'SCHEMA', name: { kind: 'ObjectName' } } }],
    ['SHOW SCHEMAS IN a', { in: { scope: 'DATABASE', name: { kind: 'ObjectName' } } }],
    ['SHOW COLUMNS IN a.b.c', { in: { scope: 'TABLE', name: { kind: 'ObjectName' } } }],
    ['SHOW VIEWS IN DATABASE', { in: { scope: 'DATABASE', name: undefined } }],
    [
      "SHOW OBJECTS IN DATABASE STARTS WITH 'a' LIMIT 5",
      {
        in: { scope: 'DATABASE', name: undefined },
        startsWith: 'a',
        limit: { rows: 5, from: undefined, span: { start: 7, end: 9 } },
      },
    ],
    ["SHOW USERS LIMIT 5 FROM 'j'", { limit: { rows: 5, from: 'j' } }],
    [
      'SHOW DATABASES LIMIT 1 WITH PRIVILEGES USAGE, CREATE SCHEMA',
      { privileges: ['USAGE', 'CREATE SCHEMA'] },
    ],
    ['SHOW TASKS IN SCHEMA ROOT ONLY', { in: { name: undefined }, options: ['ROOT ONLY'] }],
    ['SHOW SERVICES EXCLUDE JOBS IN COMPUTE POOL p', { options: ['EXCLUDE JOBS'] }],
    ['SHOW AVAILABLE LISTINGS IS_IMPORTED = TRUE', { options: ['IS_IMPORTED = TRUE'] }],
    ['SHOW d.s.c INSTANCES IN ACCOUNT', { objects: 'INSTANCES', in: { scope: 'ACCOUNT' } }],
  ])('%s', (sql, expected) => {
    expect(parseStatement(sql).statement).toMatchObject({ kind: 'Show', ...expected })
  })

  const named: readonly (readonly [string, string, readonly string[]])[] = [
    ['SHOW TABLES IN SCHEMA a.b', 'ShowTables', ['SCHEMA A.B']],
    ['SHOW TABLES IN APPLICATION PACKAGE p', 'ShowTables', ['APPLICATION PACKAGE P']],
    ['SHOW OBJECTS OWNED BY APPLICATION a', 'ShowObjects', ['APPLICATION A']],
    ['SHOW PRIMARY KEYS IN TABLE a.b.c', 'ShowPrimaryKeys', ['TABLE A.B.C']],
    ['SHOW TERSE UNIQUE KEYS IN DATABASE d', 'ShowUniqueKeys', ['DATABASE D']],
    ['SHOW FUNCTIONS IN MODEL m VERSION v', 'ShowFunctions', ['MODEL M', 'RELATION V']],
    ['SHOW PROCEDURES IN CLASS a.b.c', 'ShowProcedures', ['CLASS A.B.C']],
    ['SHOW DATABASE ROLES IN DATABASE d', 'ShowDatabaseRoles', ['DATABASE D']],
    ['SHOW FAILOVER GROUPS IN ACCOUNT o.a', 'ShowFailoverGroups', ['ACCOUNT O.A']],
    ['SHOW SHARES IN FAILOVER GROUP g', 'ShowShares', ['FAILOVER GROUP G']],
    ['SHOW REPLICATION DATABASES WITH PRIMARY a.d', 'ShowReplicationDatabases', ['DATABASE A.D']],
    ['SHOW SESSION POLICIES ON USER u', 'ShowSessionPolicies', ['USER U']],
    ['SHOW MFA METHODS FOR USER u', 'ShowMfaMethods', ['USER U']],
    ['SHOW DELEGATED AUTHORIZATIONS BY USER u', 'ShowDelegatedAuthorizations', ['USER U']],
    ['SHOW PARAMETERS FOR WAREHOUSE w', 'ShowParameters', ['WAREHOUSE W']],
    ['SHOW PARAMETERS IN FUNCTION f(INT, TEXT)', 'ShowParameters', ['FUNCTION F']],
    ['SHOW IMAGES IN IMAGE REPOSITORY d.s.r', 'ShowImages', ['IMAGE REPOSITORY D.S.R']],
    ['SHOW GIT BRANCHES IN r', 'ShowGitBranches', ['GIT REPOSITORY R']],
    ["SHOW VERSIONS LIKE 'v%' IN MODEL m", 'ShowVersions', ['MODEL M']],
    ['SHOW SEMANTIC DIMENSIONS IN v FOR METRIC m', 'ShowSemanticDimensions', ['SEMANTIC VIEW V']],
    ['SHOW SNOWFLAKE.ML.FORECAST', 'ShowInstances', ['CLASS SNOWFLAKE.ML.FORECAST']],
  ]
  test.each(named)('%s names what it looks at', (sql, kind, uses) => {
    expect(summary(sql)).toMatchObject({ kind, class: 'Meta' })
    expect(summary(sql).uses?.slice(0, uses.length)).toEqual(uses)
  })
  wholeStatements(named.map(([sql]) => sql))
  wholeStatements([
    ...['SHOW VARIABLES', 'SHOW TRANSACTIONS IN ACCOUNT', 'SHOW LOCKS', 'SHOW REGIONS'],
    ...["SHOW WAREHOUSES LIKE 'a' WITH PRIVILEGES USAGE", 'SHOW INTEGRATIONS', 'SHOW MCP SERVERS'],
    "SHOW TERSE SCHEMAS HISTORY LIKE 'a' IN d STARTS WITH 'a' LIMIT 3 FROM 'b'",
  ])

  test('a name that only run time tells is a dynamic part', () => {
    expect(summary('SHOW TABLES IN SCHEMA IDENTIFIER($s)').dynamic).toHaveLength(1)
  })

  syntaxErrors([
    ...['SHOW', 'SHOW TERSE', 'SHOW FOO', 'SHOW TABLE', 'SHOW TABLES foo bar', 'SHOW TABLES t'],
    ...["SHOW TABLES LIKE 'x' )", 'SHOW TABLES LIKE x', 'SHOW TABLES LIKE', 'SHOW TABLES IN'],
    ...['SHOW DATABASES IN x', 'SHOW TABLES IN TABLE t', 'SHOW TABLES IN DATABASE a.b'],
    ...['SHOW TERSE WAREHOUSES HISTORY', 'SHOW TERSE REGIONS', 'SHOW ROLES HISTORY'],
    ...["SHOW TABLES IN a LIKE 'x'", "SHOW TABLES LIMIT 1 STARTS WITH 'x'", 'SHOW TABLES LIMIT x'],
    ...['SHOW TABLES LIMIT 1.5', 'SHOW TABLES LIMIT 1 FROM x', "SHOW VARIABLES STARTS WITH 'x'"],
    ...['SHOW WAREHOUSES WITH PRIVILEGES', 'SHOW WAREHOUSES WITH PRIVILEGES FOO', 'SHOW ENDPOINTS'],
    ...[
      'SHOW TASKS WITH PRIVILEGES USAGE',
      'SHOW TASKS ROOT ONLY ROOT ONLY',
      'SHOW DATABASE ROLES',
    ],
    ...['SHOW FUNCTIONS IN SCHEMA s VERSION v', 'SHOW IMAGES IN r', 'SHOW VERSIONS IN TABLE t'],
    ...['SHOW TRANSACTIONS LIMIT 1', 'SHOW PARAMETERS IN FUNCTION f', 'SHOW a.b.c.d'],
    ...['SHOW PRIMARY KEYS IN TABLE a.b.c.d', 'SHOW "TABLES"', 'SHOW TABLES IN SCHEMA a.b.c'],
  ])

  test('words that are no class are refused, whatever stands behind them', () => {
    const word = fc.stringMatching(/^[A-Z]{1,12}$/).map((text) => `Q${text}`)
    fc.assert(
      fc.property(
        word,
        fc.constantFrom('', ' IN ACCOUNT', " LIKE 'x'", ' ->> SELECT 1'),
        (a, b) => {
          expect(refusal(() => parseStatement(`SHOW ${a}${b}`))?.entry).toBe('SqlSyntax')
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('SHOW GRANTS', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['SHOW GRANTS', []],
    ['SHOW GRANTS LIMIT 10', []],
    ['SHOW GRANTS ON ACCOUNT', []],
    ['SHOW GRANTS ON TABLE a.b.c', ['TABLE A.B.C']],
    ['SHOW GRANTS ON FUNCTION f(NUMBER)', ['FUNCTION F']],
    ['SHOW GRANTS ON MASKING POLICY p', ['MASKING POLICY P']],
    ['SHOW GRANTS TO ROLE r LIMIT 3', ['ROLE R']],
    ['SHOW GRANTS TO USER u', ['USER U']],
    ['SHOW GRANTS TO SHARE s IN APPLICATION PACKAGE p', ['SHARE S', 'APPLICATION PACKAGE P']],
    ['SHOW GRANTS TO SERVICE ROLE s!r', ['SERVICE ROLE S']],
    ['SHOW GRANTS TO a.b.c ROLE i!user', ['CLASS A.B.C', 'CLASS ROLE I']],
    ['SHOW GRANTS OF DATABASE ROLE d.r', ['DATABASE ROLE D.R']],
    ['SHOW GRANTS OF SHARE s', ['SHARE S']],
    ['SHOW FUTURE GRANTS IN SCHEMA a.b', ['SCHEMA A.B']],
    ['SHOW FUTURE GRANTS IN DATABASE d', ['DATABASE D']],
    ['SHOW FUTURE GRANTS TO DATABASE ROLE d.r', ['DATABASE ROLE D.R']],
    ['SHOW CALLER GRANTS TO ROLE r', ['ROLE R']],
    ['SHOW CALLER GRANTS ON ACCOUNT', []],
  ]
  test.each(cases)('%s', (sql, uses) => {
    expect(facts(sql)).toMatchObject({ kind: 'ShowGrants', class: 'Meta', structured: true })
    expect(summary(sql).uses ?? []).toEqual(uses)
  })
  wholeStatements(cases.map(([sql]) => sql))
  syntaxErrors([
    ...['SHOW GRANTS junk', 'SHOW GRANTS ON', 'SHOW GRANTS ON TABLE', 'SHOW GRANTS ON t'],
    ...['SHOW GRANTS TO r', 'SHOW GRANTS TO ROLE a.b', 'SHOW GRANTS TO ROLE', 'SHOW GRANTS IN d'],
    ...['SHOW FUTURE GRANTS', 'SHOW FUTURE GRANTS IN TABLE t', 'SHOW FUTURE GRANTS ON TABLE t'],
    ...[
      'SHOW CALLER GRANTS',
      'SHOW TERSE GRANTS',
      "SHOW GRANTS LIKE 'x'",
      'SHOW GRANTS TO SERVICE ROLE s',
    ],
    ...["SHOW GRANTS LIMIT 1 FROM 'x'", 'SHOW GRANTS ON WAREHOUSE a.b'],
  ])
})
