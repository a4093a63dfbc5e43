import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

import { tableFromIPC, type Table } from 'apache-arrow'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../../sidecar/json.ts'
import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

/** A result store in the test's hands. */
const bodies = new Map<string, Buffer>()
const store = createServer((request, response) => {
  response.end(bodies.get(request.url ?? ''))
})
let storeUrl = ''

beforeAll(async () => {
  storeUrl = await listen(store)
  world = await startWorld({ seed: { patients: 600, orders: 20 }, chunkRows: 100 })
  gateway = await world.gateway()
  session = await loginAs('PythonConnector')
})
afterEach(() => {
  world.upstream.script = undefined
})
afterAll(async () => {
  await world.close()
  await closeServer(store)
})

const loginAs = (name: string, data: JsonObject = {}): Promise<ClientSession> =>
  gateway.login({ data: { CLIENT_APP_ID: name, CLIENT_APP_VERSION: '4.8.1', ...data } })

const patients = 'SELECT id, ssn FROM health.phi.patients ORDER BY id'

async function chunks(data: JsonObject): Promise<readonly Buffer[]> {
  const listed = (data['chunks'] ?? []) as readonly { readonly url: string }[]
  const headers = data['chunkHeaders'] as Record<string, string>
  return await Promise.all(
    listed.map(async ({ url }) => Buffer.from(await (await fetch(url, { headers })).arrayBuffer())),
  )
}

const inline = (data: JsonObject): Buffer => Buffer.from(textIn(data, 'rowsetBase64'), 'base64')
const cells = (tables: readonly Table[], index: number) =>
  tables.flatMap((table) =>
    Array.from({ length: table.numRows }, (_, row) => table.getChildAt(index)?.get(row) as unknown),
  )

/** A driver that reads all streams of a result by the schema of the first. */
const core = { CLIENT_CAPABILITIES: { SMK_ID_AS_STRING: true } }

describe('a driver that reads Arrow', () => {
  test('gets a masked result in it, inline and in chunks', async () => {
    const { data, message } = await session.query(patients)
    expect(message).toBe('')
    expect(data).toMatchObject({ queryResultFormat: 'arrow', total: 600, returned: 600 })
    expect(data).not.toHaveProperty('rowset')
    const first = inline(data)
    const streams = [...(first.length === 0 ? [] : [first]), ...(await chunks(data))]
    expect(streams.length).toBeGreaterThan(2)
    const tables = streams.map((stream) => tableFromIPC(stream))
    expect(cells(tables, 0)).toHaveLength(600)
    for (const ssn of cells(tables, 1)) expect(ssn === null || (typeof ssn === 'string' && /^\*{7}\d{4}$/.test(ssn))).toBe(true)
  }) // prettier-ignore

  test('gets JSON where it asks for it, with one statement or for its session', async () => {
    const parameters = { PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'JSON' }
    const once = await session.query(patients, { body: { parameters } })
    expect(once.data).toMatchObject({ queryResultFormat: 'json' })
    expect((await session.query(patients)).data).toMatchObject({ queryResultFormat: 'arrow' })
    for (const [name, data] of [
      ['PythonConnector', { SESSION_PARAMETERS: parameters }],
      ['PythonConnector', { ...core, SESSION_PARAMETERS: parameters }],
      ['JavaScript', {}],
    ] as const) {
      const other = await loginAs(name, data)
      expect((await other.query(patients)).data).toMatchObject({ queryResultFormat: 'json' })
    }
    const jdbc = await loginAs('JDBC')
    expect((await jdbc.query(patients)).data).toMatchObject({ queryResultFormat: 'arrow' })
    const altered = await jdbc.query("ALTER SESSION SET JDBC_QUERY_RESULT_FORMAT = 'JSON'")
    expect(altered.message).toBe('')
    expect((await jdbc.query(patients)).data).toMatchObject({ queryResultFormat: 'json' })
  })

  test('finds listings and descriptions in JSON', async () => {
    for (const sql of ['SHOW TABLES IN SCHEMA health.phi', 'DESCRIBE TABLE health.phi.patients'])
      expect((await session.query(sql)).data).toMatchObject({ queryResultFormat: 'json' })
  })

  test('leaves a recording that holds its stream', async () => {
    const { data } = await session.query('SELECT id FROM health.phi.patients WHERE id < 20 ORDER BY id')
    const statement = textIn(data, 'queryId')
    const events = await gateway.events()
    const finished = events.find((event) => event.type === 'statement.finished' && event.statement === statement)
    const sha256 = createHash('sha256').update(inline(data)).digest('hex')
    expect(finished).toMatchObject({
      rows: null, rowsDigest: sha256,
      arrow: { bytes: inline(data).length, sha256, stored: true },
    })
  }) // prettier-ignore
})

type Answer = (data: JsonObject) => JsonObject

/** What the client gets where Snowflake's answer is another. */
async function answered(sql: string, change: Answer, as = session): Promise<ClientAnswer> {
  world.upstream.script = async (request, forward) => {
    if (!isAgentStatement(request)) return undefined
    const envelope = await forward()
    return json({ ...envelope, data: { ...envelope.data, ...change(envelope.data) } })
  }
  const answer = await as.query(sql)
  world.upstream.script = undefined
  return answer
}

const few = 'SELECT id, ssn FROM health.phi.patients WHERE id < 20'

