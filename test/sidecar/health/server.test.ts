import { connect } from 'node:net'

import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { HealthFacts } from '../../../sidecar/health/report.ts'
import { startHealth, type RunningHealth } from '../../../sidecar/health/server.ts'

let facts: HealthFacts
let health: RunningHealth

beforeEach(async () => {
  facts = {
    state: { name: 'InForce', digest: 'sha256:1' },
    listening: true,
    login: { reason: 'no user' },
  }
  health = await startHealth({ port: 0, facts: () => facts, metrics: new Registry() })
})

afterEach(async () => {
  await health.close()
})

const ask = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${health.port}${path}`, init)

describe('Health over HTTP', () => {
  test('answers 200, or 503 with what is missing and what to do', async () => {
    const started = await ask('/startup')
    expect(started.status).toBe(503)
    expect(await started.json()).toEqual({
      ok: false,
      state: 'InForce',
      missing: [
        {
          what: 'a login to Snowflake',
          why: 'no user',
          next: expect.stringContaining('Tell the platform team') as string,
        },
      ],
    })
    expect((await ask('/ready')).status).toBe(200)
    expect((await ask('/live')).status).toBe(200)
    facts = { ...facts, state: { name: 'Stale', digest: 'sha256:1', reason: 'away for 600 s' } }
    const ready = await ask('/ready?probe=1')
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('away for 600 s')
    expect((await ask('/live')).status).toBe(200)
  })

  test('answers HEAD without a body', async () => {
    const answer = await ask('/ready', { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(10)
    expect(await answer.text()).toBe('')
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('does not answer %s', async (method) => {
    const answer = await ask('/ready', { method, ...(method === 'POST' ? { body: 'x' } : {}) })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  test.each(['/', '/health', '/ready/', '/constructor', '/__proto__', '//ready'])(
    'has nothing at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404)
    },
  )

  test('gives metrics in the format of Prometheus', async () => {
    const answer = await ask('/metrics')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  })

  test('refuses headers that are too large, and lives on', async () => {
    const answer = await ask('/live', { headers: { 'x-large': 'x'.repeat(10_000) } })
    expect(answer.status).toBe(431)
    expect((await ask('/live')).status).toBe(200)
  })

  test('holds no more than 64 connections', async () => {
    const sockets = Array.from({ length: 80 }, () => connect(health.port, '127.0.0.1'))
    const dropped = await new Promise<number>((resolve) => {
      let count = 0
      for (const socket of sockets) {
        socket.on('error', () => undefined)
        socket.on('close', () => {
          count += 1
          if (count === 16) resolve(count)
        })
      }
    })
    expect(dropped).toBe(16)
    for (const socket of sockets) socket.destroy()
  })
})
