/** Statements that wait for a person: asked once, run once, and never as anything else. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { replay } from '../../../sidecar/recording/replay.ts'
import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import type { Desk } from '../../support/desk.ts'
import {
  eventually,
  newId,
  startWorld,
  type TestGateway,
  type World,
} from '../../support/gateway.ts'
import {
  anything,
  approval,
  patients,
  eventsOf,
  expectRows,
  holding,
  holdingGateway,
  reached,
  settled,
} from './holds-support.ts'

const patienceMs = 20_000

let world: World
let gateway: TestGateway
let people: Desk
let session: ClientSession
/** Milliseconds that the gateway's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

beforeEach(async () => {
  ahead = 0
  world.upstream.script = undefined
  ;({ gateway, people } = await holdingGateway(world, { now: () => Date.now() + ahead }))
  session = await gateway.login()
  world.upstream.seen.length = 0
})

afterAll(() => world.close())

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'

const nothingRan = (): void => {
  expect(reached(world, 'PATIENTS')).toEqual([])
}

const outcomes = async () =>
  (await eventsOf(gateway, 'approval.decided')).map(({ outcome }) => outcome)

describe('a held statement', () => {
  test('runs once it is approved, in the same call, once and masked', async () => {
    const answer = session.query(`${ssn} /* why */`)
    const { question, approve } = await people.question(0)
    nothingRan()
    expect(question).toMatchObject({
      sql: ssn,
      kind: 'Select',
      objects: ['HEALTH.PHI.PATIENTS'],
      maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
      principal: { subject: 'agent-7' },
      rule: { rule: 'patients' },
    })
    expect(question.digest.startsWith(question.request)).toBe(true)
    approve()
    expect(expectRows(await answer)).toEqual([[expect.stringMatching(/^\*+\d{4}$/) as string]])
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
  })

  test('is recorded as held, asked, decided and allowed, in that order', async () => {
    const answer = session.query(ssn)
    ;(await people.question(0)).approve()
    await answer
    const events = (await gateway.events()).filter((event) => 'statement' in event)
    expect(events.map(({ type }) => type)).toEqual([
      ...['statement.received', 'statement.decided', 'approval.requested', 'approval.decided'],
      ...['statement.decided', 'statement.finished'],
    ])
    const [, held, asked, decided, allowed] = events
    expect(held).toMatchObject({ verdict: 'hold', emitted: null, rules: ['ai-agents/patients'] })
    expect(asked).toMatchObject({ approvers: ['stewards'], count: 1 })
    expect(decided).toMatchObject({ outcome: 'approved', by: ['steward-1'] })
    expect(allowed).toMatchObject({
      verdict: 'allow',
      rules: ['ai-agents/patients', 'ai-agents/all'],
      approvedBy: ['steward-1'],
      approval: expect.stringMatching(/^[\da-f-]{36}$/) as string,
    })
    const lines = events.map((event, seq) => ({ seq, time: '', prev: '', event, hash: '' }))
    const [told] = replay(lines, { rows: 1 }).items.flatMap((item) =>
      item.kind === 'session' ? item.items : [],
    )
    expect(told).toMatchObject({ approval: { decided: { outcome: 'approved' } }, verdict: 'allow' })
  })

  test('that is denied is told by whom and why, and does not run', async () => {
    const answer = session.query(ssn)
    const asked = await people.question(0)
    asked.answer({ verdict: 'denied', by: ['steward-2'], note: 'ask for a cohort instead' })
    const refused = await answer
    expectRefusal(refused, 'ApprovalDenied')
    expect(refused).toMatchObject({ code: '003001', data: { sqlState: '42501' } })
    for (const part of [asked.question.request, 'steward-2', 'ask for a cohort', 'leave the pat'])
      expect(refused.message).toContain(part)
    nothingRan()
    expect(await eventsOf(gateway, 'statement.decided')).toMatchObject([
      { verdict: 'hold' },
      { verdict: 'deny', error: { name: 'ApprovalDenied' }, rules: ['ai-agents/patients'] },
    ])
  })

  test('that nobody decides ends when its time is over', async () => {
    const soon = { ...patients, approval: { ...approval, expiresAfter: 4 } }
    const { gateway: quick, people: own } = await holdingGateway(world, {
      bundle: holding(world, [anything, soon]),
    })
    const answer = (await quick.login()).query(ssn)
    const asked = await own.question(0)
    expectRefusal(await answer, 'ApprovalExpired')
    expect(asked.signal.aborted).toBe(true)
    nothingRan()
  })

  test('that is approved too late does not run', async () => {
    const answer = session.query(ssn)
    const asked = await people.question(0)
    ahead = 601_000
    asked.approve()
    expectRefusal(await answer, 'ApprovalExpired')
    nothingRan()
    expect(await outcomes()).toEqual(['expired'])
  })

  test('that is canceled by its requestId ends at once, and its question is withdrawn', async () => {
    const requestId = newId()
    const answer = session.query(ssn, { requestId })
    const asked = await people.question(0)
    await session.post('/queries/v1/abort-request', { requestId })
    const canceled = await answer
    expectRefusal(canceled, 'StatementCanceled')
    expect(canceled).toMatchObject({ code: '000604', data: { sqlState: '57014' } })
    expect(asked.signal.aborted).toBe(true)
    asked.approve()
    expect(await outcomes()).toEqual(['withdrawn'])
    nothingRan()
  })

  test('that is canceled by its id ends at once', async () => {
    const answer = session.query(ssn)
    const { question } = await people.question(0)
    await session.post(`/queries/${question.statement}/abort-request`)
    expectRefusal(await answer, 'StatementCanceled')
    nothingRan()
  })

  test('is polled for, and a connection that is lost and a request sent again are the same one', async () => {
    const { gateway: quick, people: own } = await holdingGateway(world, { longPollMs: 100 })
    const lost = await quick.login()
    const requestId = newId()
    const waiting = await lost.query(ssn, { requestId })
    expect(waiting).toMatchObject({ code: '333333', success: true })
    const body = JSON.stringify({ sqlText: ssn, asyncExec: false, describeOnly: false })
    const cut = await quick.client.raw(
      [
        `POST /queries/v1/query-request?requestId=${requestId} HTTP/1.1`,
        'Host: localhost',
        `Authorization: Snowflake Token="${lost.token}"`,
        `Content-Length: ${body.length}\r\n\r\n${body}`,
      ].join('\r\n'),
      { waitMs: 20 },
    )
    expect(cut.text).toBe('')
    const again = lost.query(ssn, { requestId })
    ;(await own.question(0)).approve()
    const rows = expectRows(await settled(lost, await again))
    expect(expectRows(await settled(lost, waiting))).toEqual(rows)
    expect(own.asked).toHaveLength(1)
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
  })

  test('outlasts its token, which is renewed', async () => {
    const { gateway: quick, people: own } = await holdingGateway(world, {
      now: () => Date.now() + ahead,
      longPollMs: 100,
      tokenValidity: 60,
    })
    const renewed = await quick.login()
    const waiting = await renewed.query(ssn)
    const poll = textIn(waiting.data, 'getResultUrl')
    ahead = 61_000
    expectRefusal(await renewed.get(poll), 'SessionTokenExpired')
    const body = { oldSessionToken: renewed.token, requestType: 'RENEW' }
    const answer = await quick.client.post('/session/token-request', body, renewed.master)
    renewed.token = textIn(answer.data, 'sessionToken')
    ;(await own.question(0)).approve()
    expect(expectRows(await settled(renewed, await renewed.get(poll)))).toHaveLength(1)
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
  })

  test('is asked about again when it is sent again: an approval is for one', async () => {
    const answer = session.query(ssn)
    ;(await people.question(0)).approve()
    expectRows(await answer)
    const again = session.query(ssn)
    const second = await people.question(1)
    expect(second.question.request).toBe(people.asked[0]?.question.request)
    second.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
    expectRefusal(await again, 'ApprovalDenied')
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
  })

  test('sent twice at once is one question, and one of them runs', async () => {
    const both = [session.query(ssn), (await gateway.login()).query(ssn)]
    // Both wait: the question is recorded a moment before it is asked.
    await eventually(async () => {
      const requested = await eventsOf(gateway, 'approval.requested')
      const statuses = requested.map(({ statement }) =>
        session.get(`/monitoring/queries/${statement}`),
      )
      return (
        (await Promise.all(statuses)).filter(({ text }) => text.includes('QUEUED')).length === 2
      )
    }, patienceMs)
    ;(await people.question(0)).approve()
    const answers = await Promise.all(both)
    expect(answers.filter(({ success }) => success)).toHaveLength(1)
    const [other] = answers.filter(({ success }) => !success)
    if (other !== undefined) expectRefusal(other, 'ApprovalUsed')
    expect(people.asked).toHaveLength(1)
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
  })

  test('beside another, each for itself', async () => {
    const one = session.query(ssn)
    const first = await people.question(0)
    const two = session.query('SELECT name FROM health.phi.patients ORDER BY id LIMIT 1')
    const second = await people.question(1)
    second.approve()
    expectRows(await two)
    first.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
    expectRefusal(await one, 'ApprovalDenied')
  })

  test('does not count among those that run, and nobody piles up more than sixteen', async () => {
    const bundle = holding(world)
    const policies = bundle.policies.map((policy) => ({
      ...policy,
      limits: { ...policy.limits, concurrentStatements: 1 },
    }))
    await gateway.running.apply(sealBundle({ ...bundle, policies }))

    // One after the other: while it is looked at, each is the one that may run.
    const many: ReturnType<ClientSession['query']>[] = []
    for (let index = 0; index < 16; index += 1) {
      many.push(session.query(`SELECT id + ${index} FROM health.phi.patients`))
      await people.question(index)
    }
    expectRefusal(await session.query('SELECT 99 FROM health.phi.patients'), 'ApprovalsTooMany')
    expectRows(await session.query('SELECT COUNT(*) FROM analytics.public.orders'))
    for (const asked of people.asked)
      asked.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
    for (const answer of await Promise.all(many))
      expectRefusal(await settled(session, answer), 'ApprovalDenied')
  })

  test('that is only described is not asked about, and shows no row', async () => {
    const described = await session.query(ssn, { body: { describeOnly: true } })
    expect(expectRows(described)).toEqual([])
    expect(people.asked).toEqual([])
  })

  test('is refused, as what it is, where there is nobody to ask', async () => {
    const alone = await world.gateway({ bundle: holding(world) })
    expectRefusal(await (await alone.login()).query(ssn), 'ApprovalRequired')
    nothingRan()
  })

  test('is not asked about where it cannot be recorded', async () => {
    const { gateway: full, people: own } = await holdingGateway(world, {
      wrap: (recorder) => ({
        ...recorder,
        record: (event) =>
          event.type === 'approval.requested'
            ? Promise.reject(new Error('disk full'))
            : recorder.record(event),
      }),
    })
    expectRefusal(await (await full.login()).query(ssn), 'RecordingUnavailable')
    expect(own.asked).toEqual([])
  })

  test('shows binds to those who decide, but not what goes into a protected table', async () => {
    const bindings = { 1: { type: 'FIXED', value: '1' } }
    const read = session.query('SELECT name FROM health.phi.patients WHERE id = ?', {
      body: { bindings },
    })
    const first = await people.question(0)
    expect(first.question.binds).toEqual([{ name: '1', type: 'FIXED', value: '1' }])
    first.approve()
    expect(expectRows(await read)).toHaveLength(1)
    const write = session.query('INSERT INTO health.phi.patients (id, name) VALUES (?, ?)', {
      body: { bindings: { ...bindings, 2: { type: 'TEXT', value: 'Ada' } } },
    })
    const second = await people.question(1)
    expect(second.question.binds).toEqual([
      { name: '1', type: 'FIXED', value: undefined },
      { name: '2', type: 'TEXT', value: undefined },
    ])
    second.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
    expectRefusal(await write, 'ApprovalDenied')
  })
})

describe('nothing of a held statement runs, and its client is told, where', () => {
  const waiting = async () => {
    const answer = session.query(ssn)
    return { answer, asked: await people.question(0) }
  }

  test('its session logs out', async () => {
    const { answer, asked } = await waiting()
    await session.logout()
    expectRefusal(await answer, 'SessionGone')
    await eventually(() => asked.signal.aborted, patienceMs)
    asked.approve()
    nothingRan()
    expect(await outcomes()).toEqual(['withdrawn'])
  })

  test('the gateway stops', async () => {
    const { answer } = await waiting()
    const closing = gateway.close('maintenance')
    const refused = await answer
    expectRefusal(refused, 'ConnectionClosed')
    expect(refused.message).toContain('maintenance')
    await closing
    nothingRan()
  })

  test('the connection is suspended', async () => {
    const { answer } = await waiting()
    await gateway.running.suspend('the credential is being changed')
    const refused = await answer
    expectRefusal(refused, 'ConnectionClosed')
    expect(refused.message).toContain('the credential is being changed')
    nothingRan()
  })

  test('the connection is revoked', async () => {
    const { answer } = await waiting()
    await gateway.running.revoke('the agent is out')
    expectRefusal(await answer, 'SessionGone')
    nothingRan()
  })

  test('the recording of the approval fails', async () => {
    const { gateway: full, people: own } = await holdingGateway(world, {
      wrap: (recorder) => ({
        ...recorder,
        record: (event) =>
          event.type === 'approval.decided'
            ? Promise.reject(new Error('disk full'))
            : recorder.record(event),
      }),
    })
    const answer = (await full.login()).query(ssn)
    ;(await own.question(0)).approve()
    expectRefusal(await answer, 'RecordingUnavailable')
    nothingRan()
  })

  test('whoever decides fails', async () => {
    const { gateway: broken } = await holdingGateway(world, {
      approvals: { ask: () => Promise.reject(new Error('no route')) },
    })
    expectRefusal(await (await broken.login()).query(ssn), 'ApprovalUnavailable')
    nothingRan()
  })
})
