import { randomUUID } from 'node:crypto'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 20, orders: 300 }, chunkRows: 100 })
  gateway = await world.gateway({ longPollMs: 300 })
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

const mark = (): number => world.upstream.seen.length
const ran = (from: number) => world.upstream.seen.slice(from).filter(isAgentStatement)

const start = (
  sql: string,
  options: { readonly by?: ClientSession; readonly requestId?: string } = {},
): Promise<ClientAnswer> =>
  (options.by ?? session).query(sql, {
    requestId: options.requestId ?? randomUUID(),
    body: { asyncExec: true },
  })

const idOf = ({ data }: ClientAnswer): string => textIn(data, 'queryId')

async function ended(id: string, by = session): Promise<ClientAnswer> {
  return await eventually(async () => {
    const answer = await by.get(`/queries/${id}/result`)
    return answer.code?.startsWith('33333') === true ? undefined : answer
  }, 20_000)
}

/** As a driver waits: until it has an outcome. */
async function asked(sql: string, by = session): Promise<ClientAnswer> {
  const answer = await by.query(sql)
  return answer.code === '333333' ? await ended(idOf(answer), by) : answer
}

/** Lets the agent's next statement wait at Snowflake until what is returned is called. */
function hold(): () => void {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (isAgentStatement(request)) await held
    return undefined
  }
  return release
}

describe('an asynchronous statement', () => {
  test('is answered at once, runs by itself, and is fetched by its id', async () => {
    const release = hold()
    const from = mark()
    const answer = await start('SELECT 7')
    const id = idOf(answer)
    expect(answer).toMatchObject({
      success: true,
      code: '333334',
      data: { getResultUrl: `/queries/${id}/result` },
    })
    expect(await session.get(`/queries/${id}/result`)).toMatchObject({
      success: true,
      code: '333334',
      data: { queryId: id, getResultUrl: `/queries/${id}/result` },
    })
    release()
    expect(await ended(id)).toMatchObject({ success: true, data: { rowset: [['7']] } })
    expect(ran(from).map(({ body }) => body['asyncExec'])).toEqual([false])
  })

  test('asked for again is the same, also when it has ended', async () => {
    const from = mark()
    const requestId = randomUUID()
    const one = await start('SELECT 8', { requestId })
    await ended(idOf(one))
    expect((await start('SELECT 8', { requestId })).text).toBe(one.text)
    expect(ran(from)).toHaveLength(1)
    // The same text to be waited for is another request.
    expectRefusal(await session.query('SELECT 8', { requestId }), 'RequestIdReused')
  })

  test('is masked, and its result can be scanned by id', async () => {
    const id = idOf(await start('SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 2'))
    const { text } = await ended(id)
    expect(text).not.toMatch(/\b9\d\d-\d\d-\d{4}\b/)
    const sql = `select * from table(result_scan('${id}'))`
    const scanned = await asked(sql)
    expect(scanned).toMatchObject({ success: true, data: { total: 2 } })
    expect(scanned.text).not.toMatch(/\b9\d\d-\d\d-\d{4}\b/)
    const used = await asked(`${sql} WHERE ssn = 'x'`)
    expectRefusal(used, 'ColumnUseRefused')
  })

  test('that runs or was refused cannot be scanned, and the refusal says which', async () => {
    const release = hold()
    const running = idOf(await start('SELECT 9'))
    world.upstream.script = undefined
    const scan = (id: string) => asked(`select * from table(result_scan('${id}'))`)
    const early = await scan(running)
    expectRefusal(early, 'ResultNotReady')
    expect(early.message).toContain('it is still running')
    release()
    await ended(running)
    expect(await scan(running)).toMatchObject({ success: true })
    const refused = idOf(await start('GRANT ROLE a TO USER b'))
    expectRefusal(await ended(refused), 'PolicyUncovered')
    expect((await scan(refused)).message).toContain('it was refused or failed (003001)')
  })

  test('may hold several, each fetched by its own id', async () => {
    const answer = await session.query('SELECT 1; SELECT 2', {
      body: { asyncExec: true, parameters: { MULTI_STATEMENT_COUNT: 2 } },
    })
    expect(answer.code).toBe('333334')
    const { data } = await ended(idOf(answer))
    const [, second = ''] = textIn(data, 'resultIds').split(',')
    expect((await ended(second)).data).toMatchObject({ rowset: [['2']] })
  })

  test('of another session of the same identity can be fetched; of another identity not', async () => {
    const sibling = await gateway.login()
    const stranger = await gateway.client.open(
      await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] }),
    )
    const less = await gateway.client.open(
      await world.issuer.mint({ subject: 'agent-7', groups: ['ai-coding-agents', 'more'] }),
    )
    const id = idOf(await start('SELECT 10'))
    const own = await ended(id)
    expect((await sibling.get(`/queries/${id}/result`)).text).toBe(own.text)
    expect((await sibling.get(`/queries/${id.toUpperCase()}/result`)).text).toBe(own.text)
    const nobody = randomUUID()
    for (const other of [stranger, less]) {
      const foreign = await other.get(`/queries/${id}/result`)
      expectRefusal(foreign, 'QueryUnknown')
      const unknown = await other.get(`/queries/${nobody}/result`)
      expect(foreign.message.replace(id, nobody)).toBe(unknown.message)
      expect((await other.get(`/monitoring/queries/${id}`)).data).toEqual({ queries: [] })
      expectRefusal(
        await asked(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`, other),
        'ResultUnknown',
      )
    }
    const from = mark()
    await asked(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`, sibling)
    expect(ran(from)).toHaveLength(1)
    await session.logout()
    expectRefusal(await sibling.get(`/queries/${id}/result`), 'QueryUnknown')
    session = await gateway.login()
  })

  test('whose result is no longer kept is told apart from one that never was', async () => {
    const own = await gateway.login()
    const first = idOf(await start('SELECT 11', { by: own }))
    await ended(first, own)
    for (let count = 0; count < 3; count += 1) {
      const sql = Array(100).fill('SELECT 1').join(';')
      const answer = await own.query(sql, {
        body: { asyncExec: true, parameters: { MULTI_STATEMENT_COUNT: 0 } },
      })
      await ended(idOf(answer), own)
    }
    expectRefusal(await own.get(`/queries/${first}/result`), 'ResultForgotten')
    expect((await own.get(`/monitoring/queries/${first}`)).data).toMatchObject({
      queries: [{ status: 'SUCCESS' }],
    })
  }, 120_000)
})

