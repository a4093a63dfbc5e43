import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Fault, FaultPoint, Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { cellsOfStream } from './arrow-cells.ts'
import { type AnswerData, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient
let fault: ((point: FaultPoint) => Fault | undefined) | undefined

beforeAll(async () => {
  warehouse = await smallWarehouse({ faults: (point) => fault?.(point) })
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())
beforeEach(() => {
  fault = undefined
})

const on = (route: string, what: Fault): void => {
  fault = (point) => (point.route === route ? what : undefined)
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

/** Reads an answer as its bytes are, without decoding them. */
function bytes(url: string, headers: Readonly<Record<string, string>>, sql?: string) {
  return new Promise<Received>((resolve, reject) => {
    const options = {
      method: sql === undefined ? 'GET' : 'POST',
      headers,
      maxHeaderSize: 1_000_000,
    }
    httpRequest(url, options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const status = response.statusCode ?? 0
        resolve({ status, headers: response.headers, body: Buffer.concat(parts) })
      })
    })
      .on('error', reject)
      .end(sql === undefined ? undefined : JSON.stringify({ sqlText: sql }))
  })
}

const post = (sql: string): Promise<Received> =>
  bytes(
    `${warehouse.url}/queries/v1/query-request?requestId=${crypto.randomUUID()}`,
    { authorization: `Snowflake Token="${raw.token}"` },
    sql,
  )

interface Wire {
  readonly code: unknown
  readonly data: Readonly<Record<string, unknown>>
}
const json = ({ body }: Received): Wire => JSON.parse(body.toString('utf8')) as Wire

describe('connections', () => {
  test('dropped before processing: nothing ran', async () => {
    on('query', { kind: 'drop', when: 'before' })
    await expect(post('SELECT 1 AS DROP_BEFORE')).rejects.toThrow()
    expect(warehouse.executions('DROP_BEFORE')).toEqual([])
  })

  test('dropped after processing: it ran, once, and its answer is kept for the same requestId', async () => {
    const id = crypto.randomUUID()
    on('query', { kind: 'drop', when: 'after' })
    await expect(raw.query('SELECT 1 AS DROP_AFTER', {}, id)).rejects.toThrow()
    fault = undefined
    expect((await raw.query('SELECT 1 AS DROP_AFTER', {}, id)).data.rowset).toEqual([['1']])
    expect(warehouse.executions('DROP_AFTER')).toHaveLength(1)
  })

  test.each(['before', 'after'] as const)('delayed %s processing', async (when) => {
    on('query', { kind: 'delay', ms: 150, when })
    const start = performance.now()
    const { body } = await post('SELECT 1')
    expect(performance.now() - start).toBeGreaterThan(140)
    expect(body.length).toBeGreaterThan(0)
  })

  test('a delay before processing holds the statement back', async () => {
    on('query', { kind: 'delay', ms: 200 })
    const late = post('SELECT 1 AS LATE')
    expect(warehouse.executions('AS LATE')).toEqual([])
    await late
    expect(warehouse.executions('AS LATE')).toHaveLength(1)
  })

  test('reordered: the answer of A comes after that of B', async () => {
    const until = { route: 'query', sql: 'as b_side' }
    fault = ({ sqlText }) =>
      sqlText?.includes('A_SIDE') ? { kind: 'reorder', until, atMostMs: 60_000 } : undefined
    const order: string[] = []
    const a = post('SELECT 1 AS A_SIDE').then(() => order.push('A'))
    await expect.poll(() => warehouse.executions('A_SIDE')).toHaveLength(1)
    const b = post('SELECT 2 AS B_SIDE').then(() => order.push('B'))
    await Promise.all([a, b])
    expect(order).toEqual(['B', 'A'])
  })

  test('an answer held for another that never comes goes out in the end', async () => {
    on('query', { kind: 'reorder', until: { route: 'login' }, atMostMs: 50 })
    expect((await post('SELECT 1')).status).toBe(200)
  })

  test('dripped: whole, but slowly', async () => {
    const whole = json(await post('SELECT 1'))
    on('query', { kind: 'drip', bytes: 500, everyMs: 20 })
    const start = performance.now()
    const slow = json(await post('SELECT 1'))
    expect(Object.keys(slow.data)).toEqual(Object.keys(whole.data))
    expect(performance.now() - start).toBeGreaterThan(60)
  })
})

describe('answers in place of the usual', () => {
  test.each([429, 503])('%i with Retry-After; nothing ran', async (status) => {
    on('query', { kind: 'status', status, headers: { 'retry-after': '2' } })
    const answer = await post(`SELECT 1 AS S${status}`)
    expect(answer).toMatchObject({ status, headers: { 'retry-after': '2' } })
    expect(warehouse.executions(`AS S${status}`)).toEqual([])
  })

  test('a redirect', async () => {
    on('query', { kind: 'redirect', location: 'http://127.0.0.1:9/' })
    expect(await post('SELECT 1')).toMatchObject({
      status: 307,
      headers: { location: 'http://127.0.0.1:9/' },
    })
  })

  test('half a body, cut or whole by its length', async () => {
    on('query', { kind: 'dieMidBody' })
    await expect(post('SELECT 1')).rejects.toThrow()
    on('query', { kind: 'truncate' })
    const half = await post('SELECT 1')
    expect(Number(half.headers['content-length'])).toBe(half.body.length)
    expect(() => json(half)).toThrow()
  })
})

