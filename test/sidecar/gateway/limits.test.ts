import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { Limits } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'
import { noLimits } from '../../support/limits.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 20, orders: 300 }, chunkRows: 100 })
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

/** A gateway whose policies have these limits and no others. */
function limited(limits: Partial<Limits>): Promise<TestGateway> {
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    limits: { ...noLimits, ...limits },
  }))
  return world.gateway({ bundle: sealBundle({ ...world.bundle, policies }) })
}

const orders = (rows: number): string =>
  `SELECT order_id FROM analytics.public.orders ORDER BY order_id LIMIT ${rows}`

describe('statements at a time', () => {
  let gateway: TestGateway
  let session: ClientSession

  beforeAll(async () => {
    gateway = await limited({ concurrentStatements: 1 })
    session = await gateway.login()
  })

  /** Holds the next statement upstream until the given work is done. */
  async function whileRunning(work: () => Promise<void>): Promise<void> {
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => (finish = resolve))
    let begun = false
    world.upstream.script = async (request) => {
      if (!isAgentStatement(request) || begun) return undefined
      begun = true
      await finished
      return undefined
    }
    const running = session.query('SELECT 1')
    await eventually(() => begun)
    await work()
    finish()
    expect(await running).toMatchObject({ success: true })
  }

  test('are counted over all sessions of one principal', async () => {
    const other = await gateway.login()
    await whileRunning(async () => {
      expectRefusal(await session.query('SELECT 2'), 'ConcurrencyExceeded')
      expectRefusal(await other.query('SELECT 2'), 'ConcurrencyExceeded')
    })
    expect(await other.query('SELECT 2')).toMatchObject({ success: true })
  })

  test('are 128 where no policy says a number, however they are asked for', async () => {
    const many = await limited({})
    const hungry = await many.login()
    world.upstream.script = (request) =>
      isAgentStatement(request) && request.sql.includes('4711') ? 'hang' : undefined
    const answers = await Promise.all(
      Array.from({ length: 136 }, () => hungry.query('SELECT 4711', { body: { asyncExec: true } })),
    )
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => '333334'))
    const statements = answers.map(({ data }) => String(data['queryId']))
    const ended = async (): Promise<number> => {
      const events = await many.events()
      return events.filter(
        (event) =>
          event.type === 'statement.decided' &&
          statements.includes(event.statement) &&
          event.verdict === 'deny',
      ).length
    }
    await expect.poll(ended, { timeout: 20_000 }).toBe(8)
    expectRefusal(await hungry.query('SELECT 1'), 'ConcurrencyExceeded')
    const token = await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] })
    const other = await many.client.open(token)
    expect(await other.query('SELECT 1')).toMatchObject({ success: true })
    await many.close()
  })

  test('end also when they are refused, or fail', async () => {
    for (const sql of ['DROP TABLE x', 'SELEC', 'SELECT 1/0 FROM health.phi.patients', orders(1)]) {
      await session.query(sql)
    }
    expect(await session.query('SELECT 2')).toMatchObject({ success: true })
  })
})

describe('rows in an hour', () => {
  test('are counted over statements and sessions, and paging does not get round them', async () => {
    const gateway = await limited({ rowsPerHour: 250 })
    const session = await gateway.login()
    expect(await session.query(orders(120))).toMatchObject({ success: true })
    expect(await (await gateway.login()).query(orders(100))).toMatchObject({ success: true })
    const refused = await session.query(orders(31))
    expectRefusal(refused, 'RowBudgetExceeded')
    expect(refused.message).toContain('31 rows, and 220 of the 250')
    expect(refused.data['chunks']).toBeUndefined()
    expect(await session.query(orders(30))).toMatchObject({ success: true })
    expectRefusal(await session.query('SELECT 1'), 'RowBudgetExceeded')
  })

  test('do not count what is only described, nor what has no rows', async () => {
    const session = await (await limited({ rowsPerHour: 1 })).login()
    const described = await session.query(orders(300), { body: { describeOnly: true } })
    expect(described).toMatchObject({ success: true })
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    expect(await session.query('USE SCHEMA health.phi')).toMatchObject({ success: true })
    expect(await session.query('ROLLBACK')).toMatchObject({ success: true })
  })

  test('count again when a result is read again', async () => {
    const session = await (await limited({ rowsPerHour: 5 })).login()
    await session.query(orders(3))
    const again = await session.query('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')
    expectRefusal(again, 'RowBudgetExceeded')
  })
})

test('bytes of a statement count what is inline and what lies in chunks', async () => {
  const session = await (await limited({ bytesPerStatement: 600 })).login()
  expect(await session.query(orders(20))).toMatchObject({ success: true })
  const refused = await session.query(orders(300))
  expectRefusal(refused, 'BytesLimitExceeded')
  expect(refused.data['chunks']).toBeUndefined()
})
