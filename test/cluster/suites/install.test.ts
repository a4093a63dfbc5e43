/** The chart over its life: upgrades under load, replicas, leaders, a new CA, and a way out. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import {
  makeGeneration,
  readMaterial,
  writeMaterial,
  type Generation,
  type Material,
} from '../../../operator/certs/material.ts'
import { withGeneration } from '../../../operator/certs/rotation.ts'
import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { ownConnection } from '../support/connections.ts'
import {
  installExample,
  installFrostgate,
  release,
  runnerNamespace,
  uninstallFrostgate,
} from '../support/frostgate.ts'
import {
  answersOf,
  counterOf,
  ended,
  failuresOf,
  measured,
  podOf,
  runnerDeployment,
  runnerPod,
  statusOf,
  works,
  type Answer,
  type Pod,
} from '../support/runner.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const namespace = 'e2e-install'
const connection = 'install'
const app = 'load'
const masked = 'SELECT id, name, ssn FROM health.phi.patients ORDER BY id LIMIT 1'
const values = { replicas: 2, logLevel: 'debug' }
const hour = 3_600_000

const load = (replicas = 1): object =>
  runnerDeployment({
    namespace,
    name: app,
    connection,
    replicas,
    statements: [masked],
    seconds: 900,
    pause: 100,
  })

const isError = ({ error }: Answer): boolean => error !== undefined

/** That nothing was lost so far, and that more is done from now on. */
async function goesOn(pods: readonly Pod[]): Promise<void> {
  for (const { metadata } of pods) {
    const { name } = metadata
    const statements = () => counterOf(cluster, namespace, name, 'frostgate_statements_total')
    const before = await statements()
    await waitUntil('more statements', statements, (now) => now > before + 2)
    expect(await failuresOf(cluster, namespace, name)).toEqual([])
    expect((await answersOf(cluster, namespace, name)).filter(isError)).toEqual([])
    const { restartCount } =
      statusOf(await kubectl.get<Pod>('pod', name, namespace), 'runner') ?? {}
    expect(restartCount).toBe(0)
  }
}

/** The pods of the load, all at work. */
const loads = (replicas: number): Promise<readonly Pod[]> =>
  waitUntil(
    'the load to work',
    () => kubectl.list<Pod>('pods', namespace, `app=${app}`),
    (pods) => pods.length === replicas && pods.every(works),
  )

async function sidecarsConnected(): Promise<number> {
  const { status } = await kubectl.get<Connection>('sfc', connection, release.namespace)
  return status?.sidecars?.connected ?? 0
}

interface Connection extends KubeObject {
  readonly status?: { readonly sidecars?: { readonly connected: number } }
}

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity?: string }
}

/** Name of the pod that leads. */
async function leader(): Promise<string> {
  const { spec } = await kubectl.get<Lease>('lease', `${release.name}-operator`, release.namespace)
  return (spec.holderIdentity ?? '').split('_')[0] ?? ''
}

/** Of each webhook, base64. */
async function caBundles(): Promise<readonly string[]> {
  interface Configuration extends KubeObject {
    readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
  }
  const kinds = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration']
  const all = await Promise.all(kinds.map((kind) => kubectl.get<Configuration>(kind, release.name)))
  return all.flatMap(({ webhooks }) =>
    webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? ''),
  )
}

/** A pod that is injected and not made. */
const dryRun = (): Promise<string> =>
  kubectl.run(['create', '-f', '-', '--dry-run=server', '-o', 'name'], {
    input: JSON.stringify(runnerPod({ namespace, name: 'dry', connection, statements: [masked] })),
  })

interface WebhookWatch {
  /** Resolves to what went wrong, and for how long at most. */
  readonly stop: () => Promise<{ readonly longestMs: number; readonly refusals: readonly string[] }>
}

