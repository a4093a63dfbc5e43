import { describe, expect, test } from 'vitest'

import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

describe('Accounts, users, roles and what accounts share', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      "ALTER ACCOUNT SET TIMEZONE = 'UTC', NETWORK_POLICY = office",
      {
        kind: 'AlterAccount',
        class: 'DDL',
        uses: ['NETWORK POLICY OFFICE'],
        dynamic: ['the current account'],
      },
    ],
    [
      'ALTER ACCOUNT UNSET TIMEZONE, PASSWORD POLICY',
      { kind: 'AlterAccount', class: 'DDL', dynamic: ['the current account'] },
    ],
    [
      'ALTER ACCOUNT SET SESSION POLICY sec.p.short FORCE',
      {
        kind: 'AlterAccount',
        class: 'DDL',
        uses: ['SESSION POLICY SEC.P.SHORT'],
        dynamic: ['the current account'],
      },
    ],
    [
      'ALTER ACCOUNT UNSET AUTHENTICATION POLICY FOR ALL PERSON USERS',
      { kind: 'AlterAccount', class: 'DDL', dynamic: ['the current account'] },
    ],
    [
      'ALTER ACCOUNT old RENAME TO new SAVE_OLD_URL = FALSE',
      { kind: 'AlterAccount', class: 'DDL', writes: ['ALTER OLD', 'CREATE NEW'] },
    ],
    ['ALTER ACCOUNT a DROP OLD URL', { kind: 'AlterAccount', class: 'DDL', writes: ['ALTER A'] }],
    [
      "CREATE MANAGED ACCOUNT reader ADMIN_NAME = ann, ADMIN_PASSWORD = 'Secret-1', TYPE = READER",
      { kind: 'CreateManagedAccount', class: 'DDL', writes: ['CREATE READER'] },
    ],
    [
      "CREATE USER \"ann@example.com\" PASSWORD = 'x' DEFAULT_ROLE = analyst DEFAULT_WAREHOUSE = 'WH' DEFAULT_NAMESPACE = db.s DEFAULT_SECONDARY_ROLES = ('ALL')",
      {
        kind: 'CreateUser',
        class: 'DDL',
        writes: ['CREATE ann@example.com'],
        uses: ['ROLE ANALYST', 'WAREHOUSE WH', 'SCHEMA DB.S'],
      },
    ],
    [
      "ALTER USER SET TIMEZONE = 'UTC'",
      { kind: 'AlterUser', class: 'DDL', dynamic: ['the current user'] },
    ],
    [
      'ALTER USER IF EXISTS ann ABORT ALL QUERIES',
      { kind: 'AlterUser', class: 'DDL', writes: ['ALTER ANN'] },
    ],
    [
      'ALTER USER ann ADD DELEGATED AUTHORIZATION OF ROLE analyst TO SECURITY INTEGRATION idp',
      {
        kind: 'AlterUser',
        class: 'DDL',
        writes: ['ALTER ANN'],
        uses: ['SECURITY INTEGRATION IDP', 'ROLE ANALYST'],
      },
    ],
    [
      'ALTER USER ann REMOVE DELEGATED AUTHORIZATIONS FROM SECURITY INTEGRATION idp',
      {
        kind: 'AlterUser',
        class: 'DDL',
        writes: ['ALTER ANN'],
        uses: ['SECURITY INTEGRATION IDP'],
      },
    ],
    [
      "ALTER USER ann ADD PROGRAMMATIC ACCESS TOKEN ci ROLE_RESTRICTION = 'ANALYST' DAYS_TO_EXPIRY = 7",
      { kind: 'AlterUser', class: 'DDL', writes: ['ALTER ANN'], uses: ['ROLE ANALYST'] },
    ],
    [
      'ALTER USER ann MODIFY PAT ci SET DISABLED = TRUE',
      { kind: 'AlterUser', class: 'DDL', writes: ['ALTER ANN'] },
    ],
    [
      'ALTER USER ann MODIFY PAT ci RENAME TO cd',
      { kind: 'AlterUser', class: 'DDL', writes: ['ALTER ANN'] },
    ],
    [
      'ALTER USER ann ROTATE PAT ci EXPIRE_ROTATED_TOKEN_AFTER_HOURS = 0',
      { kind: 'AlterUser', class: 'DDL', writes: ['ALTER ANN'] },
    ],
    [
      'ALTER USER ann SET AUTHENTICATION POLICY a.b.c FORCE',
      {
        kind: 'AlterUser',
        class: 'DDL',
        writes: ['ALTER ANN'],
        uses: ['AUTHENTICATION POLICY A.B.C'],
      },
    ],
    [
      "ALTER ROLE r SET TAG cost = 'x', gov.t.owner = 'y'",
      {
        kind: 'AlterRole',
        class: 'DDL',
        writes: ['ALTER R'],
        uses: ['TAG COST', 'TAG GOV.T.OWNER'],
      },
    ],
    [
      'ALTER DATABASE ROLE d.r UNSET TAG cost, owner',
      {
        kind: 'AlterDatabaseRole',
        class: 'DDL',
        writes: ['ALTER D.R'],
        uses: ['TAG COST', 'TAG OWNER'],
      },
    ],
    [
      'CREATE RESOURCE MONITOR m WITH CREDIT_QUOTA = 10 NOTIFY_USERS = (ann, "Bob") TRIGGERS ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND_IMMEDIATE',
      {
        kind: 'CreateResourceMonitor',
        class: 'DDL',
        writes: ['CREATE M'],
        uses: ['USER ANN', 'USER Bob'],
      },
    ],
    [
      'ALTER RESOURCE MONITOR m SET CREDIT_QUOTA = 5 TRIGGERS ON 50 PERCENT DO SUSPEND',
      { kind: 'AlterResourceMonitor', class: 'DDL', writes: ['ALTER M'] },
    ],
    [
      'CREATE CONNECTION c AS REPLICA OF org.acct.c',
      {
        kind: 'CreateConnection',
        class: 'DDL',
        writes: ['CREATE C'],
        uses: ['CONNECTION ORG.ACCT.C'],
      },
    ],
    [
      'ALTER CONNECTION c ENABLE FAILOVER TO ACCOUNTS org.a, org.b IGNORE EDITION CHECK',
      {
        kind: 'AlterConnection',
        class: 'DDL',
        writes: ['ALTER C'],
        uses: ['ACCOUNT ORG.A', 'ACCOUNT ORG.B'],
      },
    ],
    ['ALTER CONNECTION c PRIMARY', { kind: 'AlterConnection', class: 'DDL', writes: ['ALTER C'] }],
    [
      "CREATE FAILOVER GROUP g OBJECT_TYPES = DATABASES, ACCOUNT PARAMETERS, INTEGRATIONS ALLOWED_DATABASES = d1, d2 ALLOWED_INTEGRATION_TYPES = SECURITY INTEGRATIONS ALLOWED_ACCOUNTS = org.b REPLICATION_SCHEDULE = '10 MINUTE'",
      {
        kind: 'CreateFailoverGroup',
        class: 'DDL',
        writes: ['CREATE G'],
        uses: ['DATABASE D1', 'DATABASE D2', 'ACCOUNT ORG.B'],
      },
    ],
    [
      'ALTER FAILOVER GROUP g ADD d3 TO ALLOWED_DATABASES',
      { kind: 'AlterFailoverGroup', class: 'DDL', writes: ['ALTER G'], uses: ['DATABASE D3'] },
    ],
    [
      'ALTER REPLICATION GROUP g MOVE DATABASES d1, d2 TO REPLICATION GROUP h',
      {
        kind: 'AlterReplicationGroup',
        class: 'DDL',
        writes: ['ALTER G'],
        uses: ['DATABASE D1', 'DATABASE D2', 'REPLICATION GROUP H'],
      },
    ],
    [
      'ALTER REPLICATION GROUP g SUSPEND IMMEDIATE',
      { kind: 'AlterReplicationGroup', class: 'DDL', writes: ['ALTER G'] },
    ],
    [
      'ALTER SHARE s ADD ACCOUNTS = org.a, org.b SHARE_RESTRICTIONS = FALSE',
      {
        kind: 'AlterShare',
        class: 'DDL',
        writes: ['ALTER S'],
        uses: ['ACCOUNT ORG.A', 'ACCOUNT ORG.B'],
      },
    ],
    [
      "ALTER SHARE s SET ACCOUNTS = a, b COMMENT = 'x'",
      { kind: 'AlterShare', class: 'DDL', writes: ['ALTER S'], uses: ['ACCOUNT A', 'ACCOUNT B'] },
    ],
    [
      "CREATE CONTACT c EMAIL_DISTRIBUTION_LIST = 'team@example.com'",
      { kind: 'CreateContact', class: 'DDL', writes: ['CREATE C'] },
    ],
    [
      'ALTER ACCOUNT SET FEATURE POLICY p FOR ALL PERSONAL DATABASES FORCE',
      {
        kind: 'AlterAccount',
        class: 'DDL',
        uses: ['FEATURE POLICY P'],
        dynamic: ['the current account'],
      },
    ],
    [
      'ALTER ACCOUNT SET CONTACT SECURITY_COMPLIANCE = officers',
      {
        kind: 'AlterAccount',
        class: 'DDL',
        uses: ['CONTACT OFFICERS'],
        dynamic: ['the current account'],
      },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...['ALTER ACCOUNT', 'ALTER ACCOUNT SET', 'ALTER ACCOUNT SET FORCE x', 'ALTER ACCOUNT UNSET'],
    ...['ALTER ACCOUNT SET PASSWORD POLICY', 'ALTER ACCOUNT UNSET TIMEZONE = 1'],
    ...['ALTER ACCOUNT UNSET a b', 'ALTER ACCOUNT UNSET DROP', 'ALTER ACCOUNT SET FORCE = 1'],
    ...['CREATE USER u FORCED', "CREATE USER u COMMENT = 'a' COMMENT = 'b'", 'CREATE USER u,'],
    ...['ALTER USER u ABORT QUERIES', 'ALTER USER u RESET', 'ALTER USER u ADD PAT t x'],
    ...['ALTER USER u ADD DELEGATED AUTHORIZATION OF ROLE r FROM SECURITY INTEGRATION i'],
    ...['ALTER USER u MODIFY PAT t', 'ALTER USER u REMOVE PAT', 'ALTER ROLE r SUSPEND'],
    ...['CREATE RESOURCE MONITOR m WITH', 'CREATE RESOURCE MONITOR m TRIGGERS'],
    ...['CREATE RESOURCE MONITOR m TRIGGERS ON 90 DO SUSPEND'],
    ...['CREATE RESOURCE MONITOR m TRIGGERS ON 90 PERCENT DO DROP'],
    ...['CREATE FAILOVER GROUP g OBJECT_TYPES = TABLES', 'ALTER FAILOVER GROUP g ADD d'],
    ...['CREATE FAILOVER GROUP g OBJECT_TYPES = ROLES DROP TABLE z'],
    ...['ALTER FAILOVER GROUP g ADD d TO OBJECT_TYPES', 'ALTER FAILOVER GROUP g ADD d FROM g'],
    ...['ALTER SHARE s ADD ACCOUNTS a', 'ALTER SHARE s ADD ACCOUNTS =', 'ALTER SHARE s PRIMARY'],
    ...['ALTER ROLE r SET TAG a = b', 'ALTER ROLE r SET TAG a', "ALTER ROLE r SET TAG (a = 'x')"],
    ...["CREATE ROLE r TAG a = 'x'", 'ALTER CONNECTION c ENABLE FAILOVER TO ACCOUNTS'],
  ])
})