/** The sample with the text of one cell, or of a header, in place of another of that length. */
const replaced =
  (from: RegExp, to: string): Answer =>
  (data) => {
    const text = inline(data).toString('latin1')
    expect(text).toMatch(from)
    const changed = Buffer.from(text.replace(from, to), 'latin1')
    return { rowsetBase64: changed.toString('base64') }
  }

describe('a driver that reads all of a result as its first stream', () => {
  /** Of 8 bits to 127, of 16 beyond. */
  const narrow = 'SELECT id FROM health.phi.patients WHERE id <= 120 ORDER BY id'
  const wide = 'SELECT id FROM health.phi.patients WHERE id <= 220 ORDER BY id'

  /** Each stream with the narrowest widths that its own rows fit in. */
  async function inItsOwnWidths<T>(work: (login: (data: JsonObject) => Promise<ClientSession>) => Promise<T>): Promise<T> {
    const other = await startWorld({ seed: { patients: 300, orders: 20 }, chunkRows: 100, arrowWidths: 'perStream' })
    try {
      const its = await other.gateway()
      return await work((data) => its.login({ data: { CLIENT_APP_ID: 'PythonConnector', CLIENT_APP_VERSION: '5.2.0', ...data } }))
    } finally {
      await other.close()
    }
  }

  test('gets Arrow, of one layout', async () => {
    const python5 = await loginAs('PythonConnector', core)
    const { data } = await python5.query(patients)
    expect(data).toMatchObject({ queryResultFormat: 'arrow', total: 600 })
    const tables = [inline(data), ...(await chunks(data))].map((stream) => tableFromIPC(stream))
    expect(cells(tables, 0)).toHaveLength(600)
  })

  test('is not sent another, and is told what to do; others are sent both', { timeout: 60_000 }, async () => {
    await inItsOwnWidths(async (login) => {
      const python5 = await login(core)
      expect(await chunks((await python5.query(narrow)).data)).toHaveLength(1)
      const { data } = await python5.query(wide)
      const listed = data['chunks'] as readonly { readonly url: string }[]
      const headers = data['chunkHeaders'] as Record<string, string>
      expect(listed).toHaveLength(2)
      const refused = await fetch(listed[1]?.url ?? '', { headers })
      expect(refused.status).toBe(404)
      const body = await refused.text()
      expect(body).toContain('laid out otherwise')
      expect(body).toContain("ALTER SESSION SET PYTHON_CONNECTOR_QUERY_RESULT_FORMAT = 'JSON'")

      const python4 = await login({})
      const given = (await python4.query(wide)).data
      const tables = [inline(given), ...(await chunks(given))].map((stream) => tableFromIPC(stream))
      expect(cells(tables, 0)).toHaveLength(220)
      expect(new Set(tables.map(({ schema }) => String(schema.fields[0]?.type))).size).toBe(2)
    })
  })
}) // prettier-ignore

describe('Arrow is refused', () => {
  test.each<[string, string, Answer]>([
    ['with a value in place of a mask', few, replaced(/\*{7}\d{4}/, '900-12-3456')],
    ['with a column marked as another type', few, replaced(/TEXT/, 'CHAT')],
    ['without its end', few, (data) => ({ rowsetBase64: inline(data).subarray(0, -60).toString('base64') })],
    ['with fewer columns than it says', few, (data) => ({ rowtype: (data['rowtype'] as unknown[]).slice(1) })],
    ['with more rows than it says', few, () => ({ total: 1 })],
    ['of a listing', 'SHOW TABLES IN SCHEMA health.phi', () => ({ rowset: null, queryResultFormat: 'arrow', rowsetBase64: '' })],
  ])('%s', async (_what, sql, change) => {
    expectRefusal(await answered(sql, change), 'UpstreamAnswerRefused')
  }) // prettier-ignore

  test('where it was not asked for', async () => {
    const node = await loginAs('JavaScript')
    const arrow = { rowset: null, queryResultFormat: 'arrow', rowsetBase64: '' }
    expectRefusal(await answered(few, () => arrow, node), 'UpstreamAnswerRefused')
  })

  test('in a chunk, before a byte of what is wrong leaves', async () => {
    let stream: Buffer = Buffer.alloc(0)
    const { data } = await answered(few, (given) => {
      stream = inline(given)
      const raw = stream.toString('latin1').replace(/\*{7}\d{4}/, '900-12-3456')
      bodies.set('/0', stream).set('/1', Buffer.from(raw, 'latin1'))
      const rowCount = Number(given['total'])
      const chunk = (index: number) => ({
        url: `${storeUrl}/${String(index)}`, rowCount, uncompressedSize: stream.length, compressedSize: 9,
      }) // prettier-ignore
      return { rowsetBase64: '', total: 2 * rowCount, chunks: [chunk(0), chunk(1)], chunkHeaders: {} }
    }) // prettier-ignore
    const headers = data['chunkHeaders'] as Record<string, string>
    const listed = data['chunks'] as readonly { readonly url: string }[]
    const received = await Promise.all(
      listed.map(async ({ url }) => {
        const pieces: Uint8Array[] = []
        try {
          const { body } = await fetch(url, { headers })
          for await (const piece of body ?? []) pieces.push(piece as Uint8Array)
        } catch {
          return `cut off: ${Buffer.concat(pieces).toString('latin1')}`
        }
        return Buffer.concat(pieces)
      }),
    )
    expect(received[0]).toEqual(stream)
    expect(received[1]).toMatch(/^cut off: /)
    expect(received[1]).not.toContain('900-12')
  })
})
