import { mkdtemp, readFile, rm, stat, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { brokerErrors } from '../../../operator/broker/errors.ts'
import { leasePins, sweepPins } from '../../../operator/broker/pins.ts'
import { RateLimit } from '../../../operator/broker/rate-limit.ts'
import { RecordingIntake } from '../../../operator/broker/recording-intake.ts'
import { ReplayCache, replayLimits } from '../../../operator/broker/replay.ts'
import { BrokerCluster } from '../../support/broker-cluster.ts'

describe('the memory of proofs', () => {
  test('knows ten thousand of one key, refuses more, and room comes back with time', () => {
    let now = 0
    const cache = new ReplayCache(() => now)
    for (let turn = 0; turn < 10_000; turn += 1) expect(cache.use('key', `${turn}`)).toBe('new')
    expect(cache.use('key', 'one more')).toBe('full')
    expect(cache.use('key', '0')).toBe('used')
    expect(cache.use('other', '0')).toBe('new')
    now = replayLimits.windowMs - 1
    expect(cache.use('key', '9999')).toBe('used')
    now = 3 * replayLimits.windowMs
    expect(cache.use('key', 'one more')).toBe('new')
    expect(cache.size).toBe(1)
  })

  test('is bounded over all keys, and forgets nothing to make room', () => {
    const cache = new ReplayCache(() => 0, { windowMs: 1_000, perKey: 10, all: 20 })
    for (let turn = 0; turn < 100; turn += 1) cache.use(`key-${turn}`, 'x')
    expect(cache.size).toBe(20)
    expect(cache.use('key-0', 'x')).toBe('used')
    expect(cache.use('key-99', 'x')).toBe('full')
  })

  test('never takes one twice while it would be accepted, whenever they come', () => {
    const call = fc.record({
      wait: fc.integer({ min: 0, max: 150_000 }),
      jti: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        let now = 0
        const cache = new ReplayCache(() => now)
        const taken = new Map<string, number>()
        for (const { wait, jti } of calls) {
          now += wait
          const before = taken.get(jti)
          if (cache.use(jti, jti) !== 'new') continue
          if (before !== undefined) expect(now - before).toBeGreaterThanOrEqual(120_000)
          taken.set(jti, now)
        }
      }),
    )
  })
})

test('a rate lets a burst pass, then its share of each second, name by name', () => {
  let now = 0
  const rate = new RateLimit({ burst: 2, perSecond: 0.5 }, () => now)
  expect([rate.take('a'), rate.take('a'), rate.take('a')]).toEqual([0, 0, 2])
  expect(rate.take('b')).toBe(0)
  now = 1_000
  expect(rate.take('a')).toBe(1)
  now = 2_000
  expect([rate.take('a'), rate.take('a')]).toEqual([0, 2])
  now = -5_000
  expect(rate.take('a')).toBeGreaterThan(0)
})

test('every refusal says what happened and what to do, in whole sentences', () => {
  for (const [name, { text, advice, status }] of Object.entries(brokerErrors)) {
    expect(text, name).toMatch(/^[A-Z].*\.$/)
    expect(advice, name).toMatch(/^[A-Z].*\.$/)
    expect(status, name).toBeGreaterThanOrEqual(400)
  }
})

describe('pins', () => {
  const pod = (uid: string) => ({ namespace: 'ci', name: `pod-${uid}`, uid, serviceAccount: 'x' })

  test('are Leases that name the key, the pod and the time as Kubernetes writes it', async () => {
    const cluster = new BrokerCluster()
    await leasePins(cluster.pinAccess(), () => 0).claim(pod('u1'), 'thumb')
    expect(cluster.leases.get('frostgate-sidecar-u1')).toMatchObject({
      metadata: { annotations: { 'frostgate.dev/pod': 'ci/pod-u1' } },
      spec: { holderIdentity: 'thumb', acquireTime: '1970-01-01T00:00:00.000000Z' },
    })
  })

  test('of pods that are gone are swept, and no others', async () => {
    const cluster = new BrokerCluster()
    const pins = leasePins(cluster.pinAccess(), () => 0)
    for (const uid of ['live', 'gone', 'replaced']) await pins.claim(pod(uid), 'thumb')
    const uids: Readonly<Record<string, string>> = { 'pod-live': 'live', 'pod-replaced': 'newer' }
    const sweep = {
      list: () => Promise.resolve([...cluster.leases.values()]),
      delete: (name: string) => Promise.resolve(void cluster.leases.delete(name)),
      podUid: (_namespace: string, name: string) => Promise.resolve(uids[name]),
    }
    expect(await sweepPins(sweep)).toBe(2)
    expect([...cluster.leases.keys()]).toEqual(['frostgate-sidecar-live'])
  })

  test('stay while nobody can say whether the pod is gone', async () => {
    const cluster = new BrokerCluster()
    await leasePins(cluster.pinAccess(), () => 0).claim(pod('u1'), 'thumb')
    const sweeping = sweepPins({
      list: () => Promise.resolve([...cluster.leases.values()]),
      delete: (name) => Promise.resolve(void cluster.leases.delete(name)),
      podUid: () => Promise.reject(new Error('away')),
    })
    await expect(sweeping).rejects.toThrow('away')
    expect(cluster.leases.size).toBe(1)
  })
})

