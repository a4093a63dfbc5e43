import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { KubeClient } from '../../../operator/kube/client.ts'
import { KubeStore } from '../../../operator/store/kube-store.ts'
import { quick } from '../../support/fake-api-server/reflecting.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'
import { objectOf } from '../../crds/cases.ts'

interface Scene {
  readonly server: FakeApiServer
  readonly store: KubeStore
  /** Calls of onChange. */
  readonly calls: () => number
  readonly until: (check: () => void) => Promise<void>
}

async function scene(
  use: (scene: Scene) => Promise<void>,
  prepare: (server: FakeApiServer) => void = () => undefined,
): Promise<void> {
  const server = await fakeApiServer()
  const client = new KubeClient(server.access())
  const store = new KubeStore(client, {
    connectionNamespaces: ['frostgate', 'team'],
    timing: quick,
    startTimeoutMs: 1000,
  })
  prepare(server)
  let calls = 0
  store.onChange(() => {
    calls += 1
  })
  try {
    await use({
      server,
      store,
      calls: () => calls,
      until: (check) => vi.waitFor(check, { timeout: 3000, interval: 10 }),
    })
  } finally {
    await store.stop()
    await client.close()
    await server.close()
  }
}

function put(
  server: FakeApiServer,
  kind: 'SnowflakeConnection' | 'AgentPolicy',
  name: string,
  changes = {},
  namespace = 'frostgate',
) {
  const plural = kind === 'AgentPolicy' ? 'agentpolicies' : 'snowflakeconnections'
  const known = server.objects.find(plural, namespace, name)
  server.objects.put(plural, {
    ...(objectOf(kind, changes) as Record<string, unknown>),
    ...(known?.['status'] === undefined ? {} : { status: known['status'] }),
    metadata: { namespace, name, managedFields: [{ manager: 'kubectl' }] } as never,
  })
}

function fill(server: FakeApiServer): void {
  put(server, 'SnowflakeConnection', 'acme')
  put(server, 'AgentPolicy', 'etl')
  put(server, 'AgentPolicy', 'elsewhere', {}, 'other')
  for (const namespace of ['frostgate', 'team', 'other']) {
    server.objects.put('secrets', {
      metadata: { namespace, name: 'key', labels: { a: 'b' } },
      type: 'Opaque',
      data: { privateKey: 'eA==' },
    })
  }
  server.objects.put('namespaces', { metadata: { name: 'ci', labels: { team: 'ci' } }, spec: {} })
}

