import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'

type Case = readonly [sql: string, written: string | undefined, uses: readonly string[]]

function family(kind: string, verb: string, cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, written, uses) => {
    const writes = written === undefined ? {} : { writes: [`${verb} ${written}`] }
    expect(summary(sql)).toEqual({ kind, class: 'Grant', ...writes, uses })
  })
  wholeStatements(cases.map(([sql]) => sql))
}

describe('GRANT of privileges', () => {
  family('GrantPrivileges', 'GRANT', [
    ['GRANT SELECT ON TABLE a.b.t TO ROLE r', 'A.B.T', ['ROLE R']],
    ['GRANT SELECT, INSERT ON VIEW v TO r', 'V', ['ROLE R']],
    ['GRANT ALL ON DATABASE d TO ROLE r WITH GRANT OPTION', 'D', ['ROLE R']],
    ['GRANT ALL PRIVILEGES ON FUNCTION f(INT, TEXT) TO ROLE r', 'F', ['ROLE R']],
    ['GRANT USAGE ON FUNCTION f TO SHARE s', 'F', ['SHARE S']],
    ['GRANT CREATE TABLE, CREATE TEMPORARY TABLE ON SCHEMA s TO ROLE r', 'S', ['ROLE R']],
    ['GRANT CREATE a.b.c ON SCHEMA s TO ROLE r', 'S', ['CLASS A.B.C', 'ROLE R']],
    ['GRANT APPLY MASKING POLICY ON ACCOUNT TO ROLE r', undefined, ['ROLE R']],
    ['GRANT APPLY ON TAG a.b.t TO ROLE r', 'A.B.T', ['ROLE R']],
    ['GRANT SELECT ON ALL TABLES IN SCHEMA a.b TO DATABASE ROLE d.r', 'A.B', ['DATABASE ROLE D.R']],
    ['GRANT USAGE ON FUTURE MASKING POLICIES IN DATABASE d TO ROLE r', 'D', ['ROLE R']],
    ['GRANT IMPORTED PRIVILEGES ON DATABASE d TO APPLICATION a', 'D', ['APPLICATION A']],
    [
      'GRANT USAGE ON SCHEMA p.s TO SHARE IN APPLICATION PACKAGE p',
      'P.S',
      ['APPLICATION PACKAGE P'],
    ],
    ['GRANT CALLER SELECT ON TABLE t TO ROLE r', 'T', ['ROLE R']],
    ['GRANT CALLER DATA READ ON ACCOUNT TO ROLE r', undefined, ['ROLE R']],
    ['GRANT ALL CALLER PRIVILEGES ON DATABASE d TO ROLE r', 'D', ['ROLE R']],
    ['GRANT INHERITED CALLER USAGE ON ALL VIEWS IN ACCOUNT TO ROLE r', undefined, ['ROLE R']],
    ["GRANT SELECT ON TABLE IDENTIFIER('a.t') TO ROLE r", 'A.T', ['ROLE R']],
  ])

  test('the class of what is granted on is told', () => {
    const found = (sql: string) => factsOf(parseStatement(sql).statement).writes
    expect(found('GRANT USAGE ON WAREHOUSE w TO ROLE r')[0]?.objectClass).toBe('WAREHOUSE')
    expect(found('GRANT SELECT ON ALL VIEWS IN SCHEMA s TO ROLE r')[0]?.objectClass).toBe('SCHEMA')
  })

  test('names that only run time tells are dynamic parts', () => {
    const sql = 'GRANT SELECT ON TABLE IDENTIFIER($t) TO ROLE IDENTIFIER($r)'
    expect(summary(sql).dynamic).toHaveLength(2)
  })

  syntaxErrors([
    ...[
      'GRANT',
      'GRANT SELECT',
      'GRANT SELECT ON t',
      'GRANT SELECT ON TABLE t',
      'GRANT ON TABLE t TO r',
    ],
    ...[
      'GRANT SELECT ON TABLE t TO',
      'GRANT FOO ON TABLE t TO ROLE r',
      'GRANT SELECT ON t TO ROLE r',
    ],
    ...['GRANT SELECT ON TABLE t FROM ROLE r', 'GRANT SELECT, ON TABLE t TO ROLE r'],
    ...['GRANT ALL, SELECT ON TABLE t TO ROLE r', 'GRANT SELECT (a) ON TABLE t TO ROLE r'],
    ...['GRANT SELECT ON TABLE t TO ROLE r, ROLE q', 'GRANT SELECT ON TABLE t, u TO ROLE r'],
    ...['GRANT SELECT ON ALL TABLES TO ROLE r', 'GRANT SELECT ON ALL TABLES IN ACCOUNT TO ROLE r'],
    ...[
      'GRANT SELECT ON ALL TABLE IN SCHEMA s TO ROLE r',
      'GRANT SELECT ON TABLES IN SCHEMA s TO ROLE r',
    ],
    ...['GRANT CREATE ON SCHEMA s TO ROLE r', 'GRANT CREATE FOO ON SCHEMA s TO ROLE r'],
    ...[
      'GRANT DATA READ ON ACCOUNT TO ROLE r',
      'GRANT CALLER SELECT ON ALL TABLES IN SCHEMA s TO ROLE r',
    ],
    ...[
      'GRANT INHERITED CALLER SELECT ON TABLE t TO ROLE r',
      'GRANT INHERITED CALLER SELECT ON ACCOUNT TO ROLE r',
      'GRANT USAGE ON WAREHOUSE a.b TO ROLE r',
    ],
    ...[
      'GRANT SELECT ON TABLE t TO ROLE r WITH ADMIN OPTION',
      'GRANT SELECT ON TABLE t TO ROLE r CASCADE',
    ],
    ...[
      'GRANT SELECT ON TABLE t TO ROLE r COPY CURRENT GRANTS',
      'GRANT "SELECT" ON TABLE t TO ROLE r',
    ],
    ...['GRANT OPTION FOR SELECT ON TABLE t TO ROLE r', 'GRANT SELECT ON TABLE t TO ROLE a.b'],
  ])
})

