import { generateKeyPairSync } from 'node:crypto'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { TestSidecar } from '../../support/broker-client.ts'
import { BrokerCluster, origin } from '../../support/broker-cluster.ts'

let cluster: BrokerCluster

beforeEach(() => {
  cluster = new BrokerCluster()
  cluster.serve()
})

afterEach(async () => {
  await cluster.close()
})

async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = (await cluster.authority()).trust()
  const servername = new URL(origin).hostname
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername, ...options })
    socket.once('secureConnect', () => {
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

/** Milliseconds until the server has closed; it must be before `ms`. */
async function closedAfter(socket: TLSSocket, ms: number): Promise<number> {
  const started = performance.now()
  socket.on('error', () => undefined)
  socket.resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const late = pause(ms, 'late')
  expect(await Promise.race([closed, late])).not.toBe('late')
  return performance.now() - started
}

describe('TLS', () => {
  test('is 1.2 or 1.3, with a certificate that the operator’s CA alone vouches for', async () => {
    const { port } = await cluster.replica()
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await dial(port, { minVersion: version, maxVersion: version })
      expect([socket.authorized, socket.getProtocol()]).toEqual([true, version])
      socket.destroy()
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
    await expect(dial(port, old)).rejects.toThrow()
    await expect(dial(port, { ca: [] })).rejects.toThrow(/certificate/)
    await expect(dial(port, { servername: 'elsewhere.svc' })).rejects.toThrow(/altnames/)
  })
})

describe('who is slow', () => {
  const limits = { headersMs: 300, requestMs: 600 }

  test('with headers is cut', async () => {
    const { port } = await cluster.replica({ limits })
    const socket = await dial(port)
    socket.write('POST /v1/enrol HTTP/1.1\r\nHost: x\r\nX-A: ')
    const drip = setInterval(() => socket.write('a'), 50)
    await closedAfter(socket, 3_000)
    clearInterval(drip)
  })

  test('with a body is cut, and others are served meanwhile', async () => {
    const { port } = await cluster.replica({ limits })
    const socket = await dial(port)
    socket.write('POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n')
    const drip = setInterval(() => socket.write('a'), 50)
    const sidecar = await cluster.sidecar(port)
    expect((await sidecar.enrol(cluster.tokenOf(cluster.addPod()))).status).toBe(200)
    await closedAfter(socket, 3_000)
    clearInterval(drip)
  })

  test('with the TLS handshake is cut', async () => {
    const { port } = await cluster.replica({ limits })
    const { connect: open } = await import('node:net')
    const socket = open(port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    expect(await Promise.race([closed, pause(3_000, 'late')])).not.toBe('late')
  })
})

describe('what is too much', () => {
  test('of headers, or no HTTP at all, is refused', async () => {
    const { port } = await cluster.replica()
    for (const text of [
      `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(30_000)}\r\n\r\n`,
      '\0\0\0',
    ]) {
      const socket = await dial(port)
      let answer = ''
      socket.on('data', (piece: Buffer) => (answer += piece.toString()))
      socket.write(text)
      await closedAfter(socket, 3_000)
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    }
  })

  test('of a body ends the connection, whether it was announced or not', async () => {
    const { port } = await cluster.replica()
    for (const framing of ['Content-Length: 99999999', 'Transfer-Encoding: chunked']) {
      const socket = await dial(port)
      let answer = ''
      socket.on('data', (piece: Buffer) => (answer += piece.toString()))
      socket.write(`POST /v1/enrol HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`)
      // One that is announced need not come to be refused.
      if (framing.startsWith('Transfer')) socket.write(`fffff\r\n${'x'.repeat(200_000)}`)
      await closedAfter(socket, 3_000)
      expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    }
  })

  test('is no way to switch protocols or to be a proxy', async () => {
    const { port } = await cluster.replica()
    const upgrade =
      'GET /v1/stream HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'
    for (const text of ['CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n', upgrade]) {
      const socket = await dial(port)
      socket.write(text)
      await closedAfter(socket, 3_000)
    }
  })
})

describe('the certificate authority changes under a running server', () => {
  // Certificates are dated five minutes back, so that these times can be moved through.
  const times = { authorityMs: 90_000, leafMs: 30_000, graceMs: 10_000, slackMs: 5_000 }

  test('and sidecars that trust only what they were told lose no call', async () => {
    const authority = await cluster.authority(times)
    const limits = { callsPerPod: { burst: 1e6, perSecond: 1e6 } }
    const { broker, port } = await cluster.replica({ limits })
    authority.onChange(() => {
      broker.renewLeaf()
      broker.publish()
    })
    const sidecar = await cluster.sidecar(port)
    sidecar.now = cluster.now
    const pod = cluster.addPod()
    await sidecar.enrol(cluster.tokenOf(pod))
    const first = sidecar.trust
    const stream = await sidecar.stream()

    const statuses: number[] = []
    /** A new TLS connection each time, with what is trusted by then. */
    const callAnew = async (trust: string): Promise<number> => {
      const once = new TestSidecar({ ...sidecar.address, trust }, sidecar.key)
      once.now = cluster.now
      const accessToken = sidecar.enrolment?.accessToken ?? ''
      const { status } = await once.call('/v1/bundle', { accessToken })
      once.close()
      return status
    }
    const told = () => stream.notices.findLast((notice) => notice.type === 'trust')?.pem ?? first
    const load = new AbortController()
    const loading = (async () => {
      while (!load.signal.aborted) statuses.push(await callAnew(told()))
    })()

    await stream.next('trust', ({ pem }) => pem === first)
    // In steps that a proof under way outlives.
    cluster.skew = 31_000
    await pause(50)
    cluster.skew = 61_000
    await authority.check()
    const both = authority.trust()
    await stream.next('trust', ({ pem }) => pem === both)
    expect(await callAnew(first)).toBe(200)

    cluster.skew = 72_000
    await authority.check()
    await expect(callAnew(first)).rejects.toThrow(/certificate/)
    expect(await callAnew(both)).toBe(200)
    // An access token lasts ten minutes, which here is longer than an authority retires.
    sidecar.trust = told()
    await sidecar.enrol(cluster.tokenOf(pod))
    await pause(50)

    cluster.skew = 108_000
    await authority.check()
    await stream.next('trust', ({ pem }) => pem === authority.trust())
    expect(authority.trust()).not.toContain(first.trim())
    await pause(50)
    load.abort()
    await loading
    expect(statuses.length).toBeGreaterThan(5)
    expect(new Set(statuses)).toEqual(new Set([200]))
    stream.close()
  })
})

describe('logs and metrics', () => {
  test('hold nothing that is secret, whatever goes wrong', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    cluster.addSecret('acme-key', { privateKey: pem })
    cluster.addSecret('acme-pat', { token: 'pat-secret-0123456789' })
    const { port, metrics } = await cluster.replica({
      limits: { callsPerPod: { burst: 3, perSecond: 0.001 } },
    })
    const chatty = await cluster.replica({
      // A client of the API server that quotes what it was sent.
      reviewToken: (token) => Promise.reject(new Error(`POST {"token":"${token}"} failed`)),
    })
    const token = cluster.tokenOf(cluster.addPod())
    const sidecar = await cluster.sidecar(port)
    await sidecar.enrol(token)
    const secrets = [token, sidecar.enrolment?.accessToken ?? 'none', pem.split('\n')[1] ?? 'none']
    const mint = async () => {
      const { body } = await sidecar.call('/v1/credential', { method: 'POST' })
      if (typeof body['token'] === 'string') secrets.push(body['token'])
    }
    await mint()
    cluster.serve('acme', { kind: 'programmaticAccessToken', secretName: 'acme-pat' })
    await mint()
    cluster.serve('acme', { kind: 'workloadIdentity', serviceAccount: 'x', audience: 'y' })
    await mint()
    cluster.away = true
    await mint()
    cluster.away = false
    const proof = await sidecar.proof('/v1/bundle')
    secrets.push(proof)
    for (let turn = 0; turn < 5; turn += 1) await sidecar.call('/v1/bundle', { proof })
    await sidecar.call(`/v1/${token}`, { proof })
    await (await cluster.sidecar(port)).enrol(token)
    await (await cluster.sidecar(chatty.port)).enrol(token)
    await (await cluster.sidecar(port)).enrol('', { body: Buffer.from(`{"token":"${token}"`) })

    const shown = `${cluster.logged.join('')}${await metrics.metrics()}${JSON.stringify(cluster.alerts)}`
    expect(secrets).toHaveLength(7)
    expect(cluster.logged.length).toBeGreaterThan(5)
    for (const secret of secrets) expect(shown).not.toContain(secret)
  })

  test('count enrolments refused by check, calls by result, and streams', async () => {
    const { port, metrics } = await cluster.replica()
    const sidecar = await cluster.sidecar(port)
    await sidecar.enrol('nobody’s')
    await sidecar.enrol(cluster.tokenOf(cluster.addPod()))
    const stream = await sidecar.stream()
    const text = await metrics.metrics()
    expect(text).toContain('frostgate_broker_enrolments_refused_total{check="tokenReview"} 1')
    expect(text).toContain('frostgate_broker_requests_total{route="enrol",result="ok"} 1')
    expect(text).toContain(
      'frostgate_broker_requests_total{route="enrol",result="TokenNotAccepted"} 1',
    )
    expect(text).toMatch(/^frostgate_broker_streams 1$/m)
    stream.close()
  })
})