describe('recordings', () => {
  const pod = { namespace: 'ci', name: 'runner', uid: 'uid-1', serviceAccount: 'runner' }
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frostgate-recordings-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const usual = () => ({ folder, replica: '', limit: 100, total: 1_000, keepMs: 1_000 })
  const text = () => readFile(join(folder, 'uid-1.jsonl'), 'utf8')

  test('grow piece by piece, and a piece that does not fit says how long they are', async () => {
    const intake = new RecordingIntake(usual())
    expect(await intake.append(pod, 0, Buffer.from('one\n'))).toBe(4)
    expect(await intake.append(pod, 4, Buffer.from('two\n'))).toBe(8)
    for (const offset of [0, 4, 9]) {
      await expect(intake.append(pod, offset, Buffer.from('x'))).rejects.toMatchObject({
        entry: 'RecordingGap',
        details: { length: 8 },
      })
    }
    expect(await text()).toBe('one\ntwo\n')
    expect((await stat(join(folder, 'uid-1.jsonl'))).mode & 0o777).toBe(0o600)
  })

  test('of one pod are written one piece after the other', async () => {
    const intake = new RecordingIntake(usual())
    const pieces = ['a', 'b', 'c', 'd'].map((letter) => intake.append(pod, 0, Buffer.from(letter)))
    const settled = await Promise.allSettled(pieces)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await text()).toBe('a')
  })

  test('are bounded for each pod', async () => {
    const intake = new RecordingIntake({ ...usual(), limit: 5 })
    await intake.append(pod, 0, Buffer.from('1234'))
    await expect(intake.append(pod, 4, Buffer.from('56'))).rejects.toMatchObject({
      entry: 'RecordingTooLong',
      message: expect.not.stringContaining('Delete the pod') as string,
    })
    expect(await intake.append(pod, 4, Buffer.from('5'))).toBe(5)
  })

  test('are bounded for all pods together, those of other replicas and of earlier times included', async () => {
    await new RecordingIntake({ ...usual(), replica: 'other' }).append(pod, 0, Buffer.alloc(6))
    const intake = new RecordingIntake({ ...usual(), replica: 'own', total: 10 })
    expect(await intake.append(pod, 0, Buffer.alloc(3))).toBe(3)
    const second = { ...pod, uid: 'uid-2' }
    await expect(intake.append(second, 0, Buffer.alloc(2))).rejects.toMatchObject({
      entry: 'RecordingDiskFull',
      status: 507,
    })
    expect(await intake.append(second, 0, Buffer.alloc(1))).toBe(1)
    await rm(join(folder, 'other'), { recursive: true })
    await intake.sweep(() => true)
    expect(await intake.append(second, 1, Buffer.alloc(2))).toBe(3)
  })

  test('are in a file of each replica, so that two never add to one', async () => {
    const intakes = ['a', 'b'].map((replica) => new RecordingIntake({ ...usual(), replica }))
    await Promise.all(intakes.map((intake) => intake.append(pod, 0, Buffer.from('one\n'))))
    for (const replica of ['a', 'b'])
      expect(await readFile(join(folder, replica, 'uid-1.jsonl'), 'utf8')).toBe('one\n')
  })

  test('are removed when they are old and their pod is gone, and not before', async () => {
    let now = Date.now()
    const intake = new RecordingIntake({ ...usual(), replica: 'own', now: () => now })
    await intake.append(pod, 0, Buffer.alloc(3))
    await intake.append({ ...pod, uid: 'live' }, 0, Buffer.alloc(3))
    const isLive = (uid: string) => uid === 'live'
    expect(await intake.sweep(isLive)).toBe(0)
    now += 60_000
    expect(await intake.sweep(isLive)).toBe(1)
    expect(await readdir(join(folder, 'own'))).toEqual(['live.jsonl'])
    expect(await intake.sweep(() => false)).toBe(1)
    expect(await intake.sweep(() => false)).toBe(0)
    expect(await intake.append(pod, 0, Buffer.alloc(3))).toBe(3)
  })

  test('keep no half of a piece that the disk did not take, so that it can come again', async () => {
    const { open } = await import('node:fs/promises')
    let full = true
    const intake = new RecordingIntake({
      ...usual(),
      openFile: async (path) => {
        const file = await open(path, 'a+')
        const append = file.appendFile.bind(file)
        file.appendFile = async (data) => {
          if (!full) {
            await append(data)
            return
          }
          await append(Buffer.from(data as Buffer).subarray(0, 2))
          throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        }
        return file
      },
    })
    await expect(intake.append(pod, 0, Buffer.from('whole\n'))).rejects.toMatchObject({
      entry: 'RecordingDiskFull',
      status: 507,
    })
    full = false
    expect(await intake.append(pod, 0, Buffer.from('whole\n'))).toBe(6)
    expect(await text()).toBe('whole\n')
  })

  test('are taken in by the broker where it has a folder', async () => {
    const cluster = new BrokerCluster()
    cluster.serve()
    const own = cluster.addPod()
    const { port } = await cluster.replica({ recordings: usual() })
    const sidecar = await cluster.sidecar(port)
    await sidecar.enrol(cluster.tokenOf(own))
    const send = (offset: number | string, body: string) =>
      sidecar.call(`/v1/recording?offset=${offset}`, { method: 'POST', body: Buffer.from(body) })
    expect((await send(0, 'abc')).body).toEqual({ length: 3 })
    const gap = await send(7, 'abc')
    expect([gap.status, gap.body['length'], gap.body['error']]).toEqual([409, 3, 'RecordingGap'])
    for (const offset of ['', '-1', '1e3', '../x'])
      expect((await send(offset, 'a')).status).toBe(400)
    expect(await readFile(join(folder, `${own.metadata.uid}.jsonl`), 'utf8')).toBe('abc')
    await cluster.close()
  })
})
