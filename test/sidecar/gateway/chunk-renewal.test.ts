/** Addresses of chunks that expired at the store: Snowflake is asked for new ones. */

import { createServer } from 'node:http'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../../sidecar/json.ts'
import { textIn, type ClientAnswer, type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json, type Envelope } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

/** A store whose addresses have all expired. */
const expired = createServer((_request, response) => {
  response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
})
let expiredUrl = ''

beforeAll(async () => {
  expiredUrl = await listen(expired)
  world = await startWorld({ seed: { patients: 5, orders: 1_500 }, chunkRows: 500 })
  gateway = await world.gateway()
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(async () => {
  await world.close()
  await closeServer(expired)
})

interface Chunk extends JsonObject {
  readonly url: string
  readonly rowCount: number
}

const sql = 'SELECT order_id FROM analytics.public.orders ORDER BY order_id'
const chunksIn = ({ data }: Pick<Envelope, 'data'>) => data['chunks'] as readonly Chunk[]
const isPoll = ({ path }: { readonly path: string }) => path.endsWith('/result')

/** A result whose chunks have expired; `again` is what asking for it by its id gives. */
async function expiredResult(
  again: (warehouse: Envelope, asked: number) => unknown = (envelope) => envelope,
): Promise<ClientAnswer> {
  let asked = 0
  world.upstream.script = async (request, forward) => {
    if (isPoll(request)) return json(again(await forward(), (asked += 1)))
    if (!isAgentStatement(request)) return undefined
    const envelope = await forward()
    const chunks = chunksIn(envelope).map((chunk) => ({ ...chunk, url: `${expiredUrl}/gone` }))
    return json({ ...envelope, data: { ...envelope.data, chunks } })
  }
  const answer = await session.query(sql)
  expect(answer.message).toBe('')
  expect(chunksIn(answer)).toHaveLength(2)
  return answer
}

async function rowsOf(answer: ClientAnswer): Promise<readonly string[]> {
  const headers = answer.data['chunkHeaders'] as Record<string, string>
  const texts = await Promise.all(
    chunksIn(answer).map(async ({ url }) => (await fetch(url, { headers })).text()),
  )
  return texts
}

const polls = (from: number) => world.upstream.seen.slice(from).filter(isPoll)

test('the client gets its chunks, from the new addresses, asked for once', async () => {
  const answer = await expiredResult()
  const from = world.upstream.seen.length
  const [one = '', two = ''] = await rowsOf(answer)
  expect((JSON.parse(`[${one},${two}]`) as unknown[]).length).toBe(1_000)
  const finished = (await gateway.events()).find(
    (event) =>
      event.type === 'statement.finished' && event.statement === textIn(answer.data, 'queryId'),
  )
  const id = finished && 'upstreamQueryId' in finished ? finished.upstreamQueryId : ''
  expect(polls(from).map(({ path }) => path)).toEqual([`/queries/${String(id)}/result`])
})

test('also where Snowflake says first that it is still running', async () => {
  const answer = await expiredResult((envelope, asked) =>
    asked > 2
      ? envelope
      : { success: true, code: '333333', message: null, data: { getResultUrl: `/queries/${textIn(envelope.data, 'queryId')}/result` } },
  ) // prettier-ignore
  const from = world.upstream.seen.length
  expect((await rowsOf(answer))[0]).toMatch(/^\["/)
  expect(polls(from)).toHaveLength(3)
})

const changed = (fields: JsonObject) => (envelope: Envelope) => ({
  ...envelope,
  data: { ...envelope.data, ...fields },
})

test.each<readonly [string, (envelope: Envelope) => unknown]>([
  ['of another statement', changed({ queryId: '01234567-89ab-cdef-0123-456789abcdef' })],
  ['with other columns', (envelope) => {
    const [column] = envelope.data['rowtype'] as readonly JsonObject[]
    return changed({ rowtype: [{ ...column, name: 'SSN' }] })(envelope)
  }],
  ['with other chunks', (envelope) =>
    changed({ chunks: chunksIn(envelope).map((chunk) => ({ ...chunk, rowCount: 499 })) })(envelope)],
  ['that moves files', changed({ command: 'UPLOAD' })],
  ['at a host that is no result store', (envelope) =>
    changed({ chunks: chunksIn(envelope).map((chunk) => ({ ...chunk, url: 'https://evil.example/x' })) })(envelope)],
  ['of a session that Snowflake ended', () => ({ success: false, code: '390111', message: 'gone', data: null })],
])('an answer %s renews nothing: the client is told that its address has expired', async (_what, again) => {
  const answer = await expiredResult(again)
  for (const text of await rowsOf(answer)) expect(text).toContain('[Frostgate ChunkUnknown]')
}) // prettier-ignore
