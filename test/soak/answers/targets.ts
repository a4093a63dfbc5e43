/** Which of Snowflake's answers a case poisons, and what the client does meanwhile. */

import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { isObject } from '../../../sidecar/json.ts'
import type { Random } from '../../fuzz/random.ts'
import { isAgentStatement, json, type Envelope, type SeenRequest } from '../../support/upstream.ts'
import type { RawAnswer } from '../answer-shape.ts'
import type { Lane, Poisoner } from './lane.ts'
import { mutated, type Poison } from './mutate.ts'

export interface Target {
  readonly name: string
  readonly run: (lane: Lane, choices: Random, poison: Poison) => Promise<readonly RawAnswer[]>
}

const at =
  (end: string) =>
  ({ path }: SeenRequest): boolean =>
    path.endsWith(end)

const poisoning =
  (hits: (seen: SeenRequest) => boolean, choices: Random, poison: Poison): Poisoner =>
  async (seen, good) =>
    hits(seen) ? mutated(await good(), choices, poison) : undefined

const statements = [
  'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 3',
  'SELECT id, ssn, name FROM health.phi.patients ORDER BY id LIMIT 2',
  'SELECT order_id, status FROM analytics.public.orders ORDER BY order_id LIMIT 3',
  'SELECT order_id FROM analytics.public.orders WHERE no_such_column = 1',
]

async function query(lane: Lane, client: string, sqlText: string, more: object = {}): Promise<RawAnswer> {
  const { token } = await lane.session(client)
  const requestId = 'requestId' in more ? String(more.requestId) : randomUUID()
  return await lane.ask(`/queries/v1/query-request?requestId=${requestId}`, { token, body: { sqlText, ...more } })
} // prettier-ignore

const expired: Envelope = { data: {}, code: '390112', message: 'expired', success: false }
const running = (id: string): Envelope => ({
  data: { queryId: id, getResultUrl: `/queries/${id}/result` }, code: '333333', message: null, success: true,
}) // prettier-ignore

const dataOf = ({ body }: RawAnswer): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(body.toString())
  return isObject(value) && isObject(value['data']) ? value['data'] : {}
}

async function renewal(lane: Lane, choices: Random, poison: Poison): Promise<readonly RawAnswer[]> {
  let told = false
  lane.poisoner = async (seen) => {
    if (at('/token-request')(seen))
      return mutated({ ...expired, code: null, success: true, data: { sessionToken: 'renewed', validityInSecondsST: 3600, masterToken: 'm' } }, choices, poison)
    if (!isAgentStatement(seen) || told) return undefined
    told = true
    return Promise.resolve(json(expired))
  }
  return [await query(lane, 'JavaScript', choices.pick(statements))]
} // prettier-ignore

async function poll(lane: Lane, choices: Random, poison: Poison): Promise<readonly RawAnswer[]> {
  const sql = choices.pick(statements)
  let good: Envelope | undefined
  const first = choices.chance(0.3)
  lane.poisoner = async (seen, ask) => {
    if (seen.method === 'GET') return good && mutated(good, choices, poison)
    if (!isAgentStatement(seen)) return undefined
    good = await ask()
    return first ? mutated(running(randomUUID()), choices, poison) : json(running(randomUUID()))
  }
  return [await query(lane, choices.pick(['JavaScript', 'PythonConnector']), sql)]
}

async function cancel(lane: Lane, choices: Random, poison: Poison): Promise<readonly RawAnswer[]> {
  const arrived = Promise.withResolvers<undefined>()
  const canceled = Promise.withResolvers<undefined>()
  lane.poisoner = async (seen) => {
    if (at('/abort-request')(seen)) {
      canceled.resolve(undefined)
      return mutated({ data: {}, code: null, message: null, success: true }, choices, poison)
    }
    if (!isAgentStatement(seen)) return undefined
    arrived.resolve(undefined)
    await canceled.promise
    return mutated({ data: { sqlState: '57014', queryId: randomUUID() }, code: '000604', message: 'SQL execution canceled', success: false }, choices, poison)
  }
  const { token } = await lane.session('JavaScript')
  const requestId = randomUUID()
  const submitted = await query(lane, 'JavaScript', statements[0] ?? '', { requestId, asyncExec: true })
  const id = dataOf(submitted)['queryId']
  await Promise.race([arrived.promise, lane.ask(`/queries/${String(id)}/result`, { token })])
  const aborted = await lane.ask('/queries/v1/abort-request', { token, body: { requestId } })
  canceled.resolve(undefined)
  return [submitted, aborted, await lane.ask(`/queries/${String(id)}/result`, { token }), await lane.ask(`/monitoring/queries/${String(id)}`, { token })]
} // prettier-ignore