const names = (
  located: readonly {
    readonly object: { readonly metadata: { readonly namespace?: string; readonly name: string } }
  }[],
) => located.map(({ object: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`)

describe('A KubeStore', () => {
  test('hands out what is stored, with defaults and without what nobody reads', async () => {
    await scene(async ({ store }) => {
      expect(store.synced).toBe(false)
      await store.start()
      expect(store.synced).toBe(true)
      const { objects, malformed, namespaces } = store.snapshot()
      expect(names(objects.connections)).toEqual(['frostgate/acme'])
      expect(names(objects.policies)).toEqual(['frostgate/etl', 'other/elsewhere'])
      expect(objects.connections[0]?.object.spec.maxSessionAge).toBe('8h')
      expect(JSON.stringify(objects)).not.toContain('managedFields')
      expect(malformed).toEqual([])
      expect([...namespaces]).toEqual([['ci', { team: 'ci' }]])
      expect(objects.secrets[0]?.object).toEqual({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          namespace: 'frostgate',
          name: 'key',
          resourceVersion: expect.any(String) as string,
        },
        type: 'Opaque',
        data: { privateKey: 'eA==' },
      })
    }, fill)
  })

  test('asks for Secrets of the connection namespaces only, and never for all', async () => {
    await scene(async ({ store, server }) => {
      await store.start()
      expect(names(store.snapshot().objects.secrets)).toEqual(['frostgate/key', 'team/key'])
      const asked = server.requests.filter(({ plural }) => plural === 'secrets')
      expect([...new Set(asked.map(({ namespace }) => namespace))]).toEqual(['frostgate', 'team'])
    }, fill)
  })

  test('keeps the identity of all that did not change', async () => {
    await scene(async ({ store, server, until }) => {
      await store.start()
      const before = store.snapshot()
      expect(store.snapshot()).toBe(before)
      put(server, 'AgentPolicy', 'etl', { mode: 'Observe' })
      await until(() => {
        expect(store.snapshot()).not.toBe(before)
      })
      const after = store.snapshot()
      expect(after.objects.policies[0]).not.toBe(before.objects.policies[0])
      expect(after.objects.policies[1]).toBe(before.objects.policies[1])
      expect(after.objects.connections).toBe(before.objects.connections)
      expect(after.objects.secrets).toBe(before.objects.secrets)
      expect(after.namespaces).toBe(before.namespaces)
    }, fill)
  })

  test('tells of changes that come together once', async () => {
    await scene(async ({ store, server, until, calls }) => {
      await store.start()
      await until(() => {
        expect(calls()).toBe(1)
      })
      for (let index = 0; index < 20; index += 1) put(server, 'AgentPolicy', `p${index}`)
      await until(() => {
        expect(store.snapshot().objects.policies).toHaveLength(22)
      })
      await delay(100)
      expect(calls()).toBe(2)
    }, fill)
  })

  test('is not changed by a status, which it knows nevertheless', async () => {
    await scene(async ({ store, server, until, calls }) => {
      await store.start()
      await until(() => {
        expect(calls()).toBe(1)
      })
      const before = store.snapshot()
      const reference = { kind: 'AgentPolicy', namespace: 'frostgate', name: 'etl' } as const
      await store.writeStatus(reference, { observedGeneration: 1 })
      await until(() => {
        expect(store.status(reference)).toEqual({ observedGeneration: 1 })
      })
      await delay(100)
      expect(store.snapshot()).toBe(before)
      expect(calls()).toBe(1)
      const written = server.requests.find(({ verb }) => verb === 'apply')
      expect([written?.subresource, written?.query.get('force')]).toEqual(['status', 'true'])
    }, fill)
  })

  test('tells of a namespace that is being deleted, and keeps what is known of it', async () => {
    await scene(async ({ store, server, until }) => {
      server.objects.put('namespaces', { metadata: { name: 'team', labels: { a: 'b' } } })
      await store.start()
      expect(store.snapshot().terminating).toEqual(new Set())
      const deletionTimestamp = '2030-01-01T00:00:00Z'
      server.objects.put('namespaces', {
        metadata: { name: 'team', labels: { a: 'b' }, deletionTimestamp },
      } as never)
      await until(() => {
        expect(store.snapshot().terminating).toEqual(new Set(['team']))
      })
      expect(store.snapshot().namespaces.get('team')).toEqual({ a: 'b' })
    }, fill)
  })

  test('tells of a connection that is being deleted, and still there', async () => {
    await scene(async ({ store, server, until }) => {
      await store.start()
      const deletionTimestamp = '2030-01-01T00:00:00Z'
      const stored = server.objects.find('agentpolicies', 'frostgate', 'etl')
      server.objects.put('agentpolicies', {
        ...stored,
        metadata: { ...stored?.metadata, deletionTimestamp },
      } as never)
      await until(() => {
        const { policies } = store.snapshot().objects
        expect(policies.map(({ object }) => object.metadata.deletionTimestamp)).toContain(
          deletionTimestamp,
        )
      })
    }, fill)
  })

  test('is not changed by a change of a namespace other than of its labels', async () => {
    await scene(async ({ store, server, until, calls }) => {
      await store.start()
      await until(() => {
        expect(calls()).toBe(1)
      })
      const label = (labels: object, phase: string) =>
        server.objects.put('namespaces', {
          metadata: { name: 'ci', labels } as never,
          status: { phase },
        })
      label({ team: 'ci' }, 'Terminating')
      await delay(150)
      expect(calls()).toBe(1)
      label({ team: 'data' }, 'Active')
      await until(() => {
        expect(calls()).toBe(2)
      })
      expect(store.snapshot().namespaces.get('ci')).toEqual({ team: 'data' })
    }, fill)
  })

  test('keeps what does not fit its schema apart, with the connection it is meant for', async () => {
    await scene(
      async ({ store }) => {
        await store.start()
        const { objects, malformed } = store.snapshot()
        expect(names(objects.connections)).toEqual(['frostgate/acme'])
        expect(names(objects.policies)).toEqual(['frostgate/etl', 'other/elsewhere'])
        expect(malformed.map(({ kind, name, connection }) => [kind, name, connection])).toEqual([
          ['SnowflakeConnection', 'broken', 'broken'],
          ['AgentPolicy', 'no-reference', undefined],
          ['AgentPolicy', 'typo', 'acme'],
        ])
        expect(malformed[2]).toMatchObject({
          namespace: 'frostgate',
          generation: 1,
          problems: [{ object: 'AgentPolicy frostgate/typo', field: 'spec.mode' }],
        })
      },
      (server) => {
        fill(server)
        put(server, 'AgentPolicy', 'typo', { mode: 'Enforced' })
        put(server, 'AgentPolicy', 'no-reference', { connectionRef: 7 })
        put(server, 'SnowflakeConnection', 'broken', { role: undefined })
      },
    )
  })

  test('says what cannot be read, and goes on trying', async () => {
    await scene(
      async ({ store, server, until }) => {
        await expect(store.start()).rejects.toThrow(
          /^Not everything could be read within 1000 ms\. agentpolicies: the server says InternalError\. Check that/,
        )
        expect(store.synced).toBe(false)
        server.heal()
        await until(() => {
          expect(store.synced).toBe(true)
        })
      },
      (server) => {
        fill(server)
        server.fail('serverError', 'list', { plural: 'agentpolicies', times: 1000 })
      },
    )
  })

  test('tells other listeners when one of them throws, and nobody after its stop', async () => {
    await scene(async ({ store, server, until }) => {
      let calls = 0
      store.onChange(() => {
        throw new Error('broken listener')
      })
      store.onChange(() => {
        calls += 1
      })
      await store.start()
      await until(() => {
        expect(calls).toBe(1)
      })
      put(server, 'AgentPolicy', 'late')
      await store.stop()
      await delay(100)
      expect(calls).toBe(1)
    }, fill)
  })
})
