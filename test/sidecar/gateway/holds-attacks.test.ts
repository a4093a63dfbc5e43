/** Attempts to have one statement approved and another run. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { expectRefusal, type ClientSession } from '../../support/client.ts'
import type { Desk } from '../../support/desk.ts'
import {
  eventually,
  newId,
  startWorld,
  type TestGateway,
  type World,
} from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import {
  anything,
  eventsOf,
  expectRows,
  holding,
  holdingGateway,
  orders,
  patients,
  reached,
} from './holds-support.ts'

const patienceMs = 20_000

let world: World
let gateway: TestGateway
let people: Desk
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
  await world.warehouse.execute('CREATE OR REPLACE TABLE ANALYTICS.PUBLIC.SWAP (id NUMBER)')
})

beforeEach(async () => {
  world.upstream.script = undefined
  await world.warehouse.execute('CREATE OR REPLACE TABLE HEALTH.PHI.SWAP (id NUMBER)')
  ;({ gateway, people } = await holdingGateway(world))
  session = await gateway.login({ query: { databaseName: 'HEALTH', schemaName: 'PHI' } })
  world.upstream.seen.length = 0
})

afterAll(() => world.close())

const swap = 'SELECT id FROM swap'

async function held(sql: string, body = {}) {
  const answer = session.query(sql, { body })
  return { answer, asked: await people.question(people.asked.length) }
}

const ok = async (sql: string): Promise<void> => {
  expectRows(await session.query(sql))
}

function expectOutdated(
  answer: Awaited<ReturnType<ClientSession['query']>>,
  changed: string,
): void {
  expectRefusal(answer, 'ApprovalOutdated')
  expect(answer).toMatchObject({ code: '003001' })
  expect(answer.message).toContain(changed)
}

describe('between the question and the approval', () => {
  test('another text under the same requestId is refused, and the first one waits on', async () => {
    const requestId = newId()
    const answer = session.query(swap, { requestId })
    const asked = await people.question(0)
    expectRefusal(await session.query('SELECT 1', { requestId }), 'RequestIdReused')
    asked.approve()
    expectRows(await answer)
    expect(reached(world, 'SWAP')).toHaveLength(1)
  })

  test.each([
    ['USE SCHEMA analytics.public', 'the role, database or schema'],
    ['USE DATABASE analytics', 'the role, database or schema'],
    ["SET v = 'other'", 'variables'],
    ["ALTER SESSION SET TIMEZONE = 'UTC'", 'variables, parameters'],
  ])('%s makes it another statement', async (sql, changed) => {
    const { answer, asked } = await held(swap)
    await ok(sql)
    asked.approve()
    expectOutdated(await answer, changed)
    expect(reached(world, 'SWAP')).toEqual([])
  })

  test('a session variable that it reads gets another value', async () => {
    await ok('SET v = 1')
    const { answer, asked } = await held('SELECT id FROM swap WHERE id = $v')
    expect(asked.question.variables).toEqual({ V: '1' })
    await ok('SET v = 2')
    asked.approve()
    expectOutdated(await answer, 'variables')
    expect(reached(world, 'SWAP')).toEqual([])
  })

  test('a variable that is set meanwhile, and set back, leaves it as it was', async () => {
    await ok('SET v = 1')
    const { answer, asked } = await held('SELECT id FROM swap WHERE id = $v')
    await ok('SET v = 2')
    await ok('SET v = 1')
    asked.approve()
    expectRows(await answer)
  })

  test('its table is replaced by somebody else', async () => {
    const { answer, asked } = await held(swap)
    await world.warehouse.execute('CREATE OR REPLACE TABLE HEALTH.PHI.SWAP (id NUMBER, ssn TEXT)')
    asked.approve()
    expectOutdated(await answer, 'an object that it reaches')
    expect(reached(world, 'SWAP')).toEqual([])
  })

  test('a temporary table that would hide its table is refused, or makes it another statement', async () => {
    const { answer, asked } = await held('SELECT id FROM analytics.public.swap')
    const hidden = await session.query('CREATE TEMPORARY TABLE analytics.public.swap (id NUMBER)')
    expectRefusal(hidden, 'TemporaryHides')
    asked.approve()
    expectRows(await answer)
  })

  test('its own temporary table is dropped, and a permanent one of its name is made', async () => {
    await ok('CREATE TEMPORARY TABLE staging.public.swap (id NUMBER)')
    const { answer, asked } = await held('SELECT id FROM staging.public.swap')
    await ok('DROP TABLE staging.public.swap')
    await ok('CREATE TABLE staging.public.swap (id NUMBER)')
    asked.approve()
    expectRefusal(await answer, 'ApprovalOutdated')
    await ok('DROP TABLE staging.public.swap')
  })

  test('an earlier result that it reads is another one by then', async () => {
    await ok('SELECT 1 AS id')
    const { answer, asked } = await held(
      'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) r, swap',
    )
    await ok('SELECT name AS id FROM analytics.public.customers')
    asked.approve()
    expectRefusal(await answer, 'ApprovalOutdated')
    expect(reached(world, 'SWAP')).toEqual([])
  })
})

test('other binds are another question, which an approval does not answer', async () => {
  const bind = (value: string) => ({ bindings: { 1: { type: 'FIXED', value } } })
  const one = await held('SELECT id FROM swap WHERE id = ?', bind('1'))
  const two = await held('SELECT id FROM swap WHERE id = ?', bind('2'))
  expect(two.asked.question.request).not.toBe(one.asked.question.request)
  one.asked.approve()
  expectRows(await one.answer)
  two.asked.answer({ verdict: 'denied', by: ['steward-1'], note: '' })
  expectRefusal(await two.answer, 'ApprovalDenied')
})

describe('a SET that is under way', () => {
  test('when it is approved is waited for, and counts', async () => {
    await ok('SET v = 1')
    const { answer, asked } = await held('SELECT id FROM swap WHERE id = $v')
    const sent = Promise.withResolvers<undefined>()
    const go = Promise.withResolvers<undefined>()
    world.upstream.script = async ({ sql }) => {
      if (!sql.startsWith('SET')) return undefined
      sent.resolve(undefined)
      await go.promise
      return undefined
    }
    const setting = session.query('SET v = 2')
    await sent.promise
    asked.approve()
    await eventually(
      async () => (await eventsOf(gateway, 'approval.decided')).length > 0,
      patienceMs,
    )
    go.resolve(undefined)
    expectRows(await setting)
    expectOutdated(await answer, 'variables')
    expect(reached(world, 'SWAP')).toEqual([])
  })

  test('waits for an approved statement that runs', async () => {
    await ok('SET v = 1')
    const { answer, asked } = await held('SELECT id FROM swap WHERE id = $v')
    const running = Promise.withResolvers<undefined>()
    const go = Promise.withResolvers<undefined>()
    world.upstream.script = async ({ sql }) => {
      if (!sql.includes('$v')) return undefined
      running.resolve(undefined)
      await go.promise
      return undefined
    }
    asked.approve()
    await running.promise
    const setting = session.query('SET v = 2')
    await eventually(
      async () =>
        (await eventsOf(gateway, 'statement.received')).some(({ sql }) => sql === 'SET v = 2'),
      patienceMs,
    )
    expect(reached(world, 'SET V = 2')).toEqual([])
    go.resolve(undefined)
    expectRows(await answer)
    expectRows(await setting)
  })

  test('and whose outcome is not known leaves nothing to be approved', async () => {
    world.upstream.script = ({ sql }) => (sql.startsWith('SET') ? 'die' : undefined)
    expect((await session.query('SET v = 1')).success).toBe(false)
    world.upstream.script = undefined
    const refused = await session.query(swap)
    expectRefusal(refused, 'ApprovalUnclear')
    expect(refused.message).toContain('session variable V')
    await ok('SET v = 1')
    const { answer, asked } = await held(swap)
    asked.approve()
    expectRows(await answer)
  })
})

describe('policy that changes meanwhile', () => {
  const apply = (...rules: Parameters<typeof holding>[1] & {}) =>
    gateway.running.apply(holding(world, [...rules]))

  test('by a rule that does not bear on it changes nothing', async () => {
    const { answer, asked } = await held(swap)
    const other = {
      ...orders,
      name: 'other',
      approval: { ...patients.approval, count: 2 },
    } as const
    await apply(anything, patients, other as typeof orders)
    asked.approve()
    expectRows(await answer)
    expect(await eventsOf(gateway, 'statement.decided')).toMatchObject([
      { verdict: 'hold', bundle: holding(world).digest },
      { verdict: 'allow', bundle: gateway.running.bundle.digest },
    ])
  })

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'denies it',
      () =>
        apply(anything, patients, { ...patients, name: 'no', action: 'Deny', approval: undefined }),
      'PolicyDenied',
    ],
    ['needs no approval of it', () => apply(anything), 'ApprovalOutdated'],
    [
      'asks others',
      () =>
        apply(anything, { ...patients, approval: { approvers: ['b'], count: 1, expiresAfter: 9 } }),
      'ApprovalOutdated',
    ],
    [
      'wants another approval, too',
      () => apply(anything, patients, { ...patients, name: 'second' }),
      'ApprovalOutdated',
    ],
  ])('so that it %s ends the question at once', async (_name, change, entry) => {
    const { answer, asked } = await held(swap)
    await change()
    expectRefusal(await answer, entry)
    await eventually(() => asked.signal.aborted, patienceMs)
    expect(reached(world, 'SWAP')).toEqual([])
    expect(await eventsOf(gateway, 'approval.decided')).toMatchObject([{ outcome: 'withdrawn' }])
  })

  test('by a mask of a column that it reads ends the question', async () => {
    const { answer } = await held('SELECT ssn FROM patients')
    const masks = world.bundle.masks.map((mask) => ({ ...mask, method: { kind: 'null' } as const }))
    await gateway.running.apply(holding(world, undefined, { masks }))
    expectOutdated(await answer, 'the masking rules that bear on it')
    expect(reached(world, 'PATIENTS')).toEqual([])
  })
})

describe('a transaction', () => {
  const insert = 'INSERT INTO analytics.public.swap (id) VALUES (1)'

  test('that has written is not kept waiting', async () => {
    await ok('BEGIN')
    await ok(insert)
    const refused = await session.query(swap)
    expectRefusal(refused, 'ApprovalInTransaction')
    expect(refused.message).toContain('COMMIT')
    expect(people.asked).toEqual([])
    await ok('ROLLBACK')
    const { answer, asked } = await held(swap)
    asked.approve()
    expectRows(await answer)
  })

  test('that has only read may wait; what it writes meanwhile ends that', async () => {
    await ok('BEGIN')
    const { answer, asked } = await held(swap)
    await ok(insert)
    asked.approve()
    expectRefusal(await answer, 'ApprovalInTransaction')
    await ok('COMMIT')
    expect(reached(world, 'FROM SWAP')).toEqual([])
  })

  test('of a session without AUTOCOMMIT begins with what it writes', async () => {
    await ok('ALTER SESSION SET AUTOCOMMIT = FALSE')
    await ok(insert)
    expectRefusal(await session.query(swap), 'ApprovalInTransaction')
    await ok('COMMIT')
    const { answer, asked } = await held(swap)
    asked.approve()
    expectRows(await answer)
  })
})

describe('an approval that is none', () => {
  const withVerdict = async (verdict: Awaited<ReturnType<Desk['approvals']['ask']>>) => {
    const odd = await holdingGateway(world, {
      approvals: { ask: () => Promise.resolve(verdict) },
    })
    return await odd.gateway.login({ query: { databaseName: 'HEALTH', schemaName: 'PHI' } })
  }

  test('by nobody lets nothing run', async () => {
    const client = await withVerdict({ verdict: 'approved', id: 'a', by: [], note: '' })
    expectRefusal(await client.query(swap), 'ApprovalUnavailable')
    expect(reached(world, 'SWAP')).toEqual([])
  })

  test('whose id was used before lets nothing run', async () => {
    const client = await withVerdict({ verdict: 'approved', id: 'a', by: ['s'], note: '' })
    expectRows(await client.query(swap))
    expectRefusal(await client.query(swap), 'ApprovalUsed')
    expect(reached(world, 'SWAP')).toHaveLength(1)
  })
})

test('a change of rows that is approved runs once, though its answer is lost', async () => {
  const update = 'UPDATE analytics.public.orders SET status = status WHERE id = 1'
  world.upstream.script = ({ sql }) =>
    sql.startsWith('UPDATE')
      ? json({ success: false, code: '000603', message: 'gone', data: {} })
      : undefined
  const { answer, asked } = await held(update)
  asked.approve()
  expect((await answer).success).toBe(false)
  expect(reached(world, 'UPDATE')).toHaveLength(1)
})

describe('a statement that was approved', () => {
  test('and is canceled before it is sent does not run', async () => {
    const requestId = newId()
    const answer = session.query(swap, { requestId })
    const asked = await people.question(0)
    // The gateway looks into the catalogue once more: there it is stopped.
    const looked = Promise.withResolvers<undefined>()
    const go = Promise.withResolvers<undefined>()
    world.upstream.script = async (request) => {
      if (isAgentStatement(request)) return undefined
      looked.resolve(undefined)
      await go.promise
      return undefined
    }
    asked.approve()
    await looked.promise
    await session.post('/queries/v1/abort-request', { requestId })
    go.resolve(undefined)
    expectRefusal(await answer, 'StatementCanceled')
    expect(reached(world, 'SWAP')).toEqual([])
  })
})
