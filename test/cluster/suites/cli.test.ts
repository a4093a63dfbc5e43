/** doctor, status and kubectl against a Frostgate that runs. */

import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import type { Finding } from '../../../cli/doctor/finding.ts'
import type { StatusRow } from '../../../cli/status/rows.ts'
import { cli } from '../../cli/in-process.ts'
import { connectCluster } from '../cluster.ts'
import { images, repository } from '../images.ts'
import {
  exampleFile, installExample, release, runnerNamespace, unique,
} from '../support/frostgate.ts' // prettier-ignore
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const access = ['--kubeconfig', facts.kubeconfig]
const namespace = unique('cli-suite')
const closed = unique('closed')

/** Runs as long as it is let. */
const idle = ['-e', 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)']

interface Diagnosis {
  readonly code: number | null
  readonly findings: readonly Finding[]
}

async function doctor(...words: readonly string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await cli(['doctor', ...access, ...words, '--json'])
  expect(stderr).toBe('')
  return { code, ...(JSON.parse(stdout) as { readonly findings: readonly Finding[] }) }
}

/** Without what other suites may have left behind on a cluster that is shared. */
const failures = ({ findings }: Diagnosis): readonly Finding[] =>
  findings.filter(
    ({ check, state, what }) =>
      state === 'failed' &&
      (!['connections', 'pods'].includes(check) || what.includes(`${release.namespace}/acme`)),
  )

const of = ({ findings }: Diagnosis, check: string) =>
  findings.filter((each) => each.check === check)

