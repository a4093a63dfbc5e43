/** What people do to objects while sidecars run, seen by a sidecar and in Events. */

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { maskingRule, policy } from '../compile/objects.ts'
import {
  annotated,
  clusterInMemory,
  namespace,
  put,
  soon,
  statusOf,
  wholeOperator,
  type WholeOperator,
} from './whole-operator.ts'

let server: FakeApiServer
let operator: WholeOperator

beforeEach(async () => {
  server = await clusterInMemory()
  operator = await wholeOperator(server)
  await soon(async () => {
    expect(await operator.health('/readyz')).toMatchObject({ status: 200 })
  })
})

afterEach(async () => {
  await operator.close()
  await server.close()
})

/** Of a sidecar that was let in, with the bundle as its first notice. */
async function streaming() {
  await operator.createPod(annotated())
  const sidecar = await operator.sidecar()
  expect((await sidecar.enrol('pod:runner')).status).toBe(200)
  const stream = await sidecar.stream()
  await stream.next('bundle')
  return stream
}

const reasons = (kind: string) =>
  server.objects
    .all('events')
    .map(
      (each) => each as { readonly reason?: string; readonly involvedObject?: { kind?: string } },
    )
    .filter(({ involvedObject }) => involvedObject?.kind === kind)
    .map(({ reason }) => reason)

test('Events tell of a connection that opens and closes, and of the policy at fault', async () => {
  await soon(() => {
    expect(reasons('SnowflakeConnection')).toContain('ConnectionReady')
  })
  put(server, policy('agents', 'acme', { subjects: [{ provider: 'x', groups: ['y'] }] }))
  await soon(() => {
    expect(reasons('SnowflakeConnection')).toContain('ConnectionClosed')
    expect(reasons('AgentPolicy')).toEqual(['PolicyInvalid'])
  })
  expect(reasons('MaskingRule')).toEqual([])
})

test('a namespace that is being deleted closes its connections, and no bundle without its masks goes out', async () => {
  const stream = await streaming()
  const deletionTimestamp = '2030-01-01T00:00:00Z'
  server.objects.put('namespaces', { metadata: { name: namespace, deletionTimestamp } } as never)
  server.objects.remove('maskingrules', namespace, 'ssn')
  expect((await stream.next('closed')).reason).toContain('is being deleted')
  expect(stream.notices.filter(({ type }) => type === 'bundle')).toHaveLength(1)
  await soon(() => {
    const { conditions = [] } = statusOf(server, 'agentpolicies', 'agents')
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'NamespaceTerminating' }),
    )
  })
})

test('a connection that is deleted is taken back from its sidecars', async () => {
  const stream = await streaming()
  server.objects.remove('snowflakeconnections', namespace, 'acme')
  expect((await stream.next('revoked')).reason).toContain('no SnowflakeConnection')
  await stream.ended
})

test('an operator that may not watch masking rules any more vouches for nothing until it may', async () => {
  const replica = await wholeOperator(server, { timing: { blindAfterMs: 900 } })
  try {
    await operator.createPod(annotated())
    await soon(async () => {
      expect(await replica.health('/readyz')).toMatchObject({ status: 200 })
    })
    const sidecar = await replica.sidecar()
    await sidecar.enrol('pod:runner')
    await sidecar.stream()
    server.fail('unavailable', ['list', 'watch'], { times: 10_000, plural: 'maskingrules' })
    server.resetWatches()
    await soon(async () => {
      const { status, text } = await replica.health('/readyz')
      expect([status, text]).toEqual([
        503,
        expect.stringContaining('nothing has been heard of maskingrules for'),
      ])
    })
    await expect(sidecar.stream()).rejects.toThrow('503')
    server.heal()
    await soon(async () => {
      expect(await replica.health('/readyz')).toMatchObject({ status: 200 })
    })
  } finally {
    await replica.close()
  }
})

test('a key of a mask that changes is another bundle for sidecars that run', async () => {
  const key = (value: string) => {
    server.objects.put('secrets', {
      metadata: { namespace, name: 'k' },
      type: 'Opaque',
      data: { key: Buffer.from(value.repeat(32)).toString('base64') },
    })
  }
  key('1')
  const method = { hash: { key: { secretRef: { name: 'k' }, inStatements: 'Allow' } } }
  put(server, maskingRule('ssn', 'acme', { mask: method }))
  await soon(() => {
    const all = server.objects.find('maskingrules', namespace, 'ssn')
    expect(JSON.stringify(all?.['status'] ?? {})).toContain('Programmed')
  })
  const stream = await streaming()
  const [first] = stream.notices.filter(({ type }) => type === 'bundle')
  key('2')
  await stream.next('bundle', ({ digest }) => digest !== (first as { digest: string }).digest)
})
