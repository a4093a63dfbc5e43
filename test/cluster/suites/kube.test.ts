/** The operator's own client, reflector, election and store on a real API server. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { parse } from 'yaml'
import { definitionFile, kinds } from '../../../crds/definitions.ts'
import type { AgentPolicy } from '../../../crds/types.ts'
import { connectCluster } from '../cluster.ts'
import { KubeClient, kubeClient } from '../../../operator/kube/client.ts'
import { events } from '../../../operator/kube/events.ts'
import { inClusterAccess } from '../../../operator/kube/in-cluster.ts'
import { kubeconfigAccess } from '../../../operator/kube/kubeconfig.ts'
import { leaderElection } from '../../../operator/kube/leader-election.ts'
import type { ReflectorProblem } from '../../../operator/kube/reflector.ts'
import { reflector } from '../../../operator/kube/reflector.ts'
import { pathOf, resources } from '../../../operator/kube/resources.ts'
import { KubeStore } from '../../../operator/store/kube-store.ts'
import { objectOf } from '../../crds/cases.ts'

const cluster = connectCluster(inject('cluster'))
const client = kubeClient({ kubeconfig: cluster.kubeconfig })
const namespace = 'kube-suite'
/** Definitions that were not there before: a chart that another suite installs brings its own. */
const added: string[] = []

const configMap = (name: string, value: string) => ({
  metadata: { namespace, name },
  data: { value },
})
const until = (check: () => void | Promise<void>, timeout = 30_000) =>
  vi.waitFor(check, { timeout, interval: 50 })

beforeAll(async () => {
  await client.create(resources.namespaces, { metadata: { name: namespace } })
  for (const kind of kinds) {
    const definition = parse(readFileSync(definitionFile(kind), 'utf8')) as {
      readonly metadata: { readonly name: string }
    }
    const { name } = definition.metadata
    if ((await client.find(resources.customResourceDefinitions, { name })) !== undefined) continue
    added.push(name)
    await client.apply(resources.customResourceDefinitions, definition)
  }
  const lists = [
    () => client.list(resources.snowflakeConnections),
    () => client.list(resources.agentPolicies),
    () => client.list(resources.maskingRules),
  ]
  for (const list of lists) {
    await until(async () => {
      await list()
    })
  }
})

afterAll(async () => {
  await client.delete(resources.namespaces, { name: namespace })
  for (const name of added) await client.delete(resources.customResourceDefinitions, { name })
  await client.close()
})

function configMaps(problems: ReflectorProblem[] = []) {
  return reflector(client, resources.configMaps, {
    namespace,
    fieldSelector: 'metadata.name!=kube-root-ca.crt',
    select: ({ data }) => data?.['value'],
    onProblem: (problem) => problems.push(problem),
    timing: { backoff: { leastMs: 100, mostMs: 1000 } },
  })
}

describe('A reflector', () => {
  test('follows creation, change and deletion, across a restart of the API server', async () => {
    const problems: ReflectorProblem[] = []
    const mirror = configMaps(problems)
    mirror.start()
    try {
      await client.create(resources.configMaps, configMap('a', '1'))
      await client.create(resources.configMaps, configMap('b', '1'))
      const a = await client.get(resources.configMaps, { namespace, name: 'a' })
      await client.update(resources.configMaps, { ...a, data: { value: '2' } })
      await expect(client.update(resources.configMaps, a)).rejects.toMatchObject({
        status: 409,
        reason: 'Conflict',
      })
      await client.delete(resources.configMaps, { namespace, name: 'b' })
      await until(() => {
        expect([...mirror.items()]).toEqual([[`${namespace}/a`, '2']])
      })
      expect(problems).toEqual([])
      if (!cluster.owned) return
      await cluster.apiServer.stop()
      await cluster.apiServer.start()
      await client.delete(resources.configMaps, { namespace, name: 'a' })
      await client.create(resources.configMaps, configMap('c', '1'))
      await until(() => {
        expect([...mirror.items()]).toEqual([[`${namespace}/c`, '1']])
      })
      expect(problems.length).toBeGreaterThan(0)
    } finally {
      await mirror.stop()
    }
  })

  test('lists in pages that belong to one moment', async () => {
    const { items, resourceVersion } = await client.list(resources.configMaps, { limit: 1 })
    expect(items.length).toBeGreaterThan(1)
    expect(Number(resourceVersion)).toBeGreaterThan(0)
  })
})

describe('A watch', () => {
  const options = (resourceVersion: string) => ({
    resourceVersion,
    timeoutSeconds: { least: 20, spread: 0 },
    idleMs: 30_000,
    signal: AbortSignal.timeout(40_000),
  })

  test('gets bookmarks, at the latest before the server ends it', async () => {
    // API servers renew Leases of their own; of what never changes they send no bookmarks.
    const { resourceVersion } = await client.list(resources.leases)
    const types: string[] = []
    for await (const { type } of client.watch(resources.leases, options(resourceVersion))) {
      types.push(type)
    }
    expect(types).toContain('BOOKMARK')
  })

  test('from a version that is forgotten is Gone', async () => {
    const watch = client.watch(resources.configMaps, options('1'))
    await expect(watch.next()).rejects.toMatchObject({ status: 410 })
  })
})

