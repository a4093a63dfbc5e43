import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { UpstreamSession } from '../../../sidecar/upstream/session.ts'
import { httpTransport, type Transport } from '../../../sidecar/upstream/transport.ts'
import { closeServer, listen } from '../../support/server.ts'

type Step = (request: IncomingMessage, response: ServerResponse) => unknown

const tell = (data: unknown, code: string | null = null): string =>
  JSON.stringify({ success: code === null, code, message: null, data })
const answer =
  (code: string): Step =>
  (_, response) =>
    response.end(tell(null, code))
const lose: Step = (request) => request.socket.destroy()
const run: Step = (_, response) =>
  response.end(tell({ rowtype: [{ name: 'n', type: 'text' }], rowset: [['1']], total: 1 }))

let steps: Step[] = []
let renew: Step = run
let logins = 0
let statements: string[] = []
let closing: (() => Promise<unknown>)[] = []

beforeEach(() => {
  logins = 0
  statements = []
  renew = (_, response) => response.end(tell({ sessionToken: 'renewed' }))
})

afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

async function handle(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://upstream')
  if (pathname.endsWith('/login-request')) {
    logins += 1
    const parameters = [{ name: 'AUTOCOMMIT', value: true }]
    return response.end(tell({ token: `t${logins}`, masterToken: `m${logins}`, parameters }))
  }
  if (pathname.endsWith('/token-request')) return renew(request, response)
  if (!pathname.endsWith('/query-request')) return response.end(tell({}))
  const { sqlText } = JSON.parse(Buffer.concat(pieces).toString()) as { sqlText: string }
  if (sqlText.startsWith('USE')) return run(request, response)
  if (sqlText.includes('SECONDARY'))
    return response.end(tell({ rowtype: [{ name: 'roles', type: 'text' }], rowset: [['{"roles":""}']], total: 1 })) // prettier-ignore
  statements.push(searchParams.get('requestId') ?? '')
  return (steps.shift() ?? run)(request, response)
}

async function open(): Promise<UpstreamSession> {
  const server = createServer((request, response) => void handle(request, response))
  const url = await listen(server)
  const transport: Transport = httpTransport({
    url,
    honoursRequestIds: true,
    pause: () => Promise.resolve(),
  })
  closing.push(
    () => transport.close(),
    () => closeServer(server),
  )
  const signer = { sign: () => Promise.resolve({ authenticator: 'OAUTH', token: 'x' }) }
  return await UpstreamSession.open(transport, signer as never, {
    connection: 'c', account: 'a', user: 'u', role: 'R', warehouse: 'W', database: null, schema: null,
    parameters: {}, queryTag: '', client: { name: 'JavaScript', version: '1', resultFormat: 'json' },
  }) // prettier-ignore
}

const update = {
  sql: 'UPDATE t SET n = n + 1',
  bindings: undefined,
  describeOnly: false,
  parameters: {},
  leaves: { kind: 'nothing' },
} as const

test('a session that ended before anything was sent takes another login, and runs it once', async () => {
  steps = [answer('390111')]
  const session = await open()
  expect(await session.query(update)).toMatchObject({ ok: true })
  expect([logins, statements.length]).toEqual([2, 2])
})

test.each([
  ['390111', lose],
  ['390114', (_: unknown, response: ServerResponse) => response.writeHead(503).end('{}')],
] as const)(
  'what may have run before the session ended (%s) is not run in another',
  async (code, first) => {
    steps = [first, answer(code)]
    const session = await open()
    await expect(session.query(update)).rejects.toMatchObject({ entry: 'StatementInDoubt' })
    expect(logins).toBe(1)
    expect(new Set(statements).size).toBe(1)
  },
)

test('nor where the token has expired meanwhile and cannot be renewed', async () => {
  steps = [lose, answer('390112')]
  renew = answer('390114')
  const session = await open()
  await expect(session.query(update)).rejects.toMatchObject({ entry: 'StatementInDoubt' })
  expect([logins, statements.length]).toEqual([1, 2])
})

test('nor where the renewal fails, or the session has ended after it', async () => {
  const session = await open()
  steps = [lose, answer('390112')]
  renew = (_, response) => response.writeHead(400).end(tell(null, '390100'))
  await expect(session.query(update)).rejects.toMatchObject({ entry: 'StatementInDoubt' })
  steps = [lose, answer('390112'), answer('390111')]
  renew = (_, response) => response.end(tell({ sessionToken: 'renewed' }))
  await expect(session.query(update)).rejects.toMatchObject({ entry: 'StatementInDoubt' })
  expect(logins).toBe(1)
})

test('the same request id under a renewed token is the same statement', async () => {
  steps = [lose, answer('390112')]
  const session = await open()
  expect(await session.query(update)).toMatchObject({ ok: true })
  expect([statements.length, new Set(statements).size, logins]).toEqual([3, 1, 1])
})
