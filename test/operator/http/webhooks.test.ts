import { Agent, request, type RequestOptions } from 'node:https'
import { connect, TLSSocket } from 'node:tls'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { makeLeaf } from '../../../operator/certs/certificate.ts'
import { makeGeneration } from '../../../operator/certs/material.ts'
import {
  listenForWebhooks,
  type Leaf,
  type WebhookServer,
} from '../../../operator/http/webhooks.ts'

let server: WebhookServer
let agent: Agent
const errors: unknown[] = []
let held = Promise.resolve()
const limits = {
  body: 1_000,
  smallBody: 100,
  largeAtOnce: 2,
  requestMs: 400,
  headMs: 300,
  closeMs: 200,
}

async function leafOf(name: string): Promise<Leaf> {
  const [from, until] = [Date.now(), Date.now() + 3_600_000]
  const generation = await makeGeneration('issuing', from, until - from)
  const { key, certificate } = await makeLeaf(generation, [name], { from, until })
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { key: pem, cert: certificate }
}

beforeEach(async () => {
  errors.length = 0
  agent = new Agent({ keepAlive: true })
  server = await listenForWebhooks(0, {
    leaf: await leafOf('one.test'),
    answer: async (path, review) => {
      if (path === '/throws') throw new Error('broken')
      if (path === '/held') await held
      if (path === '/slow') await new Promise((resolve) => setTimeout(resolve, 100))
      return ['/inject', '/slow', '/held'].includes(path) ? { path, review } : undefined
    },
    onError: (error) => errors.push(error),
    limits,
  })
})

afterEach(async () => {
  agent.destroy()
  await server.close()
})

interface Answer {
  readonly status: number
  readonly body: unknown
  /** In the certificate; undefined where a session was resumed. */
  readonly name: string | undefined
  readonly reused: boolean
}

function send(body: string | Buffer, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const common = { agent, host: '127.0.0.1', port: server.port, rejectUnauthorized: false }
    const call = request(
      { ...common, method: 'POST', path: '/inject?timeout=5s', ...options },
      (response) => {
        const { socket } = response
        const name =
          socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subjectAltName : undefined
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => {
          const status = response.statusCode ?? 0
          resolve({ status, body: JSON.parse(text), name, reused: call.reusedSocket })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

describe('The server of the webhooks', () => {
  test('hands a review to its path, without the query', async () => {
    expect(await send('{"a":1}')).toMatchObject({
      status: 200,
      body: { path: '/inject', review: { a: 1 } },
    })
  })

  test.for([
    ['no JSON', '{'],
    ['a number', '7'],
    ['null', 'null'],
    ['nothing', ''],
    ['bytes that are no text', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a depth that no parser takes', '['.repeat(900)],
  ] as const)('refuses %s', async ([, body]) => {
    expect(await send(body)).toMatchObject({ status: 400 })
    expect(errors).toEqual([])
  })

  test('refuses a body that is too long, announced or not, and goes on', async () => {
    expect(await send('x'.repeat(2_000))).toMatchObject({ status: 413 })
    const chunked = { headers: { 'transfer-encoding': 'chunked' } }
    expect(await send('x'.repeat(2_000), chunked)).toMatchObject({ status: 413 })
    expect(await send('{}')).toMatchObject({ status: 200 })
    expect(errors).toEqual([])
  })

  test('reads only so many long reviews at once, and short ones meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    held = promise.then(() => undefined)
    const long = JSON.stringify({ long: 'x'.repeat(500) })
    const apart = () => ({ agent: new Agent() })
    const first = [1, 2].map(() => send(long, { path: '/held', ...apart() }))
    let isAnswered = false
    const third = send(long, apart()).then((answer) => {
      isAnswered = true
      return answer
    })
    expect(await send('{"short":1}', apart())).toMatchObject({ status: 200 })
    await new Promise((done) => setTimeout(done, 60))
    expect(isAnswered).toBe(false)
    resolve(undefined)
    for (const answer of [...first, third]) expect(await answer).toMatchObject({ status: 200 })
  })

  test('gives the turn of a client that went away to the next', async () => {
    const gone = [1, 2].map(
      () =>
        new Promise<void>((resolve) => {
          const options = { host: '127.0.0.1', port: server.port, rejectUnauthorized: false }
          const socket = connect(options, () => {
            socket.write(`POST /inject HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n`)
            socket.write('x'.repeat(300), () => {
              setTimeout(() => {
                socket.destroy()
                resolve()
              }, 30)
            })
          })
        }),
    )
    await Promise.all(gone)
    const long = JSON.stringify({ long: 'x'.repeat(500) })
    expect(await send(long)).toMatchObject({ status: 200 })
  })

  test('has no other path and no other method, and survives targets that are none', async () => {
    expect(await send('{}', { path: '/other' })).toMatchObject({ status: 404 })
    expect(await send('{}', { path: '//' })).toMatchObject({ status: 404 })
    expect(await send('', { method: 'GET' })).toMatchObject({ status: 405 })
    expect(errors).toEqual([])
  })

  test('answers 500 to a fault and tells of it, without its words', async () => {
    const answer = await send('{}', { path: '/throws' })
    expect(answer).toMatchObject({ status: 500 })
    expect(JSON.stringify(answer.body)).not.toContain('broken')
    expect(errors).toHaveLength(1)
  })

  test('ends clients that do not finish their request, and answers others meanwhile', async () => {
    const ended = new Promise<number>((resolve) => {
      const began = performance.now()
      const options = { host: '127.0.0.1', port: server.port, rejectUnauthorized: false }
      const socket = connect(options, () => {
        socket.write('POST /inject HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
      })
      socket.on('error', () => undefined)
      socket.resume().on('close', () => {
        resolve(performance.now() - began)
      })
    })
    expect(await send('{}')).toMatchObject({ status: 200 })
    expect(await ended).toBeLessThan(3_000)
    expect(errors).toEqual([])
  })

  test('takes a new certificate for new connections, and keeps those that are open', async () => {
    await send('{}')
    const pending = send('{}', { path: '/slow', agent: new Agent() })
    server.renew(await leafOf('two.test'))
    expect((await pending).status).toBe(200)
    const kept = await send('{}')
    const fresh = await send('{}', { agent: new Agent() })
    expect([kept.reused, fresh.name]).toEqual([true, 'DNS:two.test'])
  })

  test('lets reviews under way end when it closes', async () => {
    const pending = send('{}', { path: '/slow', agent: new Agent() })
    await new Promise((resolve) => setTimeout(resolve, 40))
    await server.close()
    expect((await pending).status).toBe(200)
    await expect(send('{}', { agent: new Agent() })).rejects.toThrow('ECONNREFUSED')
  })
})
