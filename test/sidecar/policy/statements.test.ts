/** From SQL text to verdict, with the parser and a catalogue: what an agent will meet. */

import { describe, expect, test } from 'vitest'
import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import { systemRelation } from '../../../sidecar/catalog/system-relations.ts'
import { decide, screen } from '../../../sidecar/policy/decide.ts'
import type { Decision } from '../../../sidecar/policy/decision.ts'
import { factsOf, parseStatement, positionOf } from '../../../sidecar/sql/index.ts'
import { source, table, view } from '../catalog/support.ts'
import { allow, approvable, bundle, deny, grant, policy, principal } from './support.ts'

const quickstart = bundle(
  policy([
    allow({
      name: 'read-analytics',
      statements: ['Query'],
      objects: ['ANALYTICS.*.*', 'HEALTH.PHI.*'],
    }),
    deny({ name: 'never', statements: ['Drop', 'Truncate'], message: 'Ask #data-platform.' }),
  ]),
)

const context = { database: 'ANALYTICS', schema: 'PUBLIC' }
const known = source(
  table('ANALYTICS.PUBLIC.ORDERS', 'ORDER_ID', 'AMOUNT'),
  table('HEALTH.PHI.PATIENTS', 'ID', 'SSN'),
  view('HEALTH.PHI.PATIENT_DIRECTORY', 'SELECT ID, SSN FROM PATIENTS'),
  table('STAGING.PUBLIC.EVENTS', 'EVENT_ID'),
)
const catalog: typeof known = {
  ...known,
  relation: (name) => {
    const system = systemRelation(name)
    return system === null ? known.relation(name) : Promise.resolve(system)
  },
}

async function verdict(sql: string): Promise<Decision> {
  const parsed = parseStatement(sql)
  const input = {
    bundle: quickstart,
    principal,
    statement: parsed.statement,
    facts: factsOf(parsed.statement),
    session: { grant, context },
    priorResults: undefined,
    now: 0,
    approvable,
    position: (token: number) => positionOf(parsed, token),
  }
  const refused = screen(input)
  if (refused !== undefined) return refused
  const resolution = await resolveRelations(input.facts, context, catalog)
  return decide({ ...input, resolution, columns: [] })
}

describe('allowed', () => {
  test.each([
    ['SELECT SUM(amount) FROM orders', 'agents/read-analytics'],
    ['WITH p AS (SELECT * FROM health.phi.patients) SELECT ssn FROM p', 'agents/read-analytics'],
    ['SELECT d.ssn FROM health.phi.patient_directory AS d', 'agents/read-analytics'],
    [
      "SELECT f.value FROM TABLE(FLATTEN(input => PARSE_JSON('[1]'))) f",
      'baseline/object-free-query',
    ],
    ['SELECT CURRENT_DATE, CURRENT_ROLE()', 'baseline/object-free-query'],
    [
      'SELECT CAST(1 AS VARCHAR), EXTRACT(YEAR FROM CURRENT_DATE), TRIM(x.a) FROM (SELECT 1 a) x',
      'baseline/object-free-query',
    ],
    ['SELECT table_name FROM information_schema.tables', 'baseline/information-schema'],
    ["ALTER SESSION SET AUTOCOMMIT = FALSE, TIMEZONE = 'UTC'", 'baseline/session-parameters'],
    ['USE SCHEMA HEALTH.PHI', 'baseline/use'],
    ['USE SECONDARY ROLES NONE', 'baseline/use'],
    ['use role "AGENT_READER"', 'baseline/use'],
    ['SET v = 1', 'baseline/session-variables'],
    ['UNSET v', 'baseline/session-variables'],
    ['EXPLAIN SELECT 1', 'baseline/explain'],
    ['EXPLAIN SELECT amount FROM orders', 'agents/read-analytics'],
    ['BEGIN', 'baseline/transactions'],
    ['ROLLBACK', 'baseline/transactions'],
    ['SHOW TERSE SCHEMAS IN DATABASE ANALYTICS', 'baseline/show'],
    ['DESCRIBE TABLE HEALTH.PHI.PATIENTS', 'agents/read-analytics'],
  ])('%s', async (sql, rule) => {
    const decision = await verdict(sql)
    expect(decision.verdict === 'allow' ? decision.rules : decision.error.message).toEqual([
      { policy: rule.split('/')[0], rule: rule.split('/')[1] },
    ])
  })
})

describe('refused', () => {
  test.each([
    [
      'DROP TABLE HEALTH.PHI.PATIENTS',
      'PolicyDenied',
      'DROP TABLE HEALTH.PHI.PATIENTS is denied by rule "never"',
    ],
    ['TRUNCATE TABLE orders', 'PolicyDenied', 'Ask #data-platform.'],
    ['INSERT INTO orders VALUES (1)', 'PolicyUncovered', 'Allowed here: Query on ANALYTICS.*.*'],
    ['CREATE TABLE x AS SELECT * FROM orders', 'PolicyUncovered', 'CREATE TABLE'],
    ['CALL p()', 'PolicyUncovered', 'CALL'],
    ['SET v = (SELECT 1)', 'StatementUnsupported', 'SET to anything but literals'],
    ['SHOW WAREHOUSES', 'StatementUnsupported', 'SHOW WAREHOUSES'],
    ['SELECT * FROM staging.public.events', 'PolicyUncovered', 'SELECT on STAGING.PUBLIC.EVENTS'],
    [
      'SELECT (SELECT MAX(event_id) FROM staging.public.events) FROM orders',
      'PolicyUncovered',
      'EVENTS',
    ],
    ['SELECT SYSTEM$WAIT(5)', 'FunctionNotAllowed', 'Function SYSTEM$WAIT '],
    [
      'SELECT health.phi.upper(ssn) FROM health.phi.patients',
      'FunctionNotAllowed',
      'Function HEALTH.PHI.UPPER ',
    ],
    ['SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))', 'FunctionNotAllowed', 'Function '],
    ['SELECT * FROM IDENTIFIER($t)', 'DynamicRefused', 'line 1, column 15'],
    ['USE ROLE ACCOUNTADMIN', 'UseRefused', 'Allowed here: AGENT_READER.'],
    ['USE SECONDARY ROLES ALL', 'UseRefused', 'Allowed here: NONE.'],
    [
      'ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE',
      'SessionParameterRefused',
      'QUOTED_IDENTIFIERS_IGNORE_CASE',
    ],
    ['DESC TABLE STAGING.PUBLIC.EVENTS', 'PolicyUncovered', 'DESCRIBE on STAGING.PUBLIC.EVENTS'],
    [
      'SELECT * FROM snowflake.information_schema.tables',
      'PolicyUncovered',
      'SNOWFLAKE.INFORMATION_SCHEMA.TABLES',
    ],
  ])('%s', async (sql, entry, text) => {
    const decision = await verdict(sql)
    if (decision.verdict === 'allow') throw new Error('allowed')
    expect(decision.error.entry).toBe(entry)
    expect(decision.error.message).toContain(text)
  })

  test('an unlisted view of INFORMATION_SCHEMA, as unknown', async () => {
    await expect(verdict('SELECT * FROM information_schema.load_history')).rejects.toThrow(
      'Object ANALYTICS.INFORMATION_SCHEMA.LOAD_HISTORY does not exist',
    )
  })
})
