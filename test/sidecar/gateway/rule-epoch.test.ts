/** Rules that came while a statement ran: nothing that earlier ones let through is given any more. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { outcomeOf, statusOf } from '../../../sidecar/endpoints/outcome.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import type { LedgerEntry } from '../../../sidecar/session/ledger.ts'
import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import { anything, holding, holdingGateway, patients, reached, settled } from './holds-support.ts'

const patienceMs = 20_000

let world: World
let gateway: TestGateway
let session: ClientSession
/** Called after an event is recorded. */
let onRecorded: (event: RecordedEvent) => Promise<unknown>

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 40, orders: 40 }, chunkRows: 10 })
  await world.warehouse.execute('CREATE TABLE ANALYTICS.PUBLIC.COPIES (SSN VARCHAR)')
})

beforeEach(async () => {
  onRecorded = () => Promise.resolve()
  gateway = await world.gateway({
    bundle: loose(),
    longPollMs: patienceMs,
    wrap: (file) => ({
      blob: (mode) => file.blob(mode),
      record: async (event) => {
        await file.record(event)
        await onRecorded(event)
      },
    }),
  })
  session = await gateway.login()
  world.upstream.seen.length = 0
})

afterEach(async () => {
  world.upstream.script = undefined
  await gateway.close()
})
afterAll(() => world.close())

const loose = (): Bundle => holding(world, [anything], { masks: [] })
const strict = (): Bundle => holding(world, [anything])
/** The rules of `loose`, in another bundle. */
const sameRules = (): Bundle => {
  const bundle = loose()
  return sealBundle({ ...bundle, connection: { ...bundle.connection, maxStale: 1 } })
}

const select = 'SELECT ssn FROM health.phi.patients ORDER BY id'
const few = `${select} LIMIT 2`

/** Applied while Snowflake has the statement. */
async function whileItRuns(sql: string, bundle: Bundle): Promise<ClientAnswer> {
  const over = Promise.withResolvers<undefined>()
  let atSnowflake = false
  world.upstream.script = (request) => {
    if (!isAgentStatement(request)) return undefined
    atSnowflake = true
    return over.promise
  }
  const first = await session.query(sql, { body: { asyncExec: true } })
  await eventually(() => atSnowflake, patienceMs)
  await gateway.running.apply(bundle)
  over.resolve(undefined)
  const path = `/queries/${textIn(first.data, 'queryId')}/result`
  return await settled(session, await session.get(path))
}

describe('rules that come while a statement runs', () => {
  test.each([
    ['in its answer', few],
    ['in chunks', select],
  ])('withhold what it read, %s', async (_where, sql) => {
    const answer = await whileItRuns(sql, strict())
    expectRefusal(answer, 'RulesChanged')
    expect(answer.text).not.toMatch(/\d{3}-\d{2}-\d{4}/)
    const refusals = (await gateway.events()).filter(({ type }) => type === 'statement.failed')
    expect(refusals).toMatchObject([{ error: { name: 'RulesChanged' } }])
    expect((await session.query(few)).data['rowset']).not.toEqual([])
  })

  test('withhold what Snowflake said of an error', async () => {
    const failed = {
      success: false,
      code: '100038',
      message: "'123-45-6789' is no number",
      data: {},
    }
    const over = Promise.withResolvers<undefined>()
    let atSnowflake = false
    world.upstream.script = async (request) => {
      if (!isAgentStatement(request)) return undefined
      atSnowflake = true
      await over.promise
      return json(failed)
    }
    const answer = session.query(few)
    await eventually(() => atSnowflake, patienceMs)
    await gateway.running.apply(strict())
    over.resolve(undefined)
    const told = await answer
    expectRefusal(told, 'RulesChanged')
    expect(told.text).not.toContain('123-45')
    expect(await gateway.events()).toContainEqual(
      expect.objectContaining({
        type: 'statement.failed',
        error: expect.objectContaining({ name: 'RulesChanged' }) as unknown,
      }),
    )
  })

  test('do not keep from a client what its statement did', async () => {
    const sql = 'INSERT INTO analytics.public.copies SELECT ssn FROM health.phi.patients'
    expect((await whileItRuns(sql, strict())).data['rowset']).toEqual([['40']])
  })

  test('change nothing if they are the same', async () => {
    const answer = await whileItRuns(few, sameRules())
    expect(answer.data['rowset']).toEqual([
      [expect.stringMatching(/^\d/)],
      [expect.stringMatching(/^\d/)],
    ])
  })

  test('also when it has ended, and its end is being recorded', async () => {
    onRecorded = async ({ type }) => {
      if (type !== 'statement.finished') return
      onRecorded = () => Promise.resolve()
      await gateway.running.apply(strict())
    }
    expectRefusal(await session.query(few), 'RulesChanged')
  })
})

