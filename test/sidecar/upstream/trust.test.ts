import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { httpTransport } from '../../../sidecar/upstream/transport.ts'
import { testAuthority } from '../../support/broker/certificates.ts'

let server: Server
let own: string
let other: string
let port: number

beforeAll(async () => {
  const mine = await testAuthority('own')
  own = mine.pem
  other = (await testAuthority('other')).pem
  server = createServer(await mine.issue('localhost'), (_request, response) => {
    response.end(JSON.stringify({ success: true, code: null, message: null, data: {} }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function ask(trust: string | null, host = 'localhost'): Promise<boolean> {
  const transport = httpTransport({ url: `https://${host}:${port}`, trust })
  try {
    return (await transport.send({ method: 'GET', path: '/' })).success
  } finally {
    await transport.close()
  }
}

describe('a connection that brings its own certificates', () => {
  test('reaches an account whose certificate they signed', async () => {
    expect(await ask(own)).toBe(true)
    expect(await ask(`${other}\n${own}`)).toBe(true)
  })

  test('reaches no other: neither by other certificates, nor by the public roots, nor by another name', async () => {
    const unavailable = { entry: 'UpstreamUnavailable' }
    await expect(ask(other)).rejects.toMatchObject(unavailable)
    await expect(ask(null)).rejects.toMatchObject(unavailable)
    await expect(ask(own, '127.0.0.1')).rejects.toMatchObject(unavailable)
  })
})