describe('GRANT OWNERSHIP', () => {
  family('GrantOwnership', 'GRANT', [
    ['GRANT OWNERSHIP ON TABLE t TO ROLE r', 'T', ['ROLE R']],
    ['GRANT OWNERSHIP ON DATABASE d TO ROLE r REVOKE CURRENT GRANTS', 'D', ['ROLE R']],
    ['GRANT OWNERSHIP ON ALL TABLES IN SCHEMA s TO ROLE r COPY CURRENT GRANTS', 'S', ['ROLE R']],
    [
      'GRANT OWNERSHIP ON FUTURE VIEWS IN DATABASE d TO DATABASE ROLE d.r',
      'D',
      ['DATABASE ROLE D.R'],
    ],
    ['GRANT OWNERSHIP ON PROCEDURE p(INT) TO ROLE r', 'P', ['ROLE R']],
    ['GRANT OWNERSHIP ON ROLE q TO ROLE r', 'Q', ['ROLE R']],
  ])
  syntaxErrors([
    ...[
      'GRANT OWNERSHIP, SELECT ON TABLE t TO ROLE r',
      'GRANT OWNERSHIP ON TABLE t TO ROLE r COPY',
    ],
    ...['GRANT OWNERSHIP ON TABLE t TO ROLE r WITH GRANT OPTION', 'GRANT OWNERSHIP TO ROLE r'],
  ])
})

describe('REVOKE of privileges', () => {
  family('RevokePrivileges', 'REVOKE', [
    ['REVOKE SELECT ON TABLE t FROM ROLE r', 'T', ['ROLE R']],
    ['REVOKE ALL PRIVILEGES ON SCHEMA s FROM ROLE r CASCADE', 'S', ['ROLE R']],
    ['REVOKE GRANT OPTION FOR OPERATE ON WAREHOUSE w FROM ROLE r RESTRICT', 'W', ['ROLE R']],
    ['REVOKE SELECT ON FUTURE TABLES IN SCHEMA s FROM SHARE x', 'S', ['SHARE X']],
    ['REVOKE INHERITED CALLER SELECT ON ALL TABLES IN SCHEMA s FROM ROLE r', 'S', ['ROLE R']],
  ])
  family('RevokeOwnership', 'REVOKE', [
    ['REVOKE OWNERSHIP ON FUTURE TABLES IN SCHEMA s FROM ROLE r', 'S', ['ROLE R']],
  ])
  syntaxErrors([
    ...['REVOKE', 'REVOKE SELECT ON TABLE t', 'REVOKE SELECT ON TABLE t TO ROLE r'],
    ...[
      'REVOKE SELECT ON TABLE t FROM ROLE r WITH GRANT OPTION',
      'REVOKE FOO ON TABLE t FROM ROLE r',
    ],
    ...['REVOKE SELECT ON TABLE t FROM ROLE r CASCADE RESTRICT'],
  ])
})

describe('GRANT and REVOKE of roles', () => {
  family('GrantRole', 'GRANT', [
    ['GRANT ROLE a TO ROLE b', 'A', ['ROLE B']],
    ['GRANT ROLE a TO USER u', 'A', ['USER U']],
    ['GRANT DATABASE ROLE d.r TO DATABASE ROLE d.q', 'D.R', ['DATABASE ROLE D.Q']],
    ['GRANT DATABASE ROLE d.r TO SHARE s', 'D.R', ['SHARE S']],
    ['GRANT APPLICATION ROLE a.r TO ROLE b', 'A.R', ['ROLE B']],
    ['GRANT SERVICE ROLE a.b.s!usage TO ROLE b', 'A.B.S', ['ROLE B']],
    [
      'GRANT SNOWFLAKE.CORE.BUDGET ROLE a.b.i!admin TO ROLE b',
      'A.B.I',
      ['CLASS SNOWFLAKE.CORE.BUDGET', 'ROLE B'],
    ],
  ])
  family('RevokeRole', 'REVOKE', [
    ['REVOKE ROLE a FROM USER u', 'A', ['USER U']],
    ['REVOKE DATABASE ROLE d.r FROM ROLE b', 'D.R', ['ROLE B']],
    ['REVOKE SERVICE ROLE s!usage FROM ROLE b', 'S', ['ROLE B']],
  ])
  syntaxErrors([
    ...[
      'GRANT ROLE',
      'GRANT ROLE a',
      'GRANT ROLE a TO',
      'GRANT ROLE a TO b',
      'GRANT ROLE a FROM ROLE b',
    ],
    ...[
      'GRANT ROLE a TO SHARE s',
      'GRANT ROLE a TO DATABASE ROLE d.b',
      'GRANT ROLE a, b TO ROLE c',
    ],
    ...[
      'GRANT ROLE a TO ROLE b WITH GRANT OPTION',
      'GRANT SERVICE ROLE s TO ROLE b',
      'GRANT ROLE a.b TO ROLE c',
    ],
    ...['REVOKE ROLE a TO ROLE b', 'GRANT DATABASE ROLE d.r TO SHARE IN APPLICATION PACKAGE p'],
  ])
})
