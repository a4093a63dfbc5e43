/** Which privileges a statement needs on which object, and under which class of rules. */

import { describe, expect, test } from 'vitest'
import type { StatementClass } from '../../../sidecar/sql/facts-types.ts'
import { allow, allowed, deny, policy, type RuleSketch } from './support.ts'
import { judge, said } from './sql-support.ts'

const rules = (...sketches: readonly RuleSketch[]) => [
  policy(sketches.map((sketch, index) => allow({ name: `r${index}`, ...sketch }))),
]
const on = (statementClass: StatementClass, ...objects: readonly string[]): RuleSketch => ({
  statements: [statementClass],
  objects,
})
const orders = 'ANALYTICS.PUBLIC.ORDERS'
const regions = 'ANALYTICS.PUBLIC.REGIONS'

describe('with just these rules it runs, and without any one of them not', () => {
  test.each<[string, readonly RuleSketch[]]>([
    ['INSERT INTO orders VALUES (1, 2)', [on('DML', orders)]],
    ['INSERT INTO orders SELECT id, 1 FROM regions', [on('DML', orders), on('Query', regions)]],
    ['INSERT OVERWRITE INTO orders VALUES (1, 2)', [on('DML', orders), on('Truncate', orders)]],
    ['UPDATE orders SET amount = 1', [on('DML', orders), on('Query', orders)]],
    [
      'UPDATE orders SET amount = 1 FROM regions WHERE orders.id = regions.id',
      [on('DML', orders), on('Query', orders), on('Query', regions)],
    ],
    ['DELETE FROM orders', [on('DML', orders), on('Query', orders)]],
    [
      'MERGE INTO orders USING regions ON orders.id = regions.id WHEN NOT MATCHED THEN INSERT VALUES (1, 2)',
      [on('DML', orders), on('Query', orders), on('Query', regions)],
    ],
    ['TRUNCATE TABLE orders', [on('Truncate', orders)]],
    ['CREATE TABLE t (a INT)', [on('DDL', 'ANALYTICS.PUBLIC.T')]],
    ['CREATE OR REPLACE TABLE t (a INT)', [on('DDL', 'ANALYTICS.PUBLIC.T')]],
    ['CREATE OR REPLACE TABLE orders (a INT)', [on('DDL', orders), on('Drop', orders)]],
    [
      'CREATE TABLE t AS SELECT * FROM orders',
      [on('DDL', 'ANALYTICS.PUBLIC.T'), on('Query', orders)],
    ],
    [
      'CREATE VIEW v AS SELECT * FROM orders',
      [on('DDL', 'ANALYTICS.PUBLIC.V'), on('Query', orders)],
    ],
    ['DROP TABLE orders', [on('Drop', orders)]],
    ['DROP VIEW IF EXISTS nothing', [on('Drop', 'ANALYTICS.PUBLIC.NOTHING')]],
    ['ALTER TABLE orders DROP COLUMN amount', [on('DDL', orders)]],
    ['ALTER TABLE orders RENAME TO t', [on('DDL', orders), on('DDL', 'ANALYTICS.PUBLIC.T')]],
    ["COMMENT ON TABLE orders IS 'x'", [on('DDL', orders)]],
    ["COMMENT ON COLUMN orders.amount IS 'x'", [on('DDL', orders)]],
    ['CREATE SCHEMA s', [on('DDL', 'ANALYTICS.S.*')]],
    ['CREATE SCHEMA staging.s', [on('DDL', 'STAGING.*.*')]],
    // Whether it is there is not known.
    ['CREATE OR REPLACE SCHEMA s', [on('DDL', 'ANALYTICS.S.*'), on('Drop', 'ANALYTICS.S.*')]],
    ['DROP SCHEMA s', [on('Drop', 'ANALYTICS.S.*')]],
    ['EXPLAIN SELECT * FROM orders', [on('Query', orders)]],
  ])('%s', async (sql, needed) => {
    expect(said(await judge(rules(...needed), sql))).toBe('allow')
    for (const [index] of needed.entries()) {
      const fewer = await judge(rules(...needed.toSpliced(index, 1)), sql)
      expect(said(fewer)).toContain('PolicyUncovered')
    }
  })
})

test('the rules of a change are named, each once', async () => {
  const both = rules(on('DML', orders), on('Query', '*.*.*'))
  const sql = 'UPDATE orders SET amount = 1 FROM regions'
  const names = allowed(await judge(both, sql)).rules.map(({ rule }) => rule)
  expect(names).toEqual(['r1', 'r0'])
})

describe('a schema', () => {
  test('is not covered by a rule for objects of one name in it', async () => {
    const one = rules(on('Drop', 'ANALYTICS.S.T'), on('Drop', 'ANALYTICS.*.T'))
    expect(said(await judge(one, 'DROP SCHEMA s'))).toContain('DROP SCHEMA ANALYTICS.S')
  })

  test('is denied to drop by a rule that denies dropping one object in it', async () => {
    const both = [policy([allow(), deny({ name: 'keep', objects: ['ANALYTICS.S.T'] })])]
    expect(said(await judge(both, 'DROP SCHEMA s'))).toContain(
      'DROP SCHEMA ANALYTICS.S is denied by rule "keep"',
    )
  })

  test('without a database is unqualified', async () => {
    const session = { ...(await nowhere()), context: { database: null, schema: null } }
    expect(said(await judge(rules({}), 'DROP SCHEMA s', { session }))).toContain(
      'ObjectUnqualified',
    )
  })
})