test('a request of several statements tells no more of an error than the one that failed', async () => {
  const message = "'123-45-6789' is no number"
  world.upstream.script = (request) =>
    isAgentStatement(request)
      ? json({ success: false, code: '100038', message, data: {} })
      : undefined
  onRecorded = async ({ type }) => {
    if (type !== 'statement.failed') return
    onRecorded = () => Promise.resolve()
    await gateway.running.apply(strict())
  }
  const body = { parameters: { MULTI_STATEMENT_COUNT: 2 } }
  const told = await session.query(`${few}; SELECT 1`, { body })
  expectRefusal(told, 'RulesChanged')
  expect(told.text).not.toContain('123-45')
})

describe('an outcome that is handed out', () => {
  const entry = (rules: string | undefined) =>
    ({
      statement: 's',
      outcome: Promise.resolve({ success: false, code: '1', message: 'raw', data: null }),
      state: 'failed',
      told: { code: '1', message: 'raw', rows: 0 },
      rules,
    }) as unknown as LedgerEntry
  const governing = () => ({
    longPollMs: 1_000,
    governor: { governance: { bundle: world.bundle } },
  })

  test('is looked at once more at that moment', async () => {
    await expect(outcomeOf(entry('earlier'), 's', governing())).rejects.toThrow('RulesChanged')
    expect(await outcomeOf(entry(undefined), 's', governing())).toMatchObject({ message: 'raw' })
  })

  test('tells nothing by its status either', () => {
    expect(JSON.stringify(statusOf(entry('earlier'), governing()))).not.toContain('raw')
    expect(statusOf(entry(undefined), governing())).toMatchObject({ errorMessage: 'raw' })
  })
})

describe('a statement that waited for its turn', () => {
  const late = 'CREATE OR REPLACE TABLE analytics.public.late AS SELECT 1 AS id'

  test.each(['apply', 'suspend'] as const)('is judged by what governs then: %s', async (how) => {
    const { gateway: own, people } = await holdingGateway(world, {
      bundle: holding(world, [anything, patients]),
    })
    const client = await own.login()
    const over = Promise.withResolvers<undefined>()
    world.upstream.script = (request) =>
      isAgentStatement(request) && request.sql.includes('PATIENTS') ? over.promise : undefined
    const approved = client.query('SELECT id FROM health.phi.patients')
    ;(await people.question(0)).approve()
    await eventually(() => reached(world, 'PATIENTS').length > 0, patienceMs)
    const waiting = client.query(late)
    // It runs beside the other, so the first of them is planned by now.
    await expect(eventually(() => reached(world, 'LATE').length > 0, 2_000)).rejects.toThrow()
    if (how === 'apply')
      await own.running.apply(holding(world, [{ ...anything, statements: ['Query'] }]))
    else await own.running.suspend('closed by operator')
    over.resolve(undefined)
    await approved
    expectRefusal(await waiting, how === 'apply' ? 'PolicyUncovered' : 'ConnectionClosed')
    expect(reached(world, 'LATE')).toEqual([])
    await own.close()
  })
})

test('nothing is sent any more once the connection is closed, though it was let through', async () => {
  onRecorded = async (event) => {
    if (event.type === 'statement.decided') await gateway.running.suspend('maintenance')
  }
  expectRefusal(await session.query(few), 'ConnectionClosed')
  expect(reached(world, 'PATIENTS')).toEqual([])
})