describe('statement timeouts', () => {
  const text =
    'Statement reached its statement or warehouse timeout of 5 second(s) and was canceled.'

  test('pass within what policy grants, and their text reaches the client', async () => {
    world.upstream.script = (request) =>
      isAgentStatement(request)
        ? json({
            success: false,
            code: '000630',
            message: text,
            data: { sqlState: '57014', errorCode: '000630' },
          })
        : undefined
    const from = mark()
    const begun = await session.query('SELECT ssn FROM health.phi.patients', {
      body: { asyncExec: true, parameters: { STATEMENT_TIMEOUT_IN_SECONDS: 5 } },
    })
    const answer = await ended(idOf(begun))
    expect(answer).toMatchObject({ code: '000630', message: text, data: { sqlState: '57014' } })
    expect(ran(from)[0]?.body['parameters']).toMatchObject({ STATEMENT_TIMEOUT_IN_SECONDS: 5 })
  })

  test('with another text of that code are withheld where masked columns are read', async () => {
    world.upstream.script = (request) =>
      isAgentStatement(request)
        ? json({ success: false, code: '000630', message: 'value 900-00-0001', data: {} })
        : undefined
    const answer = await asked('SELECT ssn FROM health.phi.patients')
    expect(answer.success).toBe(false)
    expect(answer.message).not.toContain('900-00')
  })
})
