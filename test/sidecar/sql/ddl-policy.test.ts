import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

describe('Policies and integrations', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      "CREATE MASKING POLICY m AS (val VARCHAR, tier INT) RETURNS VARCHAR -> CASE WHEN is_role_in_session('X') THEN val ELSE hide(val) END EXEMPT_OTHER_POLICIES = TRUE COMMENT = 'x'",
      { kind: 'CreateMaskingPolicy', class: 'DDL', writes: ['CREATE M'] },
    ],
    [
      "ALTER MASKING POLICY m SET BODY -> '***'",
      { kind: 'AlterMaskingPolicy', class: 'DDL', writes: ['ALTER M'] },
    ],
    [
      'CREATE ROW ACCESS POLICY r AS (region VARCHAR) RETURNS BOOLEAN -> EXISTS (SELECT 1 FROM managers WHERE area = region)',
      { kind: 'CreateRowAccessPolicy', class: 'DDL', reads: ['MANAGERS'], writes: ['CREATE R'] },
    ],
    [
      'CREATE AGGREGATION POLICY a AS () RETURNS AGGREGATION_CONSTRAINT -> AGGREGATION_CONSTRAINT(MIN_GROUP_SIZE => 5)',
      { kind: 'CreateAggregationPolicy', class: 'DDL', writes: ['CREATE A'] },
    ],
    [
      "CREATE PRIVACY POLICY p AS () RETURNS PRIVACY_BUDGET -> PRIVACY_BUDGET(BUDGET_NAME => 'b')",
      { kind: 'CreatePrivacyPolicy', class: 'DDL', writes: ['CREATE P'] },
    ],
    [
      'CREATE STORAGE LIFECYCLE POLICY p AS (ts TIMESTAMP) RETURNS BOOLEAN -> ts < CURRENT_DATE ARCHIVE_TIER = COOL ARCHIVE_FOR_DAYS = 90',
      { kind: 'CreateStorageLifecyclePolicy', class: 'DDL', writes: ['CREATE P'] },
    ],
    [
      "CREATE AUTHENTICATION POLICY p AUTHENTICATION_METHODS = ('SAML') SECURITY_INTEGRATIONS = ('IDP') PAT_POLICY = (MAX_EXPIRY_IN_DAYS = 30, NETWORK_POLICY_EVALUATION = NOT_ENFORCED)",
      {
        kind: 'CreateAuthenticationPolicy',
        class: 'DDL',
        writes: ['CREATE P'],
        uses: ['INTEGRATION IDP'],
      },
    ],
    [
      "CREATE PACKAGES POLICY p LANGUAGE PYTHON ALLOWLIST = ('numpy==1.2') BLOCKLIST = ()",
      { kind: 'CreatePackagesPolicy', class: 'DDL', writes: ['CREATE P'] },
    ],
    [
      'ALTER PASSWORD POLICY p UNSET PASSWORD_MIN_LENGTH PASSWORD_HISTORY COMMENT',
      { kind: 'AlterPasswordPolicy', class: 'DDL', writes: ['ALTER P'] },
    ],
    [
      'ALTER SESSION POLICY p UNSET SESSION_IDLE_TIMEOUT_MINS, COMMENT',
      { kind: 'AlterSessionPolicy', class: 'DDL', writes: ['ALTER P'] },
    ],
    [
      'CREATE EXTERNAL ACCESS INTEGRATION e ALLOWED_NETWORK_RULES = (r, d.s.q) ALLOWED_AUTHENTICATION_SECRETS = (ALL) ENABLED = TRUE',
      {
        kind: 'CreateExternalAccessIntegration',
        class: 'DDL',
        writes: ['CREATE E'],
        uses: ['NETWORK RULE R', 'NETWORK RULE D.S.Q'],
      },
    ],
    [
      "CREATE SECURITY INTEGRATION s TYPE = SCIM SCIM_CLIENT = 'OKTA' RUN_AS_ROLE = 'PROVISIONER' NETWORK_POLICY = office",
      {
        kind: 'CreateSecurityIntegration',
        class: 'DDL',
        writes: ['CREATE S'],
        uses: ['ROLE PROVISIONER', 'NETWORK POLICY OFFICE'],
      },
    ],
    [
      'ALTER SECURITY INTEGRATION s REFRESH SAML2_SNOWFLAKE_PRIVATE_KEY',
      { kind: 'AlterSecurityIntegration', class: 'DDL', writes: ['ALTER S'] },
    ],
    [
      "CREATE STORAGE INTEGRATION s TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = S3 ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://a/', 's3://b/')",
      {
        kind: 'CreateStorageIntegration',
        class: 'DDL',
        writes: ['CREATE S'],
        urls: ['s3://a/', 's3://b/'],
      },
    ],
    [
      "CREATE CATALOG INTEGRATION c CATALOG_SOURCE = POLARIS REST_CONFIG = (CATALOG_URI = 'https://x.example.com/api' CATALOG_NAME = 'n') ENABLED = TRUE",
      {
        kind: 'CreateCatalogIntegration',
        class: 'DDL',
        writes: ['CREATE C'],
        urls: ['https://x.example.com/api'],
      },
    ],
    [
      "ALTER NETWORK POLICY p ADD ALLOWED_NETWORK_RULE_LIST = 'r'",
      { kind: 'AlterNetworkPolicy', class: 'DDL', writes: ['ALTER P'], uses: ['NETWORK RULE R'] },
    ],
    [
      "ALTER NETWORK POLICY p SET ALLOWED_IP_LIST = ('10.0.0.0/8') BLOCKED_NETWORK_RULE_LIST = (r)",
      { kind: 'AlterNetworkPolicy', class: 'DDL', writes: ['ALTER P'], uses: ['NETWORK RULE R'] },
    ],
    [
      'DROP INTEGRATION IF EXISTS i',
      { kind: 'DropIntegration', class: 'Drop', writes: ['DROP I'] },
    ],
    [
      'CREATE MULTI PARTY APPROVAL POLICY p AS $$ rules: [] $$',
      { kind: 'CreateMultiPartyApprovalPolicy', class: 'DDL', writes: ['CREATE P'] },
    ],
    [
      'ALTER MULTI PARTY APPROVAL POLICY p AS $$ rules: [] $$',
      { kind: 'AlterMultiPartyApprovalPolicy', class: 'DDL', writes: ['ALTER P'] },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...['CREATE MASKING POLICY m', 'CREATE MASKING POLICY m AS (v INT) RETURNS INT'],
    ...[
      'CREATE MASKING POLICY m AS v INT RETURNS INT -> 1',
      'CREATE MASKING POLICY m AS (v) RETURNS INT -> v',
    ],
    ...[
      'CREATE MASKING POLICY m AS (v INT) -> v',
      'CREATE MASKING POLICY m AS (v INT) RETURNS INT -> v v',
    ],
    ...['ALTER MASKING POLICY m SET BODY v', 'ALTER MASKING POLICY m SET BODY ->'],
    ...[
      'CREATE AGGREGATION POLICY a AS () RETURNS CONSTRAINT -> 1',
      'ALTER SESSION POLICY p SET BODY -> 1',
    ],
    ...['CREATE SESSION POLICY p AS () RETURNS INT -> 1', 'CREATE PACKAGES POLICY p LANGUAGE SQL'],
    ...[
      'ALTER PASSWORD POLICY p UNSET PASSWORD_MIN_LENGTH DROP TABLE z',
      'ALTER PASSWORD POLICY p UNSET x',
    ],
    ...[
      'ALTER SESSION POLICY p UNSET a b',
      "ALTER NETWORK POLICY p ADD 'r'",
      'ALTER NETWORK RULE r ADD x = 1',
    ],
    ...['CREATE API INTEGRATION i ENABLED', 'CREATE STORAGE INTEGRATION i TYPE EXTERNAL_STAGE'],
    ...['ALTER API INTEGRATION i REFRESH'],
  ])

  test('the body of a policy is an expression over its parameters', () => {
    const sql = 'CREATE MASKING POLICY m AS (val INT) RETURNS INT -> IFF(f(val), val, 0)'
    const { functions, columns } = factsOf(parseStatement(sql).statement)
    expect(functions.map(({ name }) => name.join('.'))).toEqual(['IFF', 'F'])
    expect(columns.map(({ name }) => name.join('.'))).toEqual(['VAL', 'VAL'])
  })
})
