import { setTimeout as pause } from 'node:timers/promises'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Broker } from '../../../operator/broker/broker.ts'
import type { TestSidecar } from '../../support/broker-client.ts'
import { BrokerCluster, keyPairCredential, type TestPod } from '../../support/broker-cluster.ts'

let cluster: BrokerCluster
let broker: Broker
let port: number
let pod: TestPod
let sidecar: TestSidecar

beforeEach(async () => {
  cluster = new BrokerCluster()
  cluster.serve()
  ;({ broker, port } = await cluster.replica())
  ;({ pod, sidecar } = await enrolled())
})

afterEach(async () => {
  await cluster.close()
})

async function enrolled(at = port) {
  const own = cluster.addPod()
  const made = await cluster.sidecar(at)
  await made.enrol(cluster.tokenOf(own))
  return { pod: own, sidecar: made }
}

async function namedPod(connection: string): Promise<TestSidecar> {
  const own = cluster.addPod()
  const annotations = { ...own.metadata.annotations, 'frostgate.dev/connection': connection }
  cluster.pods.set(`ci/${own.metadata.name}`, {
    ...own,
    metadata: { ...own.metadata, annotations },
  })
  const made = await cluster.sidecar(port)
  await made.enrol(cluster.tokenOf(own))
  return made
}

test('the first notice is the bundle in force, and the next whom to trust', async () => {
  const { digest } = cluster.serve()
  const stream = await sidecar.stream()
  await stream.next('trust')
  expect(stream.notices).toEqual([
    { type: 'bundle', digest },
    { type: 'trust', pem: sidecar.trust },
  ])
})

test('a change is told to the sidecars of its connection, and to no others', async () => {
  cluster.serve('other')
  const neighbour = await namedPod('other')
  const [stream, quiet] = [await sidecar.stream(), await neighbour.stream()]
  await Promise.all([stream.next('trust'), quiet.next('trust')])
  const { digest } = cluster.serve('acme', keyPairCredential, 'READER')
  broker.publish()
  broker.publish()
  await stream.next('bundle', (notice) => notice.digest === digest)
  await pause(50)
  expect(stream.notices).toHaveLength(3)
  expect(quiet.notices).toHaveLength(2)
})

test('a connection that closes says why, and says so again when it is back', async () => {
  const stream = await sidecar.stream()
  cluster.shut('MaskingRule frostgate/ssn is wrong')
  broker.publish()
  expect((await stream.next('closed')).reason).toContain('MaskingRule frostgate/ssn')
  const { digest } = cluster.serve()
  broker.publish()
  await expect.poll(() => stream.notices.at(-1)).toEqual({ type: 'bundle', digest })
})

test('a connection that is deleted is taken back: sessions end, and an Event says so', async () => {
  const stream = await sidecar.stream()
  cluster.connections.clear()
  broker.publish()
  expect((await stream.next('revoked')).reason).toContain('no SnowflakeConnection frostgate/acme')
  await stream.ended
  await expect(sidecar.stream()).rejects.toThrow('403')
  expect(cluster.alerts.filter(({ reason }) => reason === 'SidecarRevoked')).toEqual([
    expect.objectContaining({ message: expect.stringContaining('frostgate/acme') as unknown }),
  ])
})

test('a connection that is there and cannot be read is closed until it is mended', async () => {
  const { broker: own, port: at } = await cluster.replica({
    isUnreadable: (connection) => connection === 'frostgate/acme',
  })
  const stream = await (await enrolled(at)).sidecar.stream()
  cluster.connections.clear()
  own.publish()
  expect((await stream.next('closed')).reason).toContain('cannot be read')
})

test('a replica that does not hear from the API server says nothing, and takes no stream', async () => {
  let vouches = true
  const replica = await cluster.replica({ limits: { pingMs: 20 }, vouches: () => vouches })
  const { sidecar: own } = await enrolled(replica.port)
  const stream = await own.stream()
  await stream.next('ping')
  vouches = false
  await stream.ended
  const heard = stream.notices.length
  await pause(60)
  expect(stream.notices).toHaveLength(heard)
  await expect(own.stream()).rejects.toThrow('503')
  vouches = true
  await (await own.stream()).next('ping')
})

