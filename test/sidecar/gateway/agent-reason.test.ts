/** Why an agent wants a statement, in its own words: shown to people, bound to nothing. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import type { Desk } from '../../support/desk.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import {
  anything,
  approval,
  eventsOf,
  expectRows,
  holding,
  holdingGateway,
  patients,
} from './holds-support.ts'

let world: World
let gateway: TestGateway
let people: Desk
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

beforeEach(async () => {
  ;({ gateway, people } = await holdingGateway(world))
  session = await gateway.login()
  world.upstream.seen.length = 0
})

afterAll(() => world.close())

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'

/** What people are shown of it; they deny it. */
async function shown(sql: string, more: object = {}): Promise<ApprovalQuestion> {
  const number = people.asked.length
  const answer = session.query(sql, more)
  const asked = await people.question(number)
  asked.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
  expect((await answer).success).toBe(false)
  return asked.question
}

const set = async (sql: string): Promise<void> => {
  expectRows(await session.query(sql))
}

describe('a reason', () => {
  test('in a leading comment is shown, and the statement is the same with another', async () => {
    const plain = await shown(ssn)
    const said = await shown(`/* reason: cohort 7 */ ${ssn}`)
    const other = await shown(`-- Reason: cohort 8\n${ssn}`)
    expect(plain.agentReason).toBeUndefined()
    expect([said.agentReason, other.agentReason]).toEqual(['cohort 7', 'cohort 8'])
    expect(new Set([plain, said, other].map(({ digest }) => digest)).size).toBe(1)
    expect(said.sql).toBe(ssn)
  })

  test('for the session is shown, never told to Snowflake, and bound to nothing', async () => {
    const plain = await shown(ssn)
    await set("SET frostgate_reason = 'monthly report'")
    const said = await shown(ssn)
    expect(said.agentReason).toBe('monthly report')
    expect(said.digest).toBe(plain.digest)
    expect(said.variables).toEqual({})
    expect((await shown(`/* reason: this one */ ${ssn}`)).agentReason).toBe('this one')
    await set('UNSET FROSTGATE_REASON')
    expect((await shown(ssn)).agentReason).toBeUndefined()
    expect(JSON.stringify(world.upstream.statements())).not.toMatch(/frostgate_reason/i)
    expect(await eventsOf(gateway, 'statement.decided')).toContainEqual(
      expect.objectContaining({ kind: 'Set', verdict: 'allow', emitted: null }),
    )
  })

  test('changes no approval that is open', async () => {
    const answer = session.query(ssn)
    const asked = await people.question(0)
    await set("SET FROSTGATE_REASON = 'late'")
    asked.approve()
    expect(expectRows(await answer)).toHaveLength(1)
  })

  test('is described and not set where only that is asked', async () => {
    const sql = "SET FROSTGATE_REASON = 'x'"
    expectRows(await session.query(sql, { body: { describeOnly: true } }))
    expect((await shown(ssn)).agentReason).toBeUndefined()
  })

  test('is shown with what would be unseen in it, and cut', async () => {
    await set(`SET FROSTGATE_REASON = 'pay\\u202eyap\\u0007'`)
    expect((await shown(ssn)).agentReason).toBe('pay\\u{202e}yap\\u{7}')
    const long = await shown(`/* reason: two\r\nlines ${'x'.repeat(3_000)} */ ${ssn}`)
    expect(long.agentReason?.startsWith('two\nlines x')).toBe(true)
    expect(long.agentReason).toHaveLength(2_000)
  })

  test('of several statements is that before each, or before all', async () => {
    const body = { parameters: { MULTI_STATEMENT_COUNT: 0 } }
    const both = session.query(
      `/* reason: all */ ${ssn}; -- reason: mine\n SELECT name FROM health.phi.patients`,
      { body },
    )
    const one = await people.question(0)
    one.approve()
    const two = await people.question(1)
    two.approve()
    expect((await both).success).toBe(true)
    expect([one, two].map(({ question }) => question.agentReason)).toEqual(['all', 'mine'])
    const later = session.query(`SET FROSTGATE_REASON = 'kept'; ${ssn}`, { body })
    const three = await people.question(2)
    three.approve()
    expect((await later).success).toBe(true)
    expect(three.question.agentReason).toBe('kept')
    expect(JSON.stringify(world.upstream.statements())).not.toMatch(/frostgate_reason/i)
  })
})

describe('nothing hides behind its name', () => {
  test.each([
    "SET (a, FROSTGATE_REASON) = (1, 'x')",
    'SET FROSTGATE_REASON = 1',
    'SET FROSTGATE_REASON = -1',
    "SET FROSTGATE_REASON = 'a' || 'b'",
    'UNSET (a, FROSTGATE_REASON)',
  ])('%s is refused and goes nowhere', async (sql) => {
    const answer = await session.query(sql)
    expect(answer.success).toBe(false)
    expect(answer.message).toContain('FROSTGATE_REASON')
    expect(JSON.stringify(world.upstream.statements())).not.toMatch(/frostgate_reason/i)
  })

  test('a statement that reads it reads no value', async () => {
    await set("SET FROSTGATE_REASON = 'HEALTH'")
    expect((await session.query('SELECT $FROSTGATE_REASON')).success).toBe(false)
    const question = await shown(
      'SELECT ssn FROM health.phi.patients WHERE name = $FROSTGATE_REASON',
    )
    expect(question.variables).toEqual({})
  })

  test.each(["SET frostgate_reason2 = 'x'", 'SET "frostgate_reason" = \'x\''])(
    '%s is another variable, which counts',
    async (sql) => {
      const plain = await shown(ssn)
      await set(sql)
      const after = await shown(ssn)
      expect(after.digest).not.toBe(plain.digest)
      expect(after.agentReason).toBeUndefined()
    },
  )
})

describe('a rule that wants one', () => {
  beforeEach(async () => {
    const rule = { ...patients, approval: { ...approval, reason: 'Required' } } as const
    ;({ gateway, people } = await holdingGateway(world, {
      bundle: holding(world, [anything, rule]),
    }))
    session = await gateway.login()
  })

  test.each([
    ssn,
    `/* why */ ${ssn}`,
    `/* reason: */ ${ssn}`,
    `${ssn} /* reason: behind */`,
    `SELECT /* reason: inside */ ssn FROM health.phi.patients`,
  ])('refuses %s and says how to give one', async (sql) => {
    const refused = await session.query(sql)
    expectRefusal(refused, 'ApprovalReasonMissing')
    for (const part of ['patients', '/* reason:', 'SET FROSTGATE_REASON ='])
      expect(refused.message).toContain(part)
    expect(people.asked).toEqual([])
  })

  test('asks with one', async () => {
    expect((await shown(`/* reason: audit */ ${ssn}`)).agentReason).toBe('audit')
    await set("SET FROSTGATE_REASON = 'for the session'")
    expect((await shown(ssn)).agentReason).toBe('for the session')
  })
})
