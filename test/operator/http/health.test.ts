import { connect } from 'node:net'

import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { listenForHealth, type HealthServer } from '../../../operator/http/health.ts'

let missing: readonly string[] = []
let metrics: Registry
let server: HealthServer

beforeEach(async () => {
  missing = []
  metrics = new Registry()
  server = await listenForHealth(0, { missing: () => missing, metrics })
})

afterEach(() => server.close())

const get = async (path: string, method = 'GET') => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
  return { status: response.status, text: await response.text() }
}

/** What no client library sends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end(text))
    let answer = ''
    socket.on('data', (part) => (answer += part.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(answer)
    })
  })
}

describe('Health of the operator', () => {
  test('is ready when nothing is missing, and says what is', async () => {
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ok\n' })
    missing = ['one', 'two']
    expect(await get('/readyz?verbose')).toEqual({ status: 503, text: 'not ready: one; two\n' })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
  })

  test('has nothing to post to and no other path', async () => {
    expect(await get('/healthz', 'POST')).toMatchObject({ status: 405 })
    expect(await get('/secrets')).toMatchObject({ status: 404 })
    expect(await get('/healthz', 'HEAD')).toEqual({ status: 200, text: '' })
  })

  test('survives targets that are no path', async () => {
    for (const target of ['//', 'http://', '*', '\\\\', '/%', 'a:b:c'])
      expect(await raw(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 4/,
      )
    expect(await get('/healthz')).toMatchObject({ status: 200 })
  })

  test('answers 500 where a metric cannot be collected', async () => {
    metrics.metrics = () => Promise.reject(new Error('no'))
    expect(await get('/metrics')).toMatchObject({ status: 500 })
  })
})