const rowsOf = (name: string): Buffer => Buffer.from(`["${name}"],["b"]`)

async function chunk(lane: Lane, choices: Random, { marker, trap }: Poison): Promise<readonly RawAnswer[]> {
  const good = gzipSync(rowsOf('*******1234'))
  const usual = { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' }
  lane.stored = choices.pick([
    { status: 200, headers: { ...usual, 'set-cookie': marker, [`x-${marker}`]: marker, etag: marker }, body: good },
    { status: 200, headers: usual, body: good.subarray(0, 9) },
    { status: 200, headers: { ...usual, 'content-encoding': marker }, body: good },
    { status: 200, headers: usual, body: gzipSync(rowsOf('912-34-5678')) },
    { status: 200, headers: { ...usual, 'content-encoding': 'identity' }, body: rowsOf('912-34-5678') },
    { status: 200, headers: usual, body: gzipSync(Buffer.from('[["a"],[')) },
    { status: choices.pick([201, 206, 302, 307, 400, 403, 404, 416, 429, 500, 503]), headers: { location: trap }, body: Buffer.from(marker) },
    { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from(`<html>${marker}`) },
    { status: 200, headers: { ...usual, 'content-length': String(good.length + 5) }, body: good },
  ])
  lane.poisoner = async (seen, ask) => {
    if (!isAgentStatement(seen)) return undefined
    const { data, ...rest } = await ask()
    const chunks = [{ url: `${lane.store}/chunk`, rowCount: 2, uncompressedSize: 9, compressedSize: 9 }]
    const more = choices.pick<object>([{}, { qrmk: marker }, { chunkHeaders: { [marker]: marker } }, { chunkHeaders: { host: marker, 'transfer-encoding': 'chunked', 'x\u0000': '\r\n' } }])
    const envelope = { ...rest, data: { ...data, rowset: [], total: 2, chunks, ...more } }
    return choices.chance(0.5) ? json(envelope) : mutated(envelope, choices, { marker, trap })
  }
  const answer = await query(lane, 'JavaScript', statements[0] ?? '')
  const { chunks, chunkHeaders } = dataOf(answer)
  const url: unknown = Array.isArray(chunks) && isObject(chunks[0]) ? chunks[0]['url'] : undefined
  if (typeof url !== 'string') return [answer]
  const headers = chunkHeaders as Readonly<Record<string, string>>
  const fetched = await lane.ask(url, { headers }).catch(() => undefined)
  return fetched === undefined ? [answer] : [answer, fetched]
} // prettier-ignore

export const targets: readonly Target[] = [
  {
    name: 'login',
    run: async (lane, choices, poison) => {
      lane.poisoner = poisoning(at('/login-request'), choices, poison)
      const TOKEN = await lane.world.mint()
      const data = { AUTHENTICATOR: 'OAUTH', TOKEN, CLIENT_APP_ID: 'JavaScript', ACCOUNT_NAME: 'acme-demo' }
      return [await lane.ask('/session/v1/login-request', { body: { data } })]
    },
  },
  { name: 'renewal', run: renewal },
  {
    name: 'heartbeat',
    run: async (lane, choices, poison) => {
      const { token } = await lane.session('JavaScript')
      lane.poisoner = poisoning(at('/heartbeat'), choices, poison)
      return [await lane.ask('/session/heartbeat', { token, body: {} })]
    },
  },
  {
    name: 'query, JSON',
    run: async (lane, choices, poison) => {
      lane.poisoner = poisoning(isAgentStatement, choices, poison)
      return [await query(lane, 'JavaScript', choices.pick(statements), { describeOnly: choices.chance(0.1) })]
    },
  },
  {
    name: 'query, Arrow',
    run: async (lane, choices, poison) => {
      lane.poisoner = poisoning(isAgentStatement, choices, poison)
      return [await query(lane, 'PythonConnector', choices.pick(statements))]
    },
  },
  {
    name: 'own question',
    run: async (lane, choices, poison) => {
      lane.poisoner = poisoning((seen) => seen.sql !== '' && !isAgentStatement(seen), choices, poison)
      const { token } = await lane.session('JavaScript')
      const body = { sqlText: 'SELECT visit_id FROM health.phi.visits LIMIT 1' }
      return [await lane.ask(`/queries/v1/query-request?requestId=${randomUUID()}`, { token, body })]
    },
  },
  { name: 'poll', run: poll },
  { name: 'cancel', run: cancel },
  { name: 'chunk', run: chunk },
] // prettier-ignore