describe('hostile fields', () => {
  const poisoned = async (field: (Fault & { kind: 'hostile' })['fields'][number]) => {
    on('query', { kind: 'hostile', fields: [field], url: 'http://127.0.0.1:9/x' })
    return post('SELECT 1')
  }

  test.each([
    ['command', { command: 'UPLOAD', src_locations: ['/etc/hostname'] }],
    ['stageInfo', { stageInfo: { presignedUrl: 'http://127.0.0.1:9/x' } }],
    ['presignedUrls', { presignedUrls: ['http://127.0.0.1:9/x'] }],
    ['absoluteResultUrl', { getResultUrl: 'http://127.0.0.1:9/x' }],
    ['unknownKeys', { hostile: { url: 'http://127.0.0.1:9/x' } }],
  ] as const)('%s', async (field, data) => {
    expect(json(await poisoned(field)).data).toMatchObject(data)
  })

  test('a result URL elsewhere comes with 333333', async () => {
    expect(json(await poisoned('absoluteResultUrl')).code).toBe('333333')
  })

  test('a code that is a number', async () => {
    expect(json(await poisoned('numericCode')).code).toBe(0)
  })

  test('huge headers, and cookies', async () => {
    expect(String((await poisoned('hugeHeaders')).headers['x-padding'])).toHaveLength(100_000)
    expect((await poisoned('setCookie')).headers['set-cookie']).toEqual(['hostile=1; Path=/'])
  })

  test('__proto__ as an own member, on two levels', async () => {
    const { data } = json(await poisoned('proto'))
    expect(Object.hasOwn(data, '__proto__')).toBe(true)
    expect(Object.hasOwn(data['stats'] as object, '__proto__')).toBe(true)
  })

  test('several at once', async () => {
    on('query', { kind: 'hostile', fields: ['command', 'setCookie'] })
    const answer = await post('SELECT 1')
    expect(json(answer).data['command']).toBe('UPLOAD')
    expect(answer.headers).toHaveProperty('set-cookie')
  })
})

describe('chunks', () => {
  const result = async (client = ''): Promise<AnswerData> => {
    const own = new RawClient(warehouse.url)
    await own.login('', { CLIENT_APP_ID: client })
    return (await own.query('SELECT ID, NAME FROM HEALTH.PHI.PATIENTS ORDER BY ID')).data
  }
  const chunkOf = async (what: Fault, client = ''): Promise<Received> => {
    const data = await result(client)
    on('chunk', what)
    return bytes(data.chunks?.[0]?.url ?? '', { ...data.chunkHeaders })
  }

  test('half a chunk, cut or whole by its length', async () => {
    await expect(chunkOf({ kind: 'dieMidBody' })).rejects.toThrow()
    const half = await chunkOf({ kind: 'truncate' })
    expect(Number(half.headers['content-length'])).toBe(half.body.length)
    expect(() => gunzipSync(half.body)).toThrow()
  })

  test('gzip that is broken, not announced, or announced and absent', async () => {
    const corrupt = await chunkOf({ kind: 'wrongGzip', how: 'corrupt' })
    expect(corrupt.headers['content-encoding']).toBe('gzip')
    expect(() => gunzipSync(corrupt.body)).toThrow()
    const unlabelled = await chunkOf({ kind: 'wrongGzip', how: 'unlabelled' })
    expect(unlabelled.headers).not.toHaveProperty('content-encoding')
    expect(gunzipSync(unlabelled.body).toString('utf8')).toMatch(/^\["101"/)
    const mislabelled = await chunkOf({ kind: 'wrongGzip', how: 'mislabelled' })
    expect(mislabelled.headers['content-encoding']).toBe('gzip')
    expect(mislabelled.body.toString('utf8')).toMatch(/^\["101"/)
  })

  test.each([
    ['fewer', 99, 2],
    ['more', 101, 2],
    ['extraColumn', 100, 3],
    ['missingColumn', 100, 1],
  ] as const)('with %s than announced, in both formats', async (change, rows, columns) => {
    const { body } = await chunkOf({ kind: 'wrongRows', change })
    const text = JSON.parse(`[${gunzipSync(body).toString('utf8')}]`) as unknown[][]
    expect([text.length, text[0]?.length]).toEqual([rows, columns])
    const arrow = cellsOfStream(
      gunzipSync((await chunkOf({ kind: 'wrongRows', change }, 'Go')).body),
    )
    expect([arrow.rows.length, arrow.rows[0]?.length]).toEqual([rows, columns])
  })
})

test('a script does it without a function, and what happened is told', async () => {
  const scripted = await smallWarehouse({
    seed: false,
    faults: { rules: [{ route: 'query', nth: 2, fault: { kind: 'status', status: 503 } }] },
  })
  try {
    const own = new RawClient(scripted.url)
    await own.login()
    expect((await own.query('SELECT 1')).success).toBe(true)
    await expect(own.query('SELECT 1')).rejects.toThrow()
    expect((await own.query('SELECT 1')).success).toBe(true)
    expect(scripted.faults()).toEqual([{ route: 'query', kind: 'status' }])
  } finally {
    await scripted.close()
  }
})
