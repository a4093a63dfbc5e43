import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, describe, expect, test } from 'vitest'

import type { FrostgateError } from '../../../sidecar/errors.ts'
import { wasSent } from '../../../sidecar/upstream/envelope.ts'
import {
  classOf,
  honoursRequestIds,
  pauseMs,
  retryRules,
  type RequestClass,
} from '../../../sidecar/upstream/retry.ts'
import { httpTransport, type TransportOptions } from '../../../sidecar/upstream/transport.ts'

type Step = (request: IncomingMessage, response: ServerResponse) => void

const answer: Step = (_, response) => {
  response.end('{"success":true,"code":null,"message":null,"data":{}}')
}
const cut: Step = (request) => request.socket.destroy()
const refuse =
  (status: number, headers = {}): Step =>
  (_, response) => {
    response.writeHead(status, headers).end('{"success":false,"code":"000603"}')
  }

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Each request takes the next step, the last one for all that follow. */
async function upstream(steps: readonly Step[], options: Partial<TransportOptions> = {}) {
  const seen: URL[] = []
  const pauses: number[] = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      seen.push(new URL(request.url ?? '/', 'http://x'))
      ;(steps[Math.min(seen.length, steps.length) - 1] ?? answer)(request, response)
    })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const transport = httpTransport({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pause: (ms) => Promise.resolve(pauses.push(ms)),
    ...options,
  })
  return { seen, pauses, transport }
}

const requests: Readonly<Record<RequestClass, { method: 'GET' | 'POST'; path: string }>> = {
  login: { method: 'POST', path: '/session/v1/login-request' },
  renewal: { method: 'POST', path: '/session/token-request' },
  statement: { method: 'POST', path: '/queries/v1/query-request' },
  statementOnce: { method: 'POST', path: '/queries/v1/query-request' },
  poll: { method: 'GET', path: '/queries/ab-1/result' },
  cancel: { method: 'POST', path: '/queries/v1/abort-request' },
  heartbeat: { method: 'POST', path: '/session/heartbeat' },
  logout: { method: 'POST', path: '/session' },
}
const classes = Object.keys(retryRules) as RequestClass[]

describe.each(classes)('a request of class %s', (kind) => {
  const request = { ...requests[kind], ...(kind === 'poll' ? {} : { body: {} }) }
  const honoursRequestIds = kind === 'statement'

  test('is what its path says', () => {
    expect(classOf(request, honoursRequestIds)).toBe(kind)
  })

  test.each([
    ['lost', cut],
    ['refused', refuse(503)],
  ] as const)('%s: is sent as often as the table says, then given up', async (failure, step) => {
    const { seen, transport } = await upstream([step], { honoursRequestIds })
    const error = await transport.send(request).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ entry: 'UpstreamUnavailable' })
    expect(wasSent(error as FrostgateError)).toBe(true)
    expect(seen).toHaveLength(retryRules[kind][failure])
    await transport.close()
  })

  test('whose connection never came about was not sent, and is tried again', async () => {
    let pauses = 0
    const transport = httpTransport({
      url: 'http://127.0.0.1:9',
      honoursRequestIds,
      pause: () => Promise.resolve((pauses += 1)),
    })
    const error = await transport.send(request).catch((thrown: unknown) => thrown)
    expect(wasSent(error as FrostgateError)).toBe(false)
    expect(pauses).toBe(retryRules[kind].unsent - 1)
    await transport.close()
  })

  test.each([200, 302, 401, 404])(
    'answered %i without an envelope is not repeated',
    async (status) => {
      const { seen, transport } = await upstream([
        (_, response) => response.writeHead(status).end('<html>'),
      ])
      await transport.send(request).catch(() => undefined)
      expect(seen).toHaveLength(1)
      await transport.close()
    },
  )
})

describe('a statement to a server that honours request ids', () => {
  const request = { ...requests.statement, query: { requestId: 'r-1' }, body: {} }

  test('is sent again under its id, and says so as drivers do', async () => {
    const { seen, transport } = await upstream([cut, refuse(429), answer], {
      honoursRequestIds: true,
    })
    expect(await transport.send(request)).toMatchObject({ success: true })
    expect(seen.map(({ searchParams }) => searchParams.get('requestId'))).toEqual(Array(3).fill('r-1')) // prettier-ignore
    expect(seen.map(({ searchParams }) => searchParams.get('retryCount'))).toEqual([null, '1', '2'])
    expect(seen.map(({ searchParams }) => searchParams.get('retryReason'))).toEqual([null, '0', '429']) // prettier-ignore
    expect(new Set(seen.map(({ searchParams }) => searchParams.get('request_guid'))).size).toBe(3)
    expect(Number(seen[2]?.searchParams.get('clientStartTime'))).toBeGreaterThan(1e12)
    await transport.close()
  })

  test('stays in doubt where a later attempt finds no connection', async () => {
    const { transport } = await upstream([cut], {
      honoursRequestIds: true,
      pause: () => {
        for (const server of open) server.close()
        return Promise.resolve()
      },
    })
    const error = await transport.send(request).catch((thrown: unknown) => thrown)
    expect(wasSent(error as FrostgateError)).toBe(true)
    await transport.close()
  })

  test('waits as long as Retry-After says, and not at all for longer than it may', async () => {
    const asked = await upstream([refuse(503, { 'retry-after': '7' }), answer], {
      honoursRequestIds: true,
    })
    await asked.transport.send(request)
    expect(asked.pauses).toEqual([7_000])
    const tooLong = await upstream([refuse(503, { 'retry-after': '3600' }), answer], {
      honoursRequestIds: true,
    })
    await expect(tooLong.transport.send(request)).rejects.toThrow('503')
    expect(tooLong.pauses).toEqual([])
    await Promise.all([asked, tooLong].map(({ transport }) => transport.close()))
  })

  test('is not sent again once nobody waits for it', async () => {
    const controller = new AbortController()
    const { seen, transport } = await upstream([refuse(503)], {
      honoursRequestIds: true,
      pause: () => {
        controller.abort()
        return Promise.reject(new Error('aborted'))
      },
    })
    await transport.send({ ...request, signal: controller.signal }).catch(() => undefined)
    expect(seen).toHaveLength(1)
    await transport.close()
  })
})

test.each([
  ['https://xy12345.snowflakecomputing.com', true],
  ['https://xy12345.eu-west-1.privatelink.snowflakecomputing.com', true],
  ['https://xy12345.snowflakecomputing.cn', true],
  ['https://snowflakecomputing.com.evil.example', false],
  ['https://notsnowflakecomputing.com', false],
  ['http://127.0.0.1:8080', false],
  ['nonsense', false],
])('%s honours request ids: %s', (url, honours) => {
  expect(honoursRequestIds(url)).toBe(honours)
})

test('pauses grow, are spread, and end at a longest one', () => {
  const at = { now: 0, random: 0 }
  expect([1, 2, 3, 4].map((attempt) => pauseMs(attempt, undefined, at))).toEqual([125, 250, 500, 1_000]) // prettier-ignore
  expect(pauseMs(1, undefined, { now: 0, random: 1 })).toBe(250)
  expect(pauseMs(40, undefined, { now: 0, random: 1 })).toBe(16_000)
  expect(pauseMs(1, 'Thu, 01 Jan 1970 00:00:09 GMT', at)).toBe(9_000)
  expect(pauseMs(1, 'soon', at)).toBe(125)
  expect(pauseMs(1, '-5', at)).toBe(125)
})