async function nowhere() {
  const { grant } = await import('./support.ts')
  return { grant }
}

describe('what is refused is spoken of as', () => {
  test.each([
    ['INSERT INTO orders VALUES (1)', 'INSERT on ANALYTICS.PUBLIC.ORDERS'],
    ['UPDATE orders SET id = 1', 'SELECT on ANALYTICS.PUBLIC.ORDERS, UPDATE on ANALYTICS.PUBLIC'],
    [
      'INSERT OVERWRITE INTO orders VALUES (1)',
      'INSERT on ANALYTICS.PUBLIC.ORDERS, TRUNCATE (by OVERWRITE) of ANALYTICS.PUBLIC.ORDERS',
    ],
    ['TRUNCATE orders', 'TRUNCATE TABLE ANALYTICS.PUBLIC.ORDERS'],
    ['CREATE TABLE a.b.c (a INT)', 'CREATE TABLE A.B.C'],
    ['CREATE OR REPLACE VIEW a.b.c AS SELECT 1 x', 'CREATE OR REPLACE VIEW A.B.C'],
    ['DROP VIEW a.b.c', 'DROP VIEW A.B.C'],
    ['ALTER TABLE a.b.c RENAME TO a.b.d', 'ALTER TABLE A.B.C, CREATE TABLE A.B.D'],
    ['CREATE SCHEMA a.b', 'CREATE SCHEMA A.B'],
  ])('%s: %s', async (sql, words) => {
    expect(said(await judge([policy([])], sql))).toContain(`No policy rule allows ${words}`)
  })

  test.each([
    ['INSERT INTO orders VALUES (1)', 'INSERT on ANALYTICS.PUBLIC.ORDERS'],
    ['MERGE INTO orders USING regions ON 1 = 1 WHEN MATCHED THEN DELETE', 'MERGE on ANALYTICS.PU'],
    ['CREATE TABLE a.b.c AS SELECT 1 x', 'CREATE TABLE A.B.C'],
    ["COMMENT ON TABLE a.b.c IS 'x'", 'COMMENT ON TABLE A.B.C'],
    ['DROP SCHEMA a.b', 'DROP SCHEMA A.B'],
    ['EXPLAIN SELECT * FROM orders', 'EXPLAIN of SELECT on ANALYTICS.PUBLIC.ORDERS'],
    ['SET (v, w) = (1, 2)', 'SET V, W'],
    ['UNSET v', 'UNSET V'],
  ])('%s: %s', async (sql, words) => {
    const verdict = said(await judge([policy([deny({ name: 'no' })])], sql))
    expect(verdict.startsWith(`PolicyDenied: ${words}`)).toBe(true)
  })
})

describe('a Deny rule for a class and an object', () => {
  const keep = (statementClass: StatementClass) => [
    policy([allow(), deny({ name: 'keep', ...on(statementClass, orders) })]),
  ]

  test.each<[string, StatementClass, boolean]>([
    ['INSERT INTO orders VALUES (1, 2)', 'DML', true],
    // Reading it for a change of something else changes nothing of it.
    ['INSERT INTO regions SELECT id FROM orders', 'DML', false],
    ['INSERT INTO regions SELECT id FROM orders', 'Query', true],
    ['CREATE OR REPLACE TABLE orders (a INT)', 'Drop', true],
    ['CREATE OR REPLACE TABLE t (a INT)', 'Drop', false],
    ['EXPLAIN SELECT * FROM orders', 'Meta', true],
    ['EXPLAIN SELECT * FROM orders', 'Query', true],
    ['DESCRIBE TABLE orders', 'Meta', true],
    ['SELECT * FROM orders', 'DML', false],
  ])('%s, %s: %s', async (sql, statementClass, denies) => {
    const verdict = said(await judge(keep(statementClass), sql))
    expect(verdict.startsWith('PolicyDenied')).toBe(denies)
    if (!denies) expect(verdict).toBe('allow')
  })

  test('finds what is read behind a view, also by a change of what lies behind it', async () => {
    const phi = [policy([allow(), deny({ ...on('Query', 'HEALTH.PHI.PATIENTS') })])]
    expect(said(await judge(phi, 'INSERT INTO orders SELECT id, 1 FROM summary'))).toContain(
      'Denied',
    )
    const same = 'INSERT INTO health.phi.patients SELECT id, 1, 2 FROM summary'
    expect(said(await judge(phi, same))).toContain('PolicyDenied')
    const other = 'INSERT INTO health.phi.patients VALUES (1, 2, 3)'
    expect(said(await judge(phi, other))).toBe('allow')
  })
})

test('an unqualified name is judged as what the catalogue finds along the search path', async () => {
  const session = {
    grant: (await import('./support.ts')).grant,
    context: { database: 'ANALYTICS', schema: 'OTHER' },
  }
  const read = rules(on('Query', orders))
  const { inputOf } = await import('./sql-support.ts')
  const { screen } = await import('../../../sidecar/policy/decide.ts')
  const input = inputOf(read, 'SELECT * FROM orders', { session })
  expect(screen(input)).toBeUndefined()
  const denied = [policy([allow(), deny(on('Query', 'ANALYTICS.OTHER.ORDERS'))])]
  expect(screen(inputOf(denied, 'SELECT * FROM orders', { session }))).toBeUndefined()
  const neither = rules(on('Query', regions))
  expect(screen(inputOf(neither, 'SELECT * FROM orders', { session }))?.error.entry).toBe(
    'PolicyUncovered',
  )
})