/** Asks for injections, one after the other. */
function watchWebhooks(): WebhookWatch {
  const refusals: string[] = []
  const stopping = new AbortController()
  let longestMs = 0
  const watch = async (): Promise<void> => {
    let good = performance.now()
    while (!stopping.signal.aborted) {
      const asked = performance.now()
      const refusal = await dryRun().then(
        () => undefined,
        (error: unknown) => String(error),
      )
      if (refusal === undefined) good = performance.now()
      else {
        refusals.push(refusal)
        longestMs = Math.max(longestMs, asked - good)
      }
    }
  }
  const watching = watch()
  return {
    stop: async () => {
      stopping.abort()
      await watching
      return { longestMs, refusals }
    },
  }
}

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('The chart', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await runnerNamespace(cluster, namespace)
    const own = ownConnection(connection, namespace)
    await kubectl.apply([own.connection, own.policy, own.masking])
    await kubectl.run([
      'wait',
      '--for=condition=Ready',
      `sfc/${connection}`,
      '-n',
      release.namespace,
      '--timeout=30s',
    ])
    await kubectl.apply(load())
    await loads(1)
  })

  afterAll(async () => {
    for (const kind of ['mkr', 'agp', 'sfc'])
      await kubectl.delete(kind, connection, release.namespace)
    await kubectl.delete('namespace', namespace)
  })

  test('is upgraded under load, with other values, and nothing is lost', async () => {
    const start = performance.now()
    await installFrostgate(cluster, values)
    measured('upgrade to two replicas', performance.now() - start)
    const operator = ['deployment', `${release.name}-operator`, '-n', release.namespace]
    const { status } = JSON.parse(await kubectl.run(['get', ...operator, '-o', 'json'])) as {
      readonly status: object
    }
    expect(status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 })
    await goesOn(await loads(1))
  })

  test('is upgraded again without a conflict, and the webhooks keep their CA', async () => {
    const before = await caBundles()
    expect(before.every((each) => each !== '')).toBe(true)
    await installFrostgate(cluster, { ...values, podAnnotations: { upgraded: 'again' } })
    expect(await caBundles()).toEqual(before)
    await expect(dryRun()).resolves.toContain('pod/dry')
    await goesOn(await loads(1))
  })

  test('serves sidecars from all replicas, and counts them together', async () => {
    await kubectl.apply(load(3))
    const pods = await loads(3)
    await waitUntil('three sidecars in the status', sidecarsConnected, (count) => count === 3)
    await goesOn(pods)
  })

  test('has another leader soon after one was killed, and its status goes on', async () => {
    const first = await leader()
    const start = performance.now()
    const force = ['--force', '--grace-period=0', '--wait=false']
    await kubectl.run(['delete', 'pod', first, '-n', release.namespace, ...force])
    await waitUntil('another leader', leader, (name) => name !== '' && name !== first)
    measured('leader killed to another leader', performance.now() - start)
    await goesOn(await loads(3))
    await kubectl.apply(load(1))
    await waitUntil('one sidecar in the status', sidecarsConnected, (count) => count === 1)
    measured('leader killed to a status that follows', performance.now() - start)
    const operator = `deployment/${release.name}-operator`
    await kubectl.run(['rollout', 'status', operator, '-n', release.namespace, '--timeout=60s'])
  })

  test('gets a new CA under load: webhooks answer and sidecars go on throughout', async () => {
    const watch = watchWebhooks()
    const bundles = await caBundles()
    const next = await makeGeneration('trusted', Date.now(), 24 * hour)
    // What the operator does after two thirds of a year, two days later, and a week after that.
    await changeMaterial((material) => withGeneration(material, next, Date.now()))
    await waitUntil('both to be trusted', caBundles, (now) =>
      now.every((each, at) => each.length > (bundles[at] ?? '').length),
    )
    await goesOn(await loads(1))
    await changeMaterial((material) => aged(material, 'trusted', 49 * hour))
    await waitUntil('the new one to issue', states, (now) => now.includes(`${next.id} issuing`))
    await goesOn(await loads(1))
    await changeMaterial((material) => aged(material, 'retiring', 8 * 24 * hour))
    await waitUntil('the old one to be gone', states, (now) => now.length === 1)
    const only = Buffer.from(next.certificate).toString('base64')
    await waitUntil('the webhooks to have the new one', caBundles, (now) =>
      now.every((each) => each === only),
    )
    await goesOn(await loads(1))
    const { longestMs, refusals } = await watch.stop()
    measured('longest time without an injection while the CA changed', longestMs)
    expect(longestMs).toBeLessThan(2000)
    // Retried by every controller, and all that two replicas may say in between.
    expect(refusals.filter((text) => !text.includes('replicas of the operator differ'))).toEqual([])
    // Who enrolls from now on knows the new one only.
    await expectMaskedRows('after-rotation')
  })

  test('is uninstalled without a trace but definitions and objects, and namespaces can go', async () => {
    await kubectl.delete('deployment', app, namespace)
    const gone = await runnerNamespace(cluster, 'e2e-gone')
    const policy = ownConnection('gone', gone).policy as { readonly metadata: object }
    await kubectl.apply({ ...policy, metadata: { ...policy.metadata, namespace: gone } })
    await uninstallFrostgate(cluster)
    const kinds = [
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
      'clusterroles',
      'clusterrolebindings',
    ].join()
    expect(await kubectl.run(['get', kinds, '-o', 'name'])).not.toMatch(/frostgate/)
    expect(await kubectl.run(['get', 'crd', '-o', 'name'])).toContain('frostgate.dev')
    await expect(kubectl.get('sfc', connection, release.namespace)).resolves.toBeDefined()
    const start = performance.now()
    await kubectl.delete('namespace', gone)
    measured('namespace deleted without an operator', performance.now() - start)
  })

  test('is installed again over the objects that were kept', async () => {
    await installFrostgate(cluster)
    await kubectl.run([
      'wait',
      '--for=condition=Ready',
      `sfc/${connection}`,
      '-n',
      release.namespace,
      '--timeout=30s',
    ])
    await expectMaskedRows('reinstalled')
  })
})

async function expectMaskedRows(name: string): Promise<void> {
  await kubectl.apply(runnerPod({ namespace, name, connection, statements: [masked] }))
  await podOf(cluster, namespace, name, ended)
  const [answer] = await answersOf(cluster, namespace, name)
  expect(String(answer?.rows?.[0]?.['SSN'])).toMatch(/^\*+\d{4}$/)
}

const keys = `${release.name}-keys`

interface Secret extends KubeObject {
  readonly data: Readonly<Record<string, string>>
}

async function readKeys(): Promise<{ readonly secret: Secret; readonly material: Material }> {
  const secret = await kubectl.get<Secret>('secret', keys, release.namespace)
  const material = readMaterial(secret.data)
  if (material === undefined) throw new Error(`Secret ${keys} holds no material`)
  return { secret, material }
}

/** As the operator does: over the version that was read. */
async function changeMaterial(change: (material: Material) => Material): Promise<void> {
  const { secret, material } = await readKeys()
  const input = JSON.stringify({ ...secret, data: writeMaterial(change(material)) })
  await kubectl.run(['replace', '-f', '-'], { input })
}

/** As if it had come into its state earlier. */
function aged(material: Material, state: Generation['state'], milliseconds: number): Material {
  const generations = material.generations.map((each) =>
    each.state === state ? { ...each, since: each.since - milliseconds } : each,
  )
  return { ...material, generations }
}

async function states(): Promise<readonly string[]> {
  const { material } = await readKeys()
  return material.generations.map(({ id, state }) => `${id} ${state}`)
}