describe('A ServiceAccount token', () => {
  test('that was replaced on disk is read again when the old one is not accepted', async () => {
    await client.create(resources.serviceAccounts, { metadata: { namespace, name: 'reader' } })
    const path = pathOf(resources.serviceAccounts, {
      namespace,
      name: 'reader',
      subresource: 'token',
    })
    const { status } = await client.post<{ status: { token: string } }>(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    })
    const folder = await mkdtemp(join(tmpdir(), 'frostgate-token-'))
    const { server, tls } = await kubeconfigAccess(cluster.kubeconfig).current()
    const { hostname, port } = new URL(server)
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
    await writeFile(join(folder, 'ca.crt'), tls.ca ?? '')
    await writeFile(join(folder, 'token'), 'not-a-token\n')
    const pod = new KubeClient(inClusterAccess({ env, folder }))
    const whoAmI = () =>
      pod.post<{ status: { userInfo: { username: string } } }>(
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      )
    try {
      await expect(whoAmI()).rejects.toMatchObject({ status: 401 })
      await writeFile(join(folder, 'token'), `${status.token}\n`)
      const username = `system:serviceaccount:${namespace}:reader`
      expect((await whoAmI()).status.userInfo).toMatchObject({ username })
      await expect(pod.list(resources.secrets)).rejects.toMatchObject({
        status: 403,
        reason: 'Forbidden',
      })
    } finally {
      await pod.close()
      await rm(folder, { recursive: true })
    }
  })
})

describe('Server-side apply', () => {
  test('takes only the fields that are given, and those of others only by force', async () => {
    const metadata = { namespace, name: 'applied' }
    await client.apply(resources.configMaps, { metadata, data: { ours: '1' } })
    await client.request('PATCH', pathOf(resources.configMaps, metadata), {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { theirs: '1' } },
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'somebody' },
    })
    const theirs = { metadata, data: { ours: '2', theirs: '2' } }
    await expect(client.apply(resources.configMaps, theirs)).rejects.toMatchObject({
      status: 409,
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.theirs' }] },
    })
    const forced = await client.apply(resources.configMaps, theirs, { force: true })
    expect(forced.data).toEqual({ ours: '2', theirs: '2' })
  })
})

describe('A KubeStore', () => {
  test('hands out what is stored, and writes status without a change of what it hands out', async () => {
    const store = new KubeStore(client, { connectionNamespaces: [namespace] })
    try {
      await store.start()
      const metadata = { name: 'etl', namespace }
      const policy = { ...(objectOf('AgentPolicy') as unknown as AgentPolicy), metadata }
      await client.create(resources.agentPolicies, policy)
      const mine = () =>
        store
          .snapshot()
          .objects.policies.filter(({ object }) => object.metadata.namespace === namespace)
      await until(() => {
        expect(mine().map(({ object }) => object.metadata.name)).toEqual(['etl'])
      })
      const [before] = mine()
      const reference = { kind: 'AgentPolicy', ...metadata } as const
      await store.writeStatus(reference, { observedGeneration: 1 })
      await until(() => {
        expect(store.status(reference)).toMatchObject({ observedGeneration: 1 })
      })
      expect(mine()[0]).toBe(before)
    } finally {
      await store.stop()
    }
  })
})

describe('Two contenders for a Lease', () => {
  test('take turns', async () => {
    const join = (identity: string) =>
      leaderElection(client, {
        namespace,
        name: 'kube-suite',
        identity,
        onLeading: () => undefined,
        timing: { leaseMs: 3000, renewMs: 2000, retryMs: 200 },
      })
    const [first, second] = [join('one'), join('two')]
    await until(() => {
      expect([first, second].filter(({ isLeader }) => isLeader)).toHaveLength(1)
    })
    const [leader, other] = first.isLeader ? [first, second] : [second, first]
    await leader.stop()
    await until(() => {
      expect(other.isLeader).toBe(true)
    }, 3000)
    await other.stop()
  })
})

describe('Events', () => {
  test('of the same kind are one with a count, which kubectl shows', async () => {
    const recorder = events(client, { instance: 'kube-suite' })
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace, name: 'runner' }
    for (let time = 0; time < 3; time += 1) {
      recorder.record(regarding, 'SidecarEnrolled', { connection: 'frostgate/acme' })
    }
    await recorder.stop()
    expect(recorder.dropped).toBe(0)
    const { items } = await client.list(resources.events, {
      namespace,
      fieldSelector: 'involvedObject.name=runner',
    })
    expect(items).toMatchObject([{ reason: 'SidecarEnrolled', type: 'Normal', count: 3 }])
  })
})
