/** What was approved runs as it was approved, whatever other sessions do at that moment. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import type { Desk } from '../../support/desk.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import { anything, holding, holdingGateway, orders, reached, settled } from './holds-support.ts'

const patienceMs = 20_000

let world: World
let gateway: TestGateway
let people: Desk
let session: ClientSession
let sibling: ClientSession
/** Called before an event is recorded. */
let onRecord: (event: RecordedEvent) => Promise<void>

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
  await world.warehouse.execute('CREATE TABLE ANALYTICS.PUBLIC.SMALL AS SELECT 1 AS ID')
})

beforeEach(async () => {
  await choose('SMALL')
  onRecord = () => Promise.resolve()
  const chosen = { database: 'ANALYTICS', schema: 'PUBLIC', name: 'CHOSEN' }
  const queries = { ...orders, name: 'chosen', statements: ['Query'], objects: [chosen] } as const
  ;({ gateway, people } = await holdingGateway(world, {
    bundle: holding(world, [anything, orders, queries]),
    wrap: (file) => ({
      blob: (mode) => file.blob(mode),
      record: async (event) => {
        await onRecord(event)
        await file.record(event)
      },
    }),
  }))
  session = await gateway.login()
  sibling = await gateway.login()
  world.upstream.seen.length = 0
})

afterEach(async () => {
  world.upstream.script = undefined
  await gateway.close()
})
afterAll(() => world.close())

const choose = (from: 'SMALL' | 'ORDERS') =>
  world.warehouse.execute(`CREATE OR REPLACE VIEW ANALYTICS.PUBLIC.CHOSEN AS ${chosenFrom[from]}`)

const chosenFrom = {
  SMALL: 'SELECT ID FROM ANALYTICS.PUBLIC.SMALL',
  ORDERS: 'SELECT ORDER_ID AS ID FROM ANALYTICS.PUBLIC.ORDERS',
}

const update =
  "UPDATE analytics.public.orders SET status = 'x' WHERE order_id IN (SELECT id FROM analytics.public.chosen)"
const select = 'SELECT id FROM analytics.public.chosen'
const swap = `CREATE OR REPLACE VIEW analytics.public.chosen AS ${chosenFrom.ORDERS}`

async function approved(sql: string) {
  const answer = session.query(sql)
  ;(await people.question(0)).approve()
  return settled(session, await answer)
}

/** While Snowflake has the statement that begins so. */
function swapWhen(verb: string): void {
  world.upstream.script = async (request) => {
    if (isAgentStatement(request) && request.sql.startsWith(verb)) await choose('ORDERS')
    return undefined
  }
}

const transactions = () =>
  world.upstream
    .statements()
    .map((sql) => /^\w+/.exec(sql)?.[0] ?? '')
    .filter((verb) => ['BEGIN', 'UPDATE', 'COMMIT', 'ROLLBACK'].includes(verb))

/** Orders that the statement changed, as another session sees them. */
async function changed(): Promise<unknown> {
  const count = "SELECT COUNT(*) FROM analytics.public.orders WHERE status = 'x'"
  return (await sibling.query(count)).data['rowset']
}

/** Once, when what was approved has been let through, and is not sent yet. */
function whenAllowed(change: () => Promise<unknown>): void {
  onRecord = async (event) => {
    if (event.type !== 'statement.decided' || event.verdict !== 'allow') return
    onRecord = () => Promise.resolve()
    await change()
  }
}

