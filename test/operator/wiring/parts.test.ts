/** What the wiring is made of, each part by itself. */

import { readFileSync } from 'node:fs'

import { setTimeout as delay } from 'node:timers/promises'

import { describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'

import { KubeClient } from '../../../operator/kube/client.ts'
import { KubeError } from '../../../operator/kube/kube-error.ts'
import * as api from '../../../operator/wiring/api-server.ts'
import { Closers } from '../../../operator/wiring/closers.ts'
import {
  readClusterIdentity,
  watchClusterIdentity,
} from '../../../operator/wiring/cluster-facts.ts'
import { watchGonePods } from '../../../operator/wiring/gone-pods.ts'
import { persistently } from '../../../operator/wiring/persistently.ts'
import { ReplicaReports } from '../../../operator/wiring/replica-reports.ts'
import { TrustPublisher } from '../../../operator/wiring/trust-publisher.ts'
import { webhookConfigurations } from '../../../operator/wiring/webhook-names.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { clusterInMemory, soon } from './whole-operator.ts'

async function withClient(
  use: (client: KubeClient, server: FakeApiServer) => Promise<void>,
): Promise<void> {
  const server = await clusterInMemory()
  const client = new KubeClient(server.access())
  try {
    await use(client, server)
  } finally {
    await client.close()
    await server.close()
  }
}

const signal = new AbortController().signal
const backoff = { leastMs: 1, mostMs: 2 }

describe('Trying persistently', () => {
  test('goes on until it works, and tells of each failure', async () => {
    const problems: unknown[] = []
    let left = 3
    const attempt = () =>
      left-- > 0 ? Promise.reject(new Error(`no ${left}`)) : Promise.resolve('done')
    const onProblem = (error: unknown) => problems.push(error)
    await expect(persistently(attempt, { signal, onProblem, backoff })).resolves.toBe('done')
    expect(problems.map(String)).toEqual(['Error: no 2', 'Error: no 1', 'Error: no 0'])
  })

  test('waits as long as the server asks, and never a day', async () => {
    const pauses: number[] = []
    const clock = {
      now: () => 0,
      sleep: (ms: number) => Promise.resolve(void pauses.push(ms)),
    }
    const asked = [7, 86_400]
    const attempt = () => {
      const retryAfter = asked.shift()
      const about = { status: 429, reason: 'TooManyRequests', message: 'x', details: undefined }
      return retryAfter === undefined
        ? Promise.resolve(1)
        : Promise.reject(new KubeError({ ...about, retryAfter }))
    }
    await persistently(attempt, { signal, onProblem: () => undefined, clock, backoff })
    expect(pauses).toEqual([7_000, 60_000])
  })

  test('ends in the middle of an attempt that hangs', async () => {
    const controller = new AbortController()
    const trying = persistently(() => new Promise(() => undefined), {
      signal: controller.signal,
      onProblem: () => undefined,
    })
    controller.abort(new Error('enough'))
    await expect(trying).rejects.toThrow('enough')
  })
})

describe('Closers', () => {
  test('end in reverse order, each once, and one that fails keeps no other', async () => {
    const ended: string[] = []
    const closing = new Closers()
    const closer = (name: string) => () => Promise.resolve(void ended.push(name))
    closing.add(closer('first'))
    closing.add(closer('second'), () => Promise.reject(new Error('broken')))
    closing.add(closer('third'))
    await expect(closing.run()).rejects.toThrow('broken')
    await closing.run()
    expect(ended).toEqual(['third', 'second', 'first'])
  })
})

describe('The publisher of trust', () => {
  const configurations = webhookConfigurations('frostgate').slice(0, 1)

  test('never has two writes under way, and ends with the newest trust', async () => {
    let [trust, running, most] = ['one', 0, 0]
    const written: string[] = []
    const publisher = new TrustPublisher({
      configurations,
      trust: () => trust,
      apply: async ({ webhooks: [first] }) => {
        most = Math.max(most, (running += 1))
        await delay(5)
        running -= 1
        written.push(Buffer.from(first?.clientConfig.caBundle ?? '', 'base64').toString())
      },
      onProblem: () => undefined,
    })
    publisher.publish()
    trust = 'two'
    publisher.publish()
    publisher.publish()
    await soon(() => {
      expect(written).toHaveLength(2)
    })
    expect([written, most]).toEqual([['one', 'two'], 1])
    await publisher.stop()
  })

  test('tries until it works, and not after it was stopped', async () => {
    let failures = 2
    const problems: unknown[] = []
    const publisher = new TrustPublisher({
      configurations,
      trust: () => 'pem',
      apply: () => (failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve()),
      onProblem: (error) => problems.push(error),
      backoff,
    })
    publisher.publish()
    expect(publisher.published).toBe(false)
    await soon(() => {
      expect(publisher.published).toBe(true)
    })
    expect(problems).toHaveLength(2)
    failures = 1e9
    publisher.publish()
    await publisher.stop()
    const after = problems.length
    publisher.publish()
    await delay(20)
    expect(problems).toHaveLength(after)
  })
})

describe('The names of webhooks', () => {
  test('are those of the chart’s policies', () => {
    const file = '../../../operator/admission/policies/webhooks.yaml'
    const text = readFileSync(new URL(file, import.meta.url), 'utf8')
    const documents = parseAllDocuments(text).map(
      (document) =>
        document.toJS() as {
          readonly kind: string
          readonly webhooks: readonly { name: string }[]
        },
    )
    expect(
      documents.map(({ kind, webhooks }) => ({ kind, webhooks: webhooks.map(({ name }) => name) })),
    ).toEqual(webhookConfigurations('frostgate').map(({ kind, webhooks }) => ({ kind, webhooks })))
  })
})

describe('What the API server is asked', () => {
  test('of a Secret: made once, and written only over the version that was read', () =>
    withClient(async (client) => {
      const secret = api.secretAccess(client, 'frostgate', 'frostgate-keys')
      expect(await secret.get()).toBeUndefined()
      expect(await secret.update({ a: 'eA==' }, '1')).toBe('conflict')
      expect(await secret.create({ a: 'eA==' })).toBe('written')
      expect(await secret.create({ a: 'eQ==' })).toBe('conflict')
      const { resourceVersion = '' } = (await secret.get()) ?? {}
      expect(await secret.update({ a: 'eg==' }, '1')).toBe('conflict')
      expect(await secret.update({ a: 'eg==' }, resourceVersion)).toBe('written')
    }))

  test('of pins: of two that claim a pod one is first', () =>
    withClient(async (client) => {
      const pins = api.pinAccess(client, 'frostgate')
      const lease = { metadata: { name: 'frostgate-sidecar-u' }, spec: { holderIdentity: 'k' } }
      const results = await Promise.all([1, 2].map(() => pins.create(lease as never)))
      expect(results.toSorted()).toEqual(['conflict', 'created'])
      expect(await pins.get('frostgate-sidecar-u')).toMatchObject(lease)
    }))

  test('of pods: one that is not there is undefined, and a failure is a failure', () =>
    withClient(async (client, server) => {
      expect(await api.readPod(client)('ci', 'none')).toBeUndefined()
      server.fail('serverError', 'get')
      await expect(api.readPod(client)('ci', 'none')).rejects.toThrow()
      await expect(api.readPod(client)('ci', '../../secrets/x')).rejects.toThrow('not a name')
    }))

  test('of tokens: a review without status is no proof, and lifetimes are in seconds', () =>
    withClient(async (client, server) => {
      const path = '/apis/authentication.k8s.io/v1/tokenreviews'
      server.answers.set(path, () => ({}))
      expect(await api.reviewToken(client)('token', 'audience')).toEqual({})
      server.answers.set('/api/v1/namespaces/frostgate/serviceaccounts/wif/token', (body) => ({
        status: { token: JSON.stringify(body), expirationTimestamp: '2030-01-01T00:00:00Z' },
      }))
      const request = { namespace: 'frostgate', serviceAccount: 'wif', audience: 'snowflake' }
      const minted = await api.mintToken(client)({ ...request, expirationSeconds: 600 })
      expect(minted.expiresAt).toBe(Date.UTC(2030, 0, 1) / 1000)
      expect(JSON.parse(minted.token)).toMatchObject({
        spec: { audiences: ['snowflake'], expirationSeconds: 600 },
      })
    }))
})

describe('The cluster', () => {
  test('is known by its UID, issuer and keys; a cluster that tells none is refused', () =>
    withClient(async (client, server) => {
      const identity = await readClusterIdentity(client)
      expect(identity).toMatchObject({ issuer: 'https://cluster.example', jwks: { keys: [] } })
      server.answers.set('/openid/v1/jwks', () => ({ keys: 'none' }))
      await expect(readClusterIdentity(client)).rejects.toThrow('--service-account-issuer')
      const watch = watchClusterIdentity(
        client,
        identity,
        () => undefined,
        () => undefined,
      )
      expect(watch.current()).toBe(identity)
      watch.stop()
    }))
})

describe('Keys of ServiceAccount tokens', () => {
  test('are read again each minute: a new one may sign as soon as it is shown', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      await withClient(async (client, server) => {
        const changes: number[] = []
        const watch = watchClusterIdentity(
          client,
          await readClusterIdentity(client),
          () => changes.push(1),
          () => undefined,
        )
        server.answers.set('/openid/v1/jwks', () => ({ keys: [{ kid: 'new' }] }))
        vi.advanceTimersByTime(60_000)
        await soon(() => {
          expect(watch.current().jwks.keys).toEqual([{ kid: 'new' }])
        })
        expect(changes).toEqual([1])
        watch.stop()
      })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('Pods that are gone', () => {
  test('are told by UID: deleted, or replaced under the same name', () =>
    withClient(async (client, { objects }) => {
      const gone: string[] = []
      const pods = watchGonePods(
        client,
        (uid) => gone.push(uid),
        () => undefined,
      )
      const labels = { 'frostgate.dev/injected': 'true' }
      const pod = (name: string) =>
        objects.put('pods', { metadata: { namespace: 'ci', name, labels } }).metadata.uid
      const [first, second] = [pod('a'), pod('b')]
      objects.put('pods', { metadata: { namespace: 'ci', name: 'not-ours' } })
      await soon(() => {
        expect(pods.synced).toBe(true)
      })
      objects.remove('pods', 'ci', 'a')
      objects.remove('pods', 'ci', 'not-ours')
      objects.remove('pods', 'ci', 'b')
      pod('b')
      await soon(() => {
        expect(gone).toEqual([first, second])
      })
      await pods.stop()
    }))
})

describe('Reports of replicas', () => {
  const counts = { connected: 2, inSync: 1 }
  const reportsOf = (client: KubeClient, replica: string, more = {}) =>
    new ReplicaReports(client, {
      namespace: 'frostgate',
      replica,
      own: () => new Map([['frostgate/acme', counts]]),
      isLeader: () => true,
      onChange: () => undefined,
      onProblem: (error) => {
        throw error
      },
      ...more,
    })

  test('reach the leader, and end with their replica', () =>
    withClient(async (client) => {
      const [a, b] = [reportsOf(client, 'a'), reportsOf(client, 'b')]
      await b.exchange()
      await a.exchange()
      expect(a.others()).toEqual([new Map([['frostgate/acme', counts]])])
      await b.stop()
      await a.exchange()
      expect(a.others()).toEqual([])
    }))

  test('that are old, have no time or are none count for nothing, and the first two are removed', () =>
    withClient(async (client, { objects }) => {
      const put = (name: string, renewTime: unknown, text = '[["frostgate/acme",{}]]') =>
        objects.put('leases', {
          metadata: {
            namespace: 'frostgate',
            name: `frostgate-replica-${name}`,
            labels: { 'frostgate.dev/replica': 'true' },
            annotations: { 'frostgate.dev/sidecars': text },
          } as never,
          spec: { renewTime },
        })
      put('old', '2001-01-01T00:00:00.000000Z')
      put('timeless', undefined)
      put('odd', new Date().toISOString())
      put('garbage', new Date().toISOString(), '{{')
      const leader = reportsOf(client, 'leader')
      await leader.exchange()
      expect(leader.others()).toEqual([new Map(), new Map()])
      expect(objects.find('leases', 'frostgate', 'frostgate-replica-old')).toBeUndefined()
      expect(objects.find('leases', 'frostgate', 'frostgate-replica-timeless')).toBeUndefined()
    }))

  test('of others are forgotten by a replica that leads no more', () =>
    withClient(async (client) => {
      let isLeader = true
      const [a, b] = [reportsOf(client, 'a', { isLeader: () => isLeader }), reportsOf(client, 'b')]
      await b.exchange()
      await a.exchange()
      expect(a.others()).toHaveLength(1)
      isLeader = false
      await a.exchange()
      expect(a.others()).toEqual([])
    }))
})

test('A pin is for a pod that may still run: one that has ended needs none', async () => {
  await withClient(async (client, server) => {
    const { podUid } = api.pinSweepAccess(client, 'frostgate')
    for (const [phase, isHeld] of [
      ['Pending', true],
      ['Running', true],
      ['Succeeded', false],
      ['Failed', false],
    ] as const) {
      server.objects.put('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'ci', name: 'job' },
        status: { phase },
      })
      const uid = server.objects.find('pods', 'ci', 'job')?.metadata.uid
      expect([phase, await podUid('ci', 'job')]).toEqual([phase, isHeld ? uid : undefined])
    }
    expect(await podUid('ci', 'none')).toBeUndefined()
  })
})