async function statusOf(...words: readonly string[]): Promise<readonly StatusRow[]> {
  const { stdout } = await cli(['status', ...access, '--json', ...words])
  return (JSON.parse(stdout) as { readonly objects: readonly StatusRow[] }).objects
}

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('The command line', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await runnerNamespace(cluster, namespace)
  })

  afterAll(async () => {
    await kubectl.delete('clusterrolebinding', namespace)
    await kubectl.delete('snowflakeconnection', closed, release.namespace)
    await kubectl.delete('namespace', namespace)
  })

  test('doctor finds nothing that failed in an installation that is well', async () => {
    const diagnosis = await doctor()
    expect(failures(diagnosis)).toEqual([])
    for (const check of ['operator', 'leader', 'webhooks', 'certificates', 'injection', 'policies'])
      expect(of(diagnosis, check).map(({ state }) => state)).not.toContain('warning')
    expect(of(diagnosis, 'versions')).toMatchObject([{ state: 'ok' }])
  })

  test('doctor --login says that an account which only pods can find was not tried', async () => {
    const diagnosis = await doctor('--login', `${release.namespace}/acme`)
    expect(of(diagnosis, 'login')).toMatchObject([
      { state: 'skipped', what: expect.stringContaining('which only pods ask') as string },
    ])
  })

  test('doctor --login in a pod logs in with the connection’s own credential', async () => {
    await kubectl.apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: namespace },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'cluster-admin',
        },
        subjects: [{ kind: 'ServiceAccount', namespace, name: 'doctor' }],
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'doctor' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace, name: 'doctor' },
        spec: {
          serviceAccountName: 'doctor',
          restartPolicy: 'Never',
          containers: [
            {
              name: 'doctor',
              image: images.node,
              args: [join(repository, 'cli', 'main.ts'), 'doctor', '--login', 'acme'],
            },
          ],
        },
      },
    ])
    interface Pod {
      readonly status?: { readonly phase?: string }
    }
    await kubectl.waitFor<Pod>(
      'pod',
      'doctor',
      namespace,
      ({ status }) => ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
      { seconds: 60 },
    )
    const log = await kubectl.logs('doctor', 'doctor', namespace)
    expect(log).toContain(
      '✓ login         frostgate/acme logs in from here as FROSTGATE_AGENTS, role AGENT_READER',
    )
    expect(log).toMatch(/✓ egress +warehouse\.snowflake-example\.svc answers/)
  })

  test('doctor says what is missing where there is no installation', async () => {
    const { code, findings } = await doctor('--namespace', namespace, '--release', 'other')
    expect(code).toBe(1)
    const failed = findings.filter(({ state }) => state === 'failed').map(({ check }) => check)
    for (const check of ['operator', 'leader', 'webhooks', 'certificates'])
      expect(failed).toContain(check)
  })

  test('status shows a connection’s sidecars once a pod runs with one', async () => {
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: 'agent', annotations: { 'frostgate.dev/connection': 'acme' } },
      spec: {
        terminationGracePeriodSeconds: 2,
        serviceAccountName: 'runner',
        containers: [{ name: 'agent', image: images.node, args: idle }],
      },
    })
    const row = await waitUntil(
      'status of acme',
      async () => (await statusOf()).find(({ name }) => name === 'acme'),
      (found) => /^[1-9]/.test(found?.sidecars ?? ''),
      { seconds: 60, everyMilliseconds: 500 },
    )
    expect(row).toMatchObject({ kind: 'SnowflakeConnection', ready: 'True' })
    expect(row?.bundle).toMatch(/^sha256:[0-9a-f]{64}$/)
    const { stdout } = await cli(['status', ...access])
    expect(stdout).toMatch(/^frostgate\/acme +True +\d+\/[1-9]\d* +[0-9a-f]{12}$/m)
    const { findings } = await doctor()
    expect(findings.filter(({ what }) => what.includes(`${namespace}/agent`))).toEqual([])
  })

  test('doctor and status explain a connection that is closed, with a remedy for its reason', async () => {
    const [example] = exampleFile('frostgate', 'connection.yaml')
    const { spec } = example as unknown as { readonly spec: object }
    const credential = { keyPair: { secretRef: { name: 'not-there' } } }
    await kubectl.apply({
      ...example,
      metadata: { namespace: release.namespace, name: closed },
      spec: { ...spec, credential },
    })
    const row = await waitUntil(
      'status of the closed connection',
      async () => (await statusOf()).find(({ name }) => name === closed),
      (found) => found?.ready === 'False',
      { seconds: 30, everyMilliseconds: 250 },
    )
    expect(row).toMatchObject({
      reason: 'InvalidCredential',
      message: expect.stringContaining('there is no Secret "not-there"') as string,
    })
    const { findings } = await doctor()
    expect(findings.find(({ what }) => what.includes(closed))).toMatchObject({
      check: 'connections',
      state: 'failed',
      remedy: expect.stringContaining(`frostgate doctor --login frostgate/${closed}`) as string,
    })
    await kubectl.delete('snowflakeconnection', closed, release.namespace)
  })

  test('doctor finds within 15 s that the operator is away', async () => {
    const scale = (replicas: number) =>
      kubectl.run([
        'scale', 'deployment/frostgate-operator', '-n', release.namespace, `--replicas=${replicas}`,
      ]) // prettier-ignore
    await scale(0)
    try {
      await waitUntil(
        'pods of the operator',
        () => kubectl.list('pods', release.namespace, 'app.kubernetes.io/component=operator'),
        (pods) => pods.length === 0,
        { seconds: 40, everyMilliseconds: 250 },
      )
      const started = performance.now()
      const diagnosis = await doctor()
      expect(performance.now() - started).toBeLessThan(15_000)
      expect(diagnosis.code).toBe(1)
      expect(failures(diagnosis)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            check: 'operator',
            what: 'it is scaled to 0 replicas, so annotated pods are refused',
          }),
          expect.objectContaining({ check: 'injection' }),
        ]),
      )
      // What needs no operator is still in force, and said to be.
      expect(of(diagnosis, 'policies')).toMatchObject([{ state: 'ok' }])
    } finally {
      await scale(1)
      await kubectl.run(
        ['rollout', 'status', 'deployment/frostgate-operator', '-n', release.namespace, '--timeout=60s'],
        { seconds: 70 },
      ) // prettier-ignore
    }
  })

  test.each([
    ['snowflakeconnection.spec', ['credential', 'allowedNamespaces', 'identityProviders', 'maxStale']],
    ['snowflakeconnection.spec.credential', ['keyPair', 'workloadIdentity']],
    ['agentpolicy.spec.rules', ['statements', 'objects', 'action']],
    ['maskingrule.spec.mask', ['partial', 'redact']],
  ])('kubectl explain %s reads like documentation', async (path, fields) => {
    const text = await kubectl.run(['explain', path])
    const described = Array.from(text.matchAll(/^ {2}(\w+)\t.*\n(?: {2}enum: .+\n)?(?: {4}.+\n)+/gm), ([, name]) => name)
    expect(described).toEqual(expect.arrayContaining(fields))
    expect(text).not.toContain('<no description>')
    expect(text).toMatch(/^DESCRIPTION:\n +\w.{10,}/m)
  }) // prettier-ignore

  test('kubectl get frostgate lists all of its kinds', async () => {
    const text = await kubectl.run(['get', 'frostgate', '--all-namespaces'])
    expect(text).toMatch(/snowflakeconnection\.frostgate\.dev\/acme .*True/)
    expect(text).toMatch(/agentpolicy\.frostgate\.dev\/ci-runners .*True/)
    expect(text).toMatch(/maskingrule\.frostgate\.dev\/ssn .*True/)
  })

  test('kubectl wait knows when a policy is in force', async () => {
    const text = await kubectl.run([
      'wait', '--for=condition=Ready', 'sfc/acme', 'agp/ci-runners', '-n', release.namespace,
      '--timeout=30s',
    ]) // prettier-ignore
    expect(text.match(/condition met/g)).toHaveLength(2)
  })
})