describe('a view that a held statement reads is replaced', () => {
  test.each([
    ['UPDATE', update],
    ['SELECT', select],
  ])('before %s is sent: it never is', async (_kind, sql) => {
    whenAllowed(() => choose('ORDERS'))
    expectRefusal(await approved(sql), 'ApprovalOutdated')
    expect(reached(world, 'CHOSEN')).toEqual([])
  })

  test('while UPDATE runs: what it did is undone', async () => {
    swapWhen('UPDATE')
    expectRefusal(await approved(update), 'ApprovalOutdated')
    expect(transactions()).toEqual(['BEGIN', 'UPDATE', 'ROLLBACK'])
    expect(await changed()).toEqual([['0']])
    // The session is in no transaction, and goes on.
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('while UPDATE runs in a transaction of its client: that is an incident', async () => {
    await session.query('BEGIN')
    swapWhen('UPDATE')
    const answer = await approved(update)
    expect(transactions()).toEqual(['BEGIN', 'UPDATE'])
    expectRefusal(answer, 'CatalogChangedLate')
    expect(answer.message).toContain('other rows than were approved')
  })

  test('while SELECT runs: nothing of it is returned', async () => {
    swapWhen('SELECT')
    expectRefusal(await approved(select), 'ApprovalOutdated')
  })

  test('by a sibling session: it waits until the approved one has ended', async () => {
    const over = Promise.withResolvers<undefined>()
    world.upstream.script = (request) =>
      isAgentStatement(request) && request.sql.startsWith('UPDATE') ? over.promise : undefined
    const answer = approved(update)
    await eventually(() => reached(world, 'UPDATE').length > 0, patienceMs)
    const swapped = await sibling.query(swap, { body: { asyncExec: true } })
    const sent = () => reached(world, 'REPLACE VIEW').length > 0
    await expect(eventually(sent, 3_000)).rejects.toThrow()
    // What changes no object waits for nothing: an approved one may wait for its locks.
    for (const sql of ['BEGIN', 'COMMIT', 'SELECT 1', 'SET v = 1'])
      expect(await sibling.query(sql)).toMatchObject({ success: true })
    over.resolve(undefined)
    expect((await answer).data['rowset']).toEqual([['1', '0']])
    const path = `/queries/${textIn(swapped.data, 'queryId')}/result`
    expect(await settled(sibling, await sibling.get(path))).toMatchObject({ success: true })
  })
})

test('one that is approved while its session commits waits for that, and runs', async () => {
  const answer = session.query(select)
  const asked = await people.question(0)
  const small = 'INSERT INTO analytics.public.small SELECT 2'
  for (const sql of ['BEGIN', small])
    expect(await session.query(sql)).toMatchObject({ success: true })
  const over = Promise.withResolvers<undefined>()
  world.upstream.script = (request) =>
    isAgentStatement(request) && request.sql.startsWith('COMMIT') ? over.promise : undefined
  const committed = session.query('COMMIT')
  await eventually(() => reached(world, 'COMMIT').length > 0, patienceMs)
  asked.approve()
  // As long as its look takes; it would have been refused by then.
  await expect(
    eventually(() => reached(world, 'FROM "ANALYTICS"."PUBLIC"."CHOSEN"').length > 0, 2_000),
  ).rejects.toThrow()
  over.resolve(undefined)
  expect(await committed).toMatchObject({ success: true })
  expect(await settled(session, await answer)).toMatchObject({ success: true })
})

describe('an approved UPDATE runs in a transaction', () => {
  beforeEach(() =>
    world.warehouse.execute("UPDATE ANALYTICS.PUBLIC.ORDERS SET STATUS = 'y' WHERE STATUS = 'x'"),
  )

  const first = "UPDATE analytics.public.orders SET status = 'x' WHERE order_id = 1"

  test('that is committed', async () => {
    await approved(first)
    expect(transactions()).toEqual(['BEGIN', 'UPDATE', 'COMMIT'])
    expect(await changed()).toEqual([['1']])
  })

  test('that is rolled back where it fails', async () => {
    const failed = { success: false, code: '100038', message: 'no number', data: {} }
    world.upstream.script = (request) =>
      isAgentStatement(request) && request.sql.startsWith('UPDATE') ? json(failed) : undefined
    expect((await approved(first)).message).toBe('no number')
    expect(transactions()).toEqual(['BEGIN', 'UPDATE', 'ROLLBACK'])
  })

  test.each(['BEGIN', 'COMMIT'])('whose %s fails: the session ends', async (verb) => {
    world.upstream.script = ({ sql }) =>
      sql === verb ? json({ success: false, code: '000603', message: 'no', data: {} }) : undefined
    expectRefusal(await approved(first), 'SessionGone')
    world.upstream.script = undefined
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    await eventually(() => changed().then((rows) => JSON.stringify(rows) === '[["0"]]'), patienceMs)
  })

  test('into which no other of its session writes', async () => {
    const over = Promise.withResolvers<undefined>()
    world.upstream.script = ({ sql }) => (sql === 'COMMIT' ? over.promise : undefined)
    const answer = approved(first)
    await eventually(() => transactions().includes('COMMIT'), patienceMs)
    const write = session.query('INSERT INTO analytics.public.small VALUES (2)')
    const sent = () => reached(world, 'INSERT').length > 0
    await expect(eventually(sent, 3_000)).rejects.toThrow()
    over.resolve(undefined)
    expect(await answer).toMatchObject({ success: true })
    expect(await write).toMatchObject({ success: true })
  })
})

test('that it was approved is told when it has its turn, and is let through', async () => {
  const over = Promise.withResolvers<undefined>()
  world.upstream.script = (request) =>
    isAgentStatement(request) && request.sql.includes('OTHER') ? over.promise : undefined
  const ddl = sibling.query('CREATE OR REPLACE VIEW analytics.public.other AS SELECT 1 AS id')
  await eventually(() => reached(world, 'OTHER').length > 0, patienceMs)
  const first = await session.query(update, { body: { asyncExec: true } })
  const id = textIn(first.data, 'queryId')
  const status = async (): Promise<unknown> => {
    const { data } = await sibling.get(`/monitoring/queries/${id}`)
    return (data['queries'] as { status: unknown }[])[0]?.status
  }
  ;(await people.question(0)).approve()
  const decided = async () =>
    (await gateway.events()).some(({ type }) => type === 'approval.decided')
  await eventually(decided, patienceMs)
  expect(await status()).toBe('QUEUED')
  const seen: unknown[] = []
  whenAllowed(async () => {
    seen.push(await status())
  })
  over.resolve(undefined)
  expect(await ddl).toMatchObject({ success: true })
  const path = `/queries/${id}/result`
  expect(await settled(session, await session.get(path))).toMatchObject({ success: true })
  // Of the DDL that was under way nothing is decided any more: what is, is the approved one.
  expect(seen).toEqual(['QUEUED'])
})
