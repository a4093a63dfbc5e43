/** RequireApproval: what is held, in which order, and by which request. */

import { describe, expect, test } from 'vitest'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import { allow, approval, deny, grant, held, hold, policy, principal } from './support.ts'
import { judge, said } from './sql-support.ts'

const read = allow({ name: 'read', statements: ['Query'], objects: ['ANALYTICS.*.*'] })
const ddl = hold({ name: 'ddl', statements: ['DDL'] })
const create = 'CREATE TABLE t (a INT)'

describe('a statement is held', () => {
  test('by a rule that alone covers it, told with who may approve and the request', async () => {
    const decision = held(await judge([policy([read, ddl])], create))
    expect(decision.rule).toEqual({ policy: 'agents', rule: 'ddl' })
    expect(decision.approval).toEqual(approval)
    expect(decision.request).toMatch(/^[0-9a-f]{16}$/)
    expect(decision.error.entry).toBe('ApprovalRequired')
    expect(decision.error.message).toContain(
      `CREATE TABLE ANALYTICS.PUBLIC.T needs approval by rule "ddl" of AgentPolicy "agents": 1 of stewards. Request ${decision.request}.`,
    )
  })

  test('though an Allow rule covers it too, in whichever policy', async () => {
    const both = [policy([allow()]), policy([ddl], { name: 'dba' })]
    expect(held(await judge(both, create)).rule.policy).toBe('dba')
  })

  test('never where a rule denies it', async () => {
    const all = [policy([ddl, allow(), deny({ name: 'no', statements: ['DDL'] })])]
    expect(said(await judge(all, create))).toContain('PolicyDenied')
  })

  test('never where a part of it is not covered', async () => {
    const sql = 'CREATE TABLE t AS SELECT * FROM HEALTH.PHI.PATIENTS'
    expect(said(await judge([policy([ddl])], sql))).toContain('PolicyUncovered')
  })

  test('for an object that it reaches behind a view', async () => {
    const phi = hold({ name: 'phi', objects: ['HEALTH.PHI.*'] })
    const decision = held(await judge([policy([read, phi])], 'SELECT * FROM summary'))
    expect(decision.error.message).toContain('leave out HEALTH.PHI.PATIENTS')
  })

  test('for a function that only such a rule lists', async () => {
    const calls = hold({ name: 'calls', functions: ['MY_F'] })
    const sql = 'SELECT my_f(id) FROM orders'
    expect(held(await judge([policy([read, calls])], sql)).rule.rule).toBe('calls')
    expect(said(await judge([policy([read, calls])], 'SELECT id FROM orders'))).toBe('allow')
  })

  test('where only such a rule covers an object, though it speaks of a function too', async () => {
    const both = hold({ name: 'both', functions: ['MY_F'], objects: ['ANALYTICS.*.*'] })
    expect(held(await judge([policy([both])], 'SELECT id FROM orders')).rule.rule).toBe('both')
  })

  test('not by a rule for another class', async () => {
    expect(said(await judge([policy([read, ddl])], 'SELECT * FROM orders'))).toBe('allow')
  })
})

describe('of several rules that ask for an approval', () => {
  const of = (name: string, objects: readonly string[], more: object) =>
    hold({ name, objects, approval: { ...approval, ...more } })
  const phi = (more: object) => of('phi', ['HEALTH.PHI.*'], more)
  const orders = (more: object) => of('orders', ['ANALYTICS.PUBLIC.ORDERS'], more)
  const both = 'SELECT p.ssn FROM health.phi.patients p JOIN orders o ON o.id = p.id'
  const team = { approvers: ['team'] }
  const rules = (one: object, other: object) => [policy([orders(one), phi(other)])]

  test('naming one more object does not change who is asked', async () => {
    const alone = rules(team, { approvers: ['stewards'], count: 2 })
    const only = held(await judge(alone, 'SELECT ssn FROM health.phi.patients'))
    expect(only.rule.rule).toBe('phi')
    const told = said(await judge(alone, both))
    expect(told).toContain('ApprovalRulesDiffer')
    expect(told).toContain('"orders"')
    expect(told).toContain('"phi"')
  })

  test.each<[string, object, object]>([
    ['more people', {}, { count: 2 }],
    ['fewer who may', { approvers: ['stewards', 'team'] }, {}],
    ['fewer who may by name', { users: ['ann'] }, {}],
    ['fewer runs', { uses: 5 }, {}],
    ['a shorter time', {}, { validFor: 60 }],
  ])('the strictest holds, whichever comes first: %s', async (_what, loose, strict) => {
    const strictLast = held(await judge(rules(loose, strict), both))
    const strictFirst = held(await judge(rules(strict, loose), both))
    expect(strictLast.rule.rule).toBe('phi')
    expect(strictFirst.rule.rule).toBe('orders')
    expect(strictLast.approval).toEqual({ ...approval, ...strict })
  })

  test.each<[string, object, object]>([
    ['more people, of others', { ...team, count: 3 }, {}],
    ['more people, for longer', { count: 2, validFor: 3_600 }, {}],
    ['other people by name', { approvers: [], users: ['ann'] }, { approvers: [], users: ['bob'] }],
  ])('none is enough: %s', async (_what, one, other) => {
    expect(said(await judge(rules(one, other), both))).toContain('ApprovalRulesDiffer')
    expect(said(await judge(rules(other, one), both))).toContain('ApprovalRulesDiffer')
  })

  test('one that alone covers a part counts beside one that matches', async () => {
    const calls = hold({ name: 'calls', functions: ['MY_F'], objects: ['ANALYTICS.*.*'] })
    const one = { ...calls, approval: { ...approval, ...team } }
    expect(said(await judge([policy([phi({}), one])], both))).toContain('ApprovalRulesDiffer')
  })
})

