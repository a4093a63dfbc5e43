/** Rules that name columns, and columns that masks protect. */

import { describe, expect, test } from 'vitest'
import { screen } from '../../../sidecar/policy/decide.ts'
import { columnUse } from './columns-support.ts'
import { allow, deny, held, hold, policy, type RuleSketch } from './support.ts'
import { inputOf, judge, said } from './sql-support.ts'

const patients = 'HEALTH.PHI.PATIENTS'
const id = columnUse(`${patients}.ID`)
const ssn = columnUse(`${patients}.SSN`, { protected: true })
const city = columnUse(`${patients}.CITY`)
const select = `SELECT * FROM ${patients}`
const some: RuleSketch = { name: 'some', columns: [`${patients}.ID`, `${patients}.CITY`] }

describe('an Allow rule with columns', () => {
  const rules = [policy([allow(some)])]

  test.each([
    ['covers a query of some of them', [id], 'allow'],
    ['covers a query of all of them', [id, city], 'allow'],
    ['covers a query of none at all', [], 'allow'],
    ['does not cover a query of another one', [id, ssn], 'PolicyUncovered'],
  ])('%s', async (_what, columns, outcome) => {
    expect(said(await judge(rules, select, { columns }))).toContain(outcome)
  })

  test('tells in a refusal which columns it gives', async () => {
    expect(said(await judge(rules, select, { columns: [ssn] }))).toContain(
      'any statement on column HEALTH.PHI.PATIENTS.ID, HEALTH.PHI.PATIENTS.CITY',
    )
  })

  test.each([`DROP TABLE ${patients}`, `TRUNCATE ${patients}`, `DESC TABLE ${patients}`])(
    'does not cover what touches the table as a whole: %s',
    async (sql) => {
      expect(said(await judge(rules, sql))).toContain('PolicyUncovered')
    },
  )

  test('covers writing them, and not writing others nor whole rows away', async () => {
    const written = (column: string) => columnUse(`${patients}.${column}`, { privilege: 'WRITE' })
    const insert = `INSERT INTO ${patients} (id) VALUES (1)`
    expect(said(await judge(rules, insert, { columns: [written('ID')] }))).toBe('allow')
    expect(said(await judge(rules, insert, { columns: [written('SSN')] }))).toContain('Uncovered')
    expect(said(await judge(rules, `DELETE FROM ${patients}`))).toContain('DELETE on HEALTH.PHI')
  })

  test('does not cover that all rows go, though the same statement writes its columns', async () => {
    const columns = [columnUse(`${patients}.ID`, { privilege: 'WRITE' })]
    const sql = `INSERT OVERWRITE INTO ${patients} (id) VALUES (1)`
    expect(said(await judge(rules, sql, { columns }))).toContain(
      'TRUNCATE (by OVERWRITE) of HEALTH',
    )
  })

  test('beside one for the whole object is not needed', async () => {
    const both = [policy([allow(some), allow({ objects: [patients] })])]
    expect(said(await judge(both, select, { columns: [ssn] }))).toBe('allow')
  })
})

describe('a Deny or RequireApproval rule with columns', () => {
  const no = deny({ name: 'no-ssn', columns: ['*.*.*.SSN'] })
  const ask = hold({ name: 'ask', columns: [`${patients}.SSN`] })

  test('matches a statement that uses one of them, for whatever', async () => {
    const columns = [id, ssn]
    expect(said(await judge([policy([allow(), no])], select, { columns }))).toContain(
      'PolicyDenied',
    )
    const decision = held(await judge([policy([allow(), ask])], select, { columns }))
    expect(decision.error.message).toContain('leave out column HEALTH.PHI.PATIENTS.SSN')
  })

  test('matches a use behind a view, and says where', async () => {
    const sql = 'SELECT * FROM summary'
    const columns = [columnUse('ANALYTICS.PUBLIC.SUMMARY.ID'), ssn]
    expect(said(await judge([policy([allow(), no])], sql, { columns }))).toContain(
      '(which reads HEALTH.PHI.PATIENTS)',
    )
  })

  test('leaves statements alone that use other columns of the table', async () => {
    for (const rule of [no, ask]) {
      expect(said(await judge([policy([allow(), rule])], select, { columns: [id] }))).toBe('allow')
    }
  })

  test('covers, as RequireApproval, a use of those columns only', async () => {
    const alone = [policy([ask])]
    held(await judge(alone, select, { columns: [ssn] }))
    expect(said(await judge(alone, select, { columns: [ssn, id] }))).toContain('PolicyUncovered')
    expect(said(await judge(alone, select, { columns: [] }))).toContain('PolicyUncovered')
  })

  test('neither denies nor leaves uncovered before the columns are known', () => {
    for (const rule of [allow(some), no, ask]) {
      const rules = [policy(rule.action === 'Deny' ? [allow(), rule] : [rule])]
      expect(screen(inputOf(rules, select))).toBeUndefined()
    }
  })
})

describe('overwriting a protected column', () => {
  const change = policy([
    allow({ statements: ['Query', 'DML'], objects: [patients, 'ANALYTICS.*.*'] }),
  ])
  const update = `UPDATE ${patients} SET ssn = '1'`
  const merge = (action: string): string =>
    `MERGE INTO ${patients} p USING orders o ON p.id = o.id WHEN ${action}`
  const columns = [columnUse(`${patients}.SSN`, { privilege: 'WRITE', protected: true })]

  test.each([
    update,
    merge("MATCHED THEN UPDATE SET ssn = '1'"),
    merge('MATCHED THEN UPDATE ALL BY NAME'),
  ])('takes a rule that names it: %s', async (sql) => {
    const refused = said(await judge([change], sql, { columns }))
    expect(refused).toContain('overwriting the protected column HEALTH.PHI.PATIENTS.SSN')
    expect(refused).toContain('A rule for DML must name the column under columns.')
    const named = { name: 'ssn', columns: [`${patients}.SSN`] }
    expect(said(await judge([change, policy([allow(named)])], sql, { columns }))).toBe('allow')
    expect(held(await judge([change, policy([hold(named)])], sql, { columns })).rule.rule).toBe(
      'ssn',
    )
    const query = policy([allow({ ...named, statements: ['Query'] })])
    expect(said(await judge([change, query], sql, { columns }))).toContain('overwriting')
  })

  const added = [
    `INSERT INTO ${patients} (ssn) VALUES ('1')`,
    merge("NOT MATCHED THEN INSERT (ssn) VALUES ('1')"),
    merge("MATCHED THEN UPDATE SET city = '1' WHEN NOT MATCHED THEN INSERT (ssn) VALUES ('1')"),
  ]

  test.each(added)('is not what this does: %s', async (sql) => {
    expect(said(await judge([change], sql, { columns }))).toBe('allow')
  })

  test.each(added)(
    'is as bad where tokens are shown, for guesses would get theirs: %s',
    async (sql) => {
      const keyed = columns.map((use) => ({ ...use, keyed: true }))
      const refused = said(await judge([change], sql, { columns: keyed }))
      expect(refused).toContain(
        'adding values to HEALTH.PHI.PATIENTS.SSN, of which tokens are shown',
      )
      const named = policy([allow({ name: 'ssn', columns: [`${patients}.SSN`] })])
      expect(said(await judge([change, named], sql, { columns: keyed }))).toBe('allow')
    },
  )
})
