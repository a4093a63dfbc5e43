/** The whole operator from its start to its end. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { policy } from '../compile/objects.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import {
  all,
  annotated,
  becomesReady,
  bundleInStatus,
  clusterInMemory,
  expectClosed,
  freePort,
  got,
  namespace,
  narrower,
  put,
  settingsWith,
  soon,
  statusOf,
  trustIn,
  webhookKinds,
  wholeOperator,
  type WholeOperator,
  type WholeOptions,
} from './whole-operator.ts'

let server: FakeApiServer
const open: WholeOperator[] = []

beforeEach(async () => {
  server = await clusterInMemory()
})

afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
  await server.close()
})

async function started(options: WholeOptions = {}): Promise<WholeOperator> {
  const operator = await wholeOperator(server, options)
  open.push(operator)
  await becomesReady(operator)
  return operator
}

const times = 10_000

describe('An operator whose API server is well', () => {
  test('injects, enrols, serves the bundle and says so in status', async () => {
    const operator = await started()
    await operator.createPod(annotated())
    const sidecar = await operator.sidecar()
    expect(await sidecar.enrol('pod:runner')).toMatchObject({ status: 200 })
    const { status, headers } = await sidecar.call('/v1/bundle')
    expect(status).toBe(200)
    await soon(() => {
      expect(headers.etag).toContain(bundleInStatus(server))
    })
    expect(server.objects.all('leases').map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^frostgate-sidecar-/)]),
    )
    await expectClosed(operator)
    const { text } = await operator.health('/metrics')
    expect(text).toContain('frostgate_operator_connections{state="open"} 1')
    expect(text).toMatch(/frostgate_operator_reviews_total\{path="\/verify",decision="denied"\} 1/)
    expect(text).toMatch(/frostgate_operator_cache_lists_total\{resource="agentpolicies"\} 1/)
    expect(text).toMatch(/certificate_expiry_seconds\{certificate="authority"\} 1\d{9}/)
  })

  test('tells of a sidecar at once, however many reviews somebody forges', async () => {
    const operator = await started()
    await operator.createPod(annotated())
    const sidecar = await operator.sidecar()
    for (let forged = 0; forged < 300; forged += 1) {
      const { metadata, ...rest } = annotated(`forged-${forged}`)
      const uid = `5f0c2a3e-0000-4000-8000-${String(forged).padStart(12, '0')}`
      const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `rs-${forged}`, uid }
      const ownerReferences = [{ ...owner, controller: true }]
      await operator.review('/inject', { ...rest, metadata: { ...metadata, ownerReferences } })
    }
    expect(await sidecar.enrol('pod:runner')).toMatchObject({ status: 200 })
    await soon(() => {
      const told = server.objects.all('events') as readonly { readonly reason?: string }[]
      expect(told.map(({ reason }) => reason)).toContain('SidecarEnrolled')
    }, 3_000)
  })

  test('closes what a stored object that is malformed is about, and nothing else', async () => {
    put(server, {
      ...policy('broken', 'acme'),
      spec: { connectionRef: { name: 'acme' }, rules: 7 },
    })
    put(server, { ...policy('lost', 'acme'), spec: null })
    const other = { ...server.objects.find('snowflakeconnections', namespace, 'acme') } as never
    put(server, { ...(other as object), metadata: { namespace, name: 'other' } })
    put(server, policy('others', 'other'))
    const operator = await started()
    await soon(() => {
      expect(statusOf(server, 'snowflakeconnections', 'other').bundle).toMatch(/^sha256/)
      expect(statusOf(server, 'agentpolicies', 'broken').conditions).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: 'Accepted', status: 'False' })]),
      )
    })
    expect(statusOf(server, 'snowflakeconnections', 'acme').conditions).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'False' })]),
    )
    const { text } = await operator.health('/metrics')
    expect(text).toContain('frostgate_operator_malformed_objects 2')
    expect(text).toContain('frostgate_operator_connections{state="closed"} 1')
    const mended = await operator.review('/validate', policy('broken', 'acme'), {
      operation: 'UPDATE',
      namespace,
    })
    expect(mended.allowed).toBe(true)
    put(server, policy('broken', 'acme'))
    server.objects.remove('agentpolicies', namespace, 'lost')
    await soon(() => {
      expect(statusOf(server, 'snowflakeconnections', 'acme').bundle).toMatch(/^sha256/)
    })
  })
})

describe('An operator whose API server is away at the start', () => {
  test('says what it waits for, and starts once it is there', async () => {
    server.fail('unavailable', all, { times })
    const healthPort = await freePort()
    const starting = started({ settings: { healthPort } })
    await soon(async () => {
      const { status, text } = await got(healthPort, '/readyz')
      expect([status, text]).toEqual([503, expect.stringContaining('waiting for the API server')])
    })
    expect(await got(healthPort, '/healthz')).toMatchObject({ status: 200 })
    server.heal()
    await expectClosed(await starting)
  })

  test('waits for objects that cannot be listed, such as before their definitions', async () => {
    server.fail('goneByStatus', 'list', { times, plural: 'maskingrules' })
    const healthPort = await freePort()
    const starting = started({ settings: { healthPort } })
    await soon(async () => {
      expect((await got(healthPort, '/readyz')).text).toContain('the objects of the API')
    })
    server.heal()
    await starting
  })

  test('leaves keys that it cannot read as they are, and says so until somebody mends them', async () => {
    const metadata = { namespace, name: 'frostgate-keys' }
    const garbled = { 'material.json': 'AAAA' }
    server.objects.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: garbled,
    })
    const healthPort = await freePort()
    const starting = started({ settings: { healthPort } })
    await soon(async () => {
      const { status, text } = await got(healthPort, '/readyz')
      expect([status, text]).toEqual([503, expect.stringContaining('Restore it from a backup')])
    })
    const kept = server.objects.find('secrets', namespace, 'frostgate-keys') as { data?: unknown }
    expect(kept.data).toEqual(garbled)
    server.objects.remove('secrets', namespace, 'frostgate-keys')
    await starting
  })

  test('ends at once when it is told to', async () => {
    server.fail('mute', all, { times })
    const controller = new AbortController()
    const starting = wholeOperator(server, { signal: controller.signal })
    await soon(() => {
      expect(server.requests.length).toBeGreaterThan(0)
    })
    controller.abort(new Error('told to'))
    await expect(starting).rejects.toThrow('told to')
    await soon(() => {
      expect(server.inFlight).toBe(0)
    })
  })

  test('is not ready until the webhooks can be called', async () => {
    server.fail('serverError', 'apply', { times, plural: webhookKinds[1] })
    const operator = await wholeOperator(server)
    open.push(operator)
    expect(await operator.health('/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('the CA is not in') as string,
    })
    server.heal()
    await soon(async () => {
      expect(await operator.health('/readyz')).toMatchObject({ status: 200 })
    })
    expect(trustIn(server)).toContain('BEGIN CERTIFICATE')
  })
})

describe('An operator that stops', () => {
  test('leaves no watch, no request, no timer and no socket', async () => {
    const before = process.getActiveResourcesInfo()
    const operator = await started()
    const sidecar = await operator.sidecar()
    await operator.createPod(annotated())
    await sidecar.enrol('pod:runner')
    await operator.close()
    await soon(() => {
      expect([server.openWatches, server.inFlight]).toEqual([0, 0])
    })
    const leases = server.objects.all('leases')
    expect(leases.find(({ metadata }) => metadata.name === 'frostgate-operator')).toMatchObject({
      spec: { holderIdentity: '' },
    })
    expect(leases.filter(({ metadata }) => metadata.name.includes('replica'))).toEqual([])
    await soon(() => {
      const counted = (all: readonly string[], what: string) =>
        all.filter((each) => each === what).length
      const after = process.getActiveResourcesInfo()
      for (const what of ['Timeout', 'TCPSocketWrap', 'TCPServerWrap'])
        expect(counted(after, what), what).toBeLessThanOrEqual(counted(before, what))
    }, 3_000)
  })

  test('does so within its limit, whatever the API server does', async () => {
    const operator = await started()
    server.fail('mute', all, { times })
    server.resetWatches()
    put(server, narrower)
    const began = performance.now()
    await operator.close()
    expect(performance.now() - began).toBeLessThan(3_500)
  })

  test('hands over to another replica, which writes the next status', async () => {
    const replicas = [await started(), await started()]
    const leads = async (each: WholeOperator): Promise<boolean> =>
      /^frostgate_operator_leader 1$/m.test((await each.health('/metrics')).text)
    await soon(() => {
      expect(bundleInStatus(server)).toMatch(/^sha256/)
    })
    const before = bundleInStatus(server)
    const leading = await Promise.all(replicas.map(leads))
    expect(leading.toSorted()).toEqual([false, true])
    const [leader, other] = leading[0] === true ? replicas : replicas.toReversed()
    await leader?.close()
    put(server, narrower)
    await soon(() => {
      expect(bundleInStatus(server)).not.toBe(before)
    })
    expect(other && (await leads(other))).toBe(true)
  })

  test('that cannot have its port says so and leaves nothing', async () => {
    const first = await started()
    const taken = { ...settingsWith(), webhookPort: first.running.ports.webhooks }
    await expect(wholeOperator(server, { settings: taken })).rejects.toThrow('EADDRINUSE')
  })
})