describe('a request', () => {
  const request = async (sql: string, more = {}, rules = [read, ddl]) =>
    held(await judge([policy(rules)], sql, more)).request

  test('is the same for the same statement, whatever its spaces and comments', async () => {
    expect(await request(create)).toBe(await request('CREATE   TABLE t -- again\n (a /* b */ INT)'))
  })

  test('is another for another statement, principal, run, place, binds or rule', async () => {
    const ask = { digest: (await import('../../../sidecar/canonical-json.ts')).canonicalSha256 }
    const session = { grant: (await import('./support.ts')).grant }
    const all = await Promise.all([
      request(create),
      request('CREATE TABLE u (a INT)'),
      request(create, { principal: { ...principal, subject: 'another' } }),
      request(create, { principal: { ...principal, run: '7' } }),
      request(create, { session: { ...session, context: { database: 'A', schema: 'B' } } }),
      request(create, { approvable: { ...ask, text: () => create, binds: { 1: { value: '1' } } } }),
      request(create, {}, [read, { ...ddl, name: 'other' }]),
    ])
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('what an approval is bound to', () => {
  const bound = async (more = {}, rules = [read, ddl], sql = create) =>
    held(await judge([policy(rules)], sql, more)).bound
  const differing = async (more: object, rules = [read, ddl]) => {
    const [one, other] = [await bound(), await bound(more, rules)]
    return Object.keys(one).filter((part) => one[part as never] !== other[part as never])
  }
  const ask = { text: () => create, binds: undefined, digest: canonicalSha256 }
  const place = { database: 'ANALYTICS', schema: 'OTHER' }

  test.each<[string, object, readonly string[]]>([
    ['principal', { principal: { ...principal, run: '7' } }, ['principal']],
    ['text', { approvable: { ...ask, text: () => 'SELECT 2' } }, ['statement']],
    ['binds', { approvable: { ...ask, binds: { 1: {} } } }, ['binds']],
    ['schema', { session: { grant, context: place } }, ['place']],
    [
      'role',
      {
        session: {
          grant: { ...grant, role: 'B' },
          context: { database: 'ANALYTICS', schema: 'PUBLIC' },
        },
      },
      ['place'],
    ],
    ['state', { approvable: { ...ask, state: () => ({ variables: { V: '1' } }) } }, ['session']],
    ['masks', { approvable: { ...ask, masks: () => ['m'] } }, ['masks']],
  ])('its %s', async (_name, more, parts) => {
    expect(await differing(more)).toEqual(parts)
  })

  test('the rule that holds it, in every part of it', async () => {
    const other = { ...ddl, approval: { ...approval, count: 2 } }
    expect(await differing({}, [read, other])).toEqual(['rules'])
  })

  test('a rule that holds it, too, though another is asked', async () => {
    expect(await differing({}, [read, ddl, { ...ddl, name: 'second' }])).toEqual(['rules'])
  })

  test('not a rule that does not speak of it', async () => {
    const other = hold({ name: 'phi', objects: ['HEALTH.PHI.*'] })
    expect(await differing({}, [read, ddl, other])).toEqual([])
  })
})

test('an Observe policy alone holds nothing, and logs what it would', async () => {
  const watch = policy([read, ddl], { mode: 'Observe' })
  const decision = await judge([watch], create)
  expect(decision.verdict).toBe('allow')
  expect(decision.observed[0]).toContain('would hold: CREATE TABLE ANALYTICS.PUBLIC.T needs')
})

test('an Observe policy beside an Enforce one holds nothing, and logs what it would', async () => {
  const watch = policy([ddl], { name: 'watch', mode: 'Observe' })
  const decision = await judge([policy([allow()]), watch], create)
  expect(decision.verdict).toBe('allow')
  expect(decision.observed[0]).toContain('would hold')
})
