import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { JsonObject } from '../../../sidecar/json.ts'
import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

const canary = '900-00-0001'

let world: World
let gateway: TestGateway
let session: ClientSession

/** A result store in the test's hands: bodies by path, sent in pieces. */
const bodies = new Map<string, readonly Buffer[]>()
const store = createServer((request, response) => {
  const pieces = bodies.get(request.url ?? '') ?? []
  const packed = pieces[0]?.[0] === 0x1f
  response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {})
  void (async () => {
    for (const piece of pieces) {
      response.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    response.end()
  })()
})
let storeUrl = ''

beforeAll(async () => {
  storeUrl = await listen(store)
  world = await startWorld({ seed: { patients: 600, orders: 20 }, chunkRows: 100 })
  const { connection } = world.bundle
  const bundle = sealBundle({
    ...world.bundle,
    connection: { ...connection, canaries: [canary] },
  })
  gateway = await world.gateway({ bundle })
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(async () => {
  await world.close()
  await closeServer(store)
})

interface Chunk {
  readonly url: string
  readonly headers: Record<string, string>
}

type Rows = readonly (readonly (string | null)[])[]
const bodyOf = (rows: Rows) => Buffer.from(rows.map((row) => JSON.stringify(row)).join(','))

const halves = ({ length }: Buffer) => [Math.ceil(length / 2), Math.ceil(length / 2) + 1] as const

/** Chunks of what the statement asks for, with the rows that the test gives them. */
async function chunksOf(sql: string, chunks: readonly Rows[], pack = false) {
  world.upstream.script = async (request, forward) => {
    if (!isAgentStatement(request)) return undefined
    const envelope = await forward()
    const described = chunks.map((rows, index) => {
      const path = `/${String(bodies.size)}`
      const bytes = pack ? gzipSync(bodyOf(rows)) : bodyOf(rows)
      // Twice within the value that must not come out, where that can be: no piece of it tells
      // that it is none before the last, so that what went before must have been held back.
      const within = Math.max(bytes.indexOf('911-22'), bytes.indexOf(canary))
      const [one, two] = within < 0 ? halves(bytes) : [within + 4, within + 7]
      bodies.set(path, [bytes.subarray(0, one), bytes.subarray(one, two), bytes.subarray(two)])
      return { url: storeUrl + path, rowCount: rows.length, uncompressedSize: index + 9, compressedSize: 9 }
    }) // prettier-ignore
    const total = chunks.reduce((sum, rows) => sum + rows.length, 0)
    return json({
      ...envelope,
      data: { ...envelope.data, rowset: [], total, chunks: described, chunkHeaders: {} },
    })
  }
  const answer = await session.query(sql)
  world.upstream.script = undefined
  expect(answer.message).toBe('')
  return { statement: textIn(answer.data, 'queryId'), chunks: chunksIn(answer.data) }
}

function chunksIn(data: JsonObject): readonly Chunk[] {
  const listed = data['chunks'] as readonly { readonly url: string }[]
  const headers = data['chunkHeaders'] as Record<string, string>
  return listed.map(({ url }) => ({ url, headers }))
}

/** What of a chunk reaches a client: its text, or as far as it came. */
async function received({ url, headers }: Chunk): Promise<{ text: string; whole: boolean }> {
  const response = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' } })
  let text = ''
  try {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString('utf8')
    return { text, whole: response.ok }
  } catch {
    return { text, whole: false }
  }
}

const patients = 'SELECT id, ssn FROM health.phi.patients'
const masked = (from: number, count: number): Rows =>
  Array.from({ length: count }, (_, index) => [String(from + index), '*******3456'])

async function relayed(statement: string) {
  const events = await gateway.events()
  return events.filter(
    (event) => event.type === 'chunk.relayed' && event.statement === statement,
  )
} // prettier-ignore

describe.each([
  ['plain', false],
  ['gzip', true],
])('a chunk of masked columns, %s,', (_what, pack) => {
  test('is relayed as it is', async () => {
    const { chunks, statement } = await chunksOf(patients, [masked(0, 50)], pack)
    const [chunk] = chunks
    if (!chunk) throw new Error('no chunk')
    const { text, whole } = await received(chunk)
    expect(whole).toBe(true)
    expect(text).toBe(bodyOf(masked(0, 50)).toString())
    expect(await relayed(statement)).toMatchObject([{ complete: true, stored: true }])
  })

  test('is cut off before a value that its mask cannot give, and so is the rest of the result', async () => {
    const bad = [...masked(50, 30), ['80', '911-22-3333'], ...masked(81, 30)]
    const { chunks, statement } = await chunksOf(
      patients,
      [masked(0, 50), bad, masked(200, 5)],
      pack,
    )
    const [first, second, third] = chunks
    if (!first || !second || !third) throw new Error('no chunks')
    expect(await received(first)).toMatchObject({ whole: true })

    const { text, whole } = await received(second)
    expect(whole).toBe(false)
    expect(text).not.toContain('911')
    const events = await eventually(async () => {
      const found = await relayed(statement)
      return found.length === 2 && found
    })
    expect(events[1]).toMatchObject({
      complete: false, stored: false, error: { name: 'UpstreamAnswerRefused' },
    }) // prettier-ignore
    expect(gateway.log()).toContain('its mask cannot give')
    expect(gateway.log() + JSON.stringify(events)).not.toContain('911-22')

    for (const chunk of [first, second, third]) {
      expect((await fetch(chunk.url, { headers: chunk.headers })).status).toBe(404)
    }
    const again = await session.query(`SELECT LEFT(ssn, 3) FROM TABLE(RESULT_SCAN('${statement}'))`)
    expectRefusal(again, 'ResultUnknown')
  })
})

describe('a canary', () => {
  const orders = 'SELECT order_id, status FROM analytics.public.orders'

  async function expectIncident(): Promise<void> {
    const events = await gateway.events()
    const failed = events.findLast((event) => event.type === 'statement.failed')
    expect(failed).toMatchObject({ error: { name: 'CanarySeen' } })
    expect(gateway.log()).toContain('CanarySeen')
    expect(gateway.log()).not.toContain(canary)
    const told = events.filter(({ type }) => type !== 'statement.received')
    expect(JSON.stringify(told.slice(-2))).not.toContain(canary)
  }

  /** What Snowflake answers, changed. */
  function answering(change: (data: JsonObject) => JsonObject): void {
    world.upstream.script = async (request, forward) => {
      if (!isAgentStatement(request)) return undefined
      const envelope = await forward()
      return json({ ...envelope, data: { ...envelope.data, ...change(envelope.data) } })
    }
  }

  test('in an inline cell, within other text, refuses the result', async () => {
    answering(() => ({ rowset: [['1', `a ${canary} b`]], total: 1 }))
    expectRefusal(await session.query(orders), 'CanarySeen')
    await expectIncident()
  })

  test('in a column name refuses the result', async () => {
    answering(({ rowtype }) => ({
      rowtype: (rowtype as JsonObject[]).map((column) => ({ ...column, name: `x${canary}` })),
    }))
    expectRefusal(await session.query('SELECT order_id FROM analytics.public.orders'), 'CanarySeen')
    await expectIncident()
  })

  test('in an error text refuses the error', async () => {
    world.upstream.script = (request) =>
      isAgentStatement(request)
        ? json({
            success: false, code: '100038', message: `Numeric value '${canary}' is not recognized`,
            data: { errorCode: '100038', sqlState: '22018', queryId: '01x' },
          })
        : undefined // prettier-ignore
    const answer = await session.query(orders)
    expectRefusal(answer, 'CanarySeen')
    await expectIncident()
  })

  test('in a chunk cuts it off, though no column is masked', async () => {
    const rows = [['1', 'open'], ['2', `{"note": "${canary}"}`], ['3', 'open']] // prettier-ignore
    const { chunks, statement } = await chunksOf(orders, [rows])
    const [chunk] = chunks
    if (!chunk) throw new Error('no chunk')
    const { text, whole } = await received(chunk)
    expect(whole).toBe(false)
    expect(text).not.toContain(canary)
    const [event] = await eventually(async () => {
      const found = await relayed(statement)
      return found.length > 0 && found
    })
    expect(event).toMatchObject({ complete: false, error: { name: 'CanarySeen' } })
  })
})
