import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

describe('Databases, schemas, stages and the like', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      'CREATE DATABASE d CLONE s AT (OFFSET => -60) IGNORE HYBRID TABLES',
      {
        kind: 'CreateDatabase',
        class: 'DDL',
        writes: ['CREATE D'],
        uses: ['DATABASE S'],
        effects: ['persists'],
      },
    ],
    [
      'CREATE DATABASE d FROM SHARE org.sales',
      { kind: 'CreateDatabase', class: 'DDL', writes: ['CREATE D'], uses: ['SHARE ORG.SALES'] },
    ],
    [
      "CREATE DATABASE d FROM LISTING 'GZ123'",
      { kind: 'CreateDatabase', class: 'DDL', writes: ['CREATE D'], uses: ['LISTING GZ123'] },
    ],
    [
      'CREATE DATABASE d AS REPLICA OF org.acct.s DATA_RETENTION_TIME_IN_DAYS = 1',
      {
        kind: 'CreateDatabase',
        class: 'DDL',
        writes: ['CREATE D'],
        uses: ['DATABASE ORG.ACCT.S'],
        effects: ['persists'],
      },
    ],
    [
      "CREATE DATABASE d EXTERNAL_VOLUME = 'v' CATALOG = 'SNOWFLAKE' WITH TAG (env = 'x') WITH CONTACT (STEWARD = ann)",
      {
        kind: 'CreateDatabase',
        class: 'DDL',
        writes: ['CREATE D'],
        uses: ['EXTERNAL VOLUME V', 'TAG ENV', 'CONTACT ANN'],
      },
    ],
    [
      'ALTER DATABASE d SWAP WITH e',
      { kind: 'AlterDatabase', class: 'DDL', writes: ['ALTER D', 'REPLACE E'] },
    ],
    [
      'ALTER DATABASE d ENABLE REPLICATION TO ACCOUNTS org.a, org.b',
      {
        kind: 'AlterDatabase',
        class: 'DDL',
        writes: ['ALTER D'],
        uses: ['ACCOUNT ORG.A', 'ACCOUNT ORG.B'],
      },
    ],
    [
      'ALTER DATABASE d SET CONTACT STEWARD = ann, SUPPORT = bob',
      {
        kind: 'AlterDatabase',
        class: 'DDL',
        writes: ['ALTER D'],
        uses: ['CONTACT ANN', 'CONTACT BOB'],
      },
    ],
    [
      'ALTER DATABASE d UNSET CONTACT STEWARD',
      { kind: 'AlterDatabase', class: 'DDL', writes: ['ALTER D'] },
    ],
    [
      'CREATE TRANSIENT SCHEMA d.s WITH MANAGED ACCESS DATA_RETENTION_TIME_IN_DAYS = 0',
      { kind: 'CreateSchema', class: 'DDL', writes: ['CREATE D.S'] },
    ],
    [
      'ALTER SCHEMA s DISABLE MANAGED ACCESS',
      { kind: 'AlterSchema', class: 'DDL', writes: ['ALTER S'] },
    ],
    [
      "CREATE OR REPLACE TEMPORARY STAGE st URL = 's3://b/p/' STORAGE_INTEGRATION = s3 FILE_FORMAT = (FORMAT_NAME = 'fmt.csv') DIRECTORY = (ENABLE = TRUE)",
      {
        kind: 'CreateStage',
        class: 'DDL',
        writes: ['REPLACE ST'],
        uses: ['INTEGRATION S3', 'FILE FORMAT FMT.CSV'],
        urls: ['s3://b/p/'],
      },
    ],
    [
      "CREATE STAGE st URL = $u CREDENTIALS = (AWS_KEY_ID = 'x' AWS_SECRET_KEY = $k) FILE_FORMAT = f",
      {
        kind: 'CreateStage',
        class: 'DDL',
        writes: ['CREATE ST'],
        uses: ['FILE FORMAT F'],
        dynamic: ['the value of URL', 'the value of AWS_SECRET_KEY'],
      },
    ],
    [
      "ALTER STAGE st REFRESH SUBPATH = 'a/b'",
      { kind: 'AlterStage', class: 'DDL', writes: ['ALTER ST'] },
    ],
    [
      "CREATE FILE FORMAT f TYPE = CSV, FIELD_DELIMITER = NONE, NULL_IF = ('', 'NULL')",
      { kind: 'CreateFileFormat', class: 'DDL', writes: ['CREATE F'] },
    ],
    [
      "CREATE SEQUENCE q WITH START WITH = 1 INCREMENT BY -2 NOORDER COMMENT = 'x'",
      { kind: 'CreateSequence', class: 'DDL', writes: ['CREATE Q'] },
    ],
    [
      'ALTER SEQUENCE q SET INCREMENT BY = 3 ORDER',
      { kind: 'AlterSequence', class: 'DDL', writes: ['ALTER Q'] },
    ],
    ['ALTER SEQUENCE q INCREMENT 3', { kind: 'AlterSequence', class: 'DDL', writes: ['ALTER Q'] }],
    [
      'CREATE INDEX i ON t (a, b) INCLUDE (c)',
      { kind: 'CreateIndex', class: 'DDL', writes: ['CREATE I'], uses: ['TABLE T'] },
    ],
    [
      "CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'a' STORAGE_PROVIDER = 'S3' STORAGE_BASE_URL = 's3://b/' ENCRYPTION = (TYPE = 'NONE')), (NAME = 'c' STORAGE_BASE_URL = 'gcs://d/')) ALLOW_WRITES = FALSE",
      {
        kind: 'CreateExternalVolume',
        class: 'DDL',
        writes: ['CREATE V'],
        urls: ['s3://b/', 'gcs://d/'],
      },
    ],
    [
      "ALTER EXTERNAL VOLUME v ADD STORAGE_LOCATION = (NAME = 'x' STORAGE_BASE_URL = 'gcs://y/')",
      { kind: 'AlterExternalVolume', class: 'DDL', writes: ['ALTER V'], urls: ['gcs://y/'] },
    ],
    [
      "ALTER EXTERNAL VOLUME v REMOVE STORAGE_LOCATION 'x'",
      { kind: 'AlterExternalVolume', class: 'DDL', writes: ['ALTER V'] },
    ],
    [
      'CREATE BACKUP SET b FOR TABLE d.s.t WITH BACKUP POLICY daily',
      {
        kind: 'CreateBackupSet',
        class: 'DDL',
        reads: ['D.S.T'],
        writes: ['CREATE B'],
        uses: ['BACKUP POLICY DAILY'],
        effects: ['persists'],
      },
    ],
    [
      'ALTER BACKUP SET b ADD BACKUP',
      { kind: 'AlterBackupSet', class: 'DDL', writes: ['ALTER B'], effects: ['persists'] },
    ],
    [
      "ALTER BACKUP SET b MODIFY BACKUP IDENTIFIER 'id' ADD LEGAL HOLD",
      { kind: 'AlterBackupSet', class: 'DDL', writes: ['ALTER B'] },
    ],
    [
      "CREATE SECRET s TYPE = OAUTH2 API_AUTHENTICATION = idp OAUTH_SCOPES = ('read')",
      { kind: 'CreateSecret', class: 'DDL', writes: ['CREATE S'], uses: ['INTEGRATION IDP'] },
    ],
    [
      "CREATE TAG t ALLOWED_VALUES 'a', 'b' PROPAGATE = ON_DEPENDENCY COMMENT = 'x'",
      { kind: 'CreateTag', class: 'DDL', writes: ['CREATE T'] },
    ],
    [
      'ALTER TAG t SET MASKING POLICY p, MASKING POLICY d.s.q FORCE',
      {
        kind: 'AlterTag',
        class: 'DDL',
        writes: ['ALTER T'],
        uses: ['MASKING POLICY P', 'MASKING POLICY D.S.Q'],
      },
    ],
    [
      "ALTER TAG t DROP ALLOWED_VALUES 'a', 'b'",
      { kind: 'AlterTag', class: 'DDL', writes: ['ALTER T'] },
    ],
    [
      'CREATE TYPE age AS NUMBER(3, 0)',
      { kind: 'CreateType', class: 'DDL', writes: ['CREATE AGE'] },
    ],
    [
      'CREATE OR ALTER VERSIONED SCHEMA s',
      { kind: 'CreateVersionedSchema', class: 'DDL', writes: ['CREATE S'] },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...['CREATE DATABASE d CLONE', 'CREATE DATABASE d CLONE s CLONE t', 'CREATE DATABASE d FROM s'],
    ...[
      'CREATE DATABASE d CLONE s AT (1)',
      'CREATE DATABASE d AS REPLICA',
      'CREATE DATABASE d LIKE s',
    ],
    ...['CREATE SCHEMA s MANAGED ACCESS', 'ALTER SCHEMA s SWAP s2', 'CREATE DATABASE d TAG x'],
    ...['CREATE DATABASE d WITH CONTACT (OWNER = ann)', 'ALTER DATABASE d UNSET CONTACT OWNER'],
    ...[
      "CREATE STAGE s URL 's3://b'",
      'CREATE STAGE s URL = (SELECT 1)',
      'CREATE STAGE s URL = f(1)',
    ],
    ...['CREATE STAGE s FILE_FORMAT = (TYPE = CSV', "CREATE STAGE s FILE_FORMAT = (a 'b')"],
    ...['CREATE STAGE s FILE_FORMAT = (a b)', 'CREATE STAGE s FILE_FORMAT = (TYPE = CSV,)'],
    ...['CREATE STAGE s CREDENTIALS = (x DROP TABLE z)', 'ALTER STAGE s REFRESH x'],
    ...['CREATE FILE FORMAT f TYPE = CSV TYPE = JSON', 'CREATE SEQUENCE q START x'],
    ...['CREATE SEQUENCE q WITH', 'CREATE SEQUENCE q ORDER = 3', 'ALTER SEQUENCE q INCREMENT'],
    ...['CREATE INDEX i ON t', 'CREATE INDEX i ON t ()', 'CREATE INDEX i ON t (f(a))'],
    ...[
      'CREATE BACKUP SET b',
      'CREATE BACKUP SET b FOR WAREHOUSE w',
      'CREATE TAG t ALLOWED_VALUES',
    ],
    ...[
      "CREATE TAG t ALLOWED_VALUES 'a' b",
      'ALTER TAG t SET MASKING POLICY p, q',
      'CREATE TYPE t',
      'CREATE TYPE t AS WIDGET',
      "CREATE DATABASE d SNAPSHOT 'x'",
    ],
  ])

  test('rows of a past moment are told of a clone', () => {
    const { statement } = parseStatement('CREATE SCHEMA s CLONE r BEFORE (OFFSET => -60)')
    expect(factsOf(statement).timeTravel).toHaveLength(1)
  })
})
