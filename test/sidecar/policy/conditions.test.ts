/** Rules with `when`. */

import { describe, expect, test } from 'vitest'
import { screen } from '../../../sidecar/policy/decide.ts'
import { columnUse } from './columns-support.ts'
import { allow, deny, hold, policy, principal } from './support.ts'
import { inputOf, judge, said } from './sql-support.ts'

const select = 'SELECT * FROM orders'
const main = "principal.claims.ref == 'refs/heads/main'"
const onMain = { principal: { ...principal, claims: { ref: 'refs/heads/main' } } }
const elsewhere = { principal: { ...principal, claims: { ref: 'refs/heads/x' } } }
// There is no such claim.
const unknown = { principal: { ...principal, claims: {} } }

describe('a rule with a condition', () => {
  test.each([
    ['holds', onMain, 'allow', 'PolicyDenied', 'ApprovalRequired'],
    ['does not hold', elsewhere, 'PolicyUncovered', 'allow', 'allow'],
    ['cannot be evaluated', unknown, 'PolicyUncovered', 'PolicyDenied', 'ApprovalRequired'],
  ])('that %s', async (_what, who, given, taken, asked) => {
    expect(said(await judge([policy([allow({ when: main })])], select, who))).toContain(given)
    const denying = [policy([allow(), deny({ when: main })])]
    expect(said(await judge(denying, select, who))).toContain(taken)
    const holding = [policy([allow(), hold({ when: main })])]
    expect(said(await judge(holding, select, who))).toContain(asked)
  })

  test('that cannot be evaluated holds what only it covers', async () => {
    const alone = [policy([hold({ when: main })])]
    expect(said(await judge(alone, select, unknown))).toContain('ApprovalRequired')
    expect(said(await judge(alone, select, elsewhere))).toContain('PolicyUncovered')
  })

  test('that does not compile counts as one that cannot be evaluated', async () => {
    const broken = { when: 'principal.nothing ==' }
    expect(said(await judge([policy([allow(broken)])], select))).toContain('PolicyUncovered')
    expect(said(await judge([policy([allow(), deny(broken)])], select))).toContain('PolicyDenied')
  })
})

describe('the environment of a condition', () => {
  const columns = [columnUse('ANALYTICS.PUBLIC.ORDERS.AMOUNT', { protected: true })]

  test.each([
    "statement.kind == 'select' && statement.class == 'Query'",
    "statement.objects == ['ANALYTICS.PUBLIC.ORDERS']",
    "'ANALYTICS.PUBLIC.ORDERS.AMOUNT' in statement.columns",
    "statement.masked == ['ANALYTICS.PUBLIC.ORDERS.AMOUNT']",
    "statement.functions == ['SUM']",
    "principal.provider == 'okta' && 'everyone' in principal.groups && principal.run == ''",
    "session.role == 'AGENT_READER' && session.schema == 'PUBLIC'",
    "now < timestamp('1970-01-02T00:00:00Z')",
  ])('%s', async (when) => {
    const sql = 'SELECT SUM(amount) FROM orders'
    expect(said(await judge([policy([allow({ when })])], sql, { columns }))).toBe('allow')
  })

  test('kinds are in lower case, with hyphens', async () => {
    const rules = [policy([allow({ when: "statement.kind == 'create-table'" })])]
    expect(said(await judge(rules, 'CREATE TABLE t (a INT)'))).toBe('allow')
  })
})

describe('before the catalogue is asked', () => {
  test('a condition that asks nothing of the statement decides already', () => {
    const rules = [policy([allow({ when: main })])]
    expect(screen(inputOf(rules, select, elsewhere))?.error.entry).toBe('PolicyUncovered')
  })

  test('one that asks of the statement does not decide yet', () => {
    const when = 'size(statement.masked) == 1'
    expect(screen(inputOf([policy([allow({ when })])], select))).toBeUndefined()
    expect(screen(inputOf([policy([allow(), deny({ when })])], select))).toBeUndefined()
  })
})

test('what is listed is what may be queried under the condition', async () => {
  const rules = [policy([allow({ when: main, objects: ['ANALYTICS.*.*'] })])]
  const listed = async (who: object) => {
    const decision = await judge(rules, 'SHOW TABLES', who)
    return decision.verdict === 'allow' ? decision.visibility : null
  }
  expect(await listed(onMain)).toHaveLength(1)
  expect(await listed(elsewhere)).toEqual([])
})