test('a bundle that a sidecar could not take is counted until it comes anew, and told', async () => {
  const { digest } = cluster.serve()
  const stream = await sidecar.stream()
  const { namespace, name, uid } = pod.metadata
  const body = { digest, accepted: false, reason: 'no such method' }
  await sidecar.call('/v1/ack', { method: 'POST', body })
  const refused = () => broker.sidecars().get('frostgate/acme')?.refused
  expect(refused()).toBe(1)
  expect(cluster.alerts.find(({ reason }) => reason === 'BundleRefused')).toMatchObject({
    pod: { namespace, name, uid },
    connection: { metadata: { name: 'acme' } },
    bundle: digest,
    message: 'no such method',
  })
  stream.close()
  await (await sidecar.stream()).next('bundle')
  expect(refused()).toBeUndefined()
})

test('a pod that is deleted is told within two seconds, and its stream ends; its neighbour’s does not', async () => {
  const other = await enrolled()
  const [stream, neighbour] = [await sidecar.stream(), await other.sidecar.stream()]
  const started = performance.now()
  broker.podGone(pod.metadata.uid)
  expect((await stream.next('revoked')).reason).toContain('it was deleted')
  await stream.ended
  expect(performance.now() - started).toBeLessThan(2_000)
  await expect(sidecar.stream()).rejects.toThrow('403')
  await pause(50)
  expect(neighbour.notices.map(({ type }) => type)).not.toContain('revoked')
})

test('a namespace that is let in no more is a revocation', async () => {
  const { sidecar: last } = await enrolled()
  const unwanted = await last.stream()
  cluster.allowed = () => false
  broker.publish()
  await unwanted.next('revoked')
})

test('a pod has one stream: the newest', async () => {
  const first = await sidecar.stream()
  await first.next('trust')
  const second = await sidecar.stream()
  await first.ended
  const { digest } = cluster.serve('acme', keyPairCredential, 'READER')
  broker.publish()
  await second.next('bundle', (notice) => notice.digest === digest)
  expect(broker.sidecars().get('frostgate/acme')?.connected).toBe(1)
})

test('a stream that is closed by the sidecar is not counted', async () => {
  const stream = await sidecar.stream()
  await stream.next('bundle')
  stream.close()
  await expect.poll(() => broker.sidecars().get('frostgate/acme')).toBeUndefined()
})

test('pings come while nothing changes', async () => {
  const { port: quick } = await cluster.replica({ limits: { pingMs: 20 } })
  const stream = await (await enrolled(quick)).sidecar.stream()
  await stream.next('ping')
})

test('a stream ends with its access token, unless the sidecar renews', async () => {
  const { port: quick } = await cluster.replica({ limits: { pingMs: 20 } })
  const lapsed = await enrolled(quick)
  const renewed = await enrolled(quick)
  const [ends, goes] = [await lapsed.sidecar.stream(), await renewed.sidecar.stream()]
  cluster.skew = 50_000
  await renewed.sidecar.enrol(cluster.tokenOf(renewed.pod))
  cluster.skew = 601_000
  await ends.ended
  expect(ends.notices.map(({ type }) => type)).not.toContain('revoked')
  const heard = goes.notices.length
  await expect.poll(() => goes.notices.length).toBeGreaterThan(heard)
})

test('who does not read is cut, and nobody waits for it', async () => {
  let trust = sidecar.trust
  const slow = await cluster.replica({ trust: () => trust })
  const stalled = await enrolled(slow.port)
  const reading = await enrolled(slow.port)
  const stuck = await stalled.sidecar.stream()
  const stream = await reading.sidecar.stream()
  await stuck.next('trust')
  stuck.stall()
  const connected = () => slow.broker.sidecars().get('frostgate/acme')?.connected
  expect(connected()).toBe(2)
  for (let turn = 0; turn < 60 && connected() === 2; turn += 1) {
    trust = `${turn}${'x'.repeat(400_000)}`
    slow.broker.publish()
    const told = trust
    await stream.next('trust', ({ pem }) => pem === told)
  }
  expect(connected()).toBe(1)
  expect(await slow.metrics.getSingleMetricAsString('frostgate_broker_streams_cut_total')).toMatch(
    /_total 1$/m,
  )
})

test('a replica that stops says goodbye to all, and ends in time', async () => {
  const streams = await Promise.all([1, 2, 3].map(async () => (await enrolled()).sidecar.stream()))
  const started = performance.now()
  await broker.close()
  for (const stream of streams) {
    await stream.next('goodbye')
    await stream.ended
  }
  expect(performance.now() - started).toBeLessThan(4_000)
})
