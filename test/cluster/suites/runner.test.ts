/** examples/ci-runner from end to end: what the runner sees, what it does not hold, what is told. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { run } from '../command.ts'
import { repository } from '../images.ts'
import type { KubeObject } from '../kubectl.ts'
import { exampleFile, installExample, release } from '../support/frostgate.ts'
import { eventsIn, recordingText, type Recorded } from '../support/recording.ts'
import {
  answersIn,
  answersOf,
  ended,
  eventsOn,
  measured,
  podOf,
  proxy,
  runnerTemplate,
  statusOf,
  type Answer,
  type Pod,
} from '../support/runner.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const namespace = 'ci'
const app = 'e2e-runner'

const first = 'SELECT count(*) AS n FROM health.phi.patients'
const statements = [
  'SELECT id, name, ssn FROM health.phi.patients ORDER BY id LIMIT 3',
  'DROP TABLE health.phi.patients',
  'SELECT * FROM analytics.public.orders ORDER BY order_id',
]

interface Connection extends KubeObject {
  readonly status: {
    readonly sidecars?: { readonly connected: number; readonly inSync: number }
  }
}

let pod: Pod
let answers: readonly Answer[]
/** Of the connection, while the Job ran and afterwards. */
const sidecars: string[] = []

async function readSidecars(): Promise<string> {
  const { status } = await kubectl.get<Connection>('sfc', 'acme', release.namespace)
  return `${status.sidecars?.connected ?? 0}/${status.sidecars?.inSync ?? 0}`
}

/** The example's Job with more statements, and an init container of its author's. */
function job(): object {
  const { metadata, spec } = runnerTemplate({ namespace, name: app, statements })
  const [container] = (spec as { containers: readonly object[] }).containers
  const initContainers = [{ ...container, name: 'first', args: [first] }]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace, name: app },
    spec: { backoffLimit: 0, template: { metadata, spec: { ...spec, initContainers } } },
  }
}

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('A CI runner', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await kubectl.apply(exampleFile('runner.yaml').filter(({ kind }) => kind !== 'Job'))
    await waitUntil('no sidecar of before', readSidecars, (text) => text === '0/0')
    const start = performance.now()
    await kubectl.apply(job())
    pod = await waitUntil(
      'the Job to end',
      async () => {
        const now = await readSidecars()
        if (sidecars.at(-1) !== now) sidecars.push(now)
        return podOf(cluster, namespace, app)
      },
      ended,
      { everyMilliseconds: 100 },
    )
    measured('Job applied to Job ended', performance.now() - start)
    answers = await answersOf(cluster, namespace, pod.metadata.name)
  })

  afterAll(async () => {
    await kubectl.delete('namespace', namespace)
  })

  test('gets masked rows from its unchanged driver', () => {
    expect(answers[0]).toMatchObject({ columns: ['ID', 'NAME', 'SSN'], total: 3 })
    for (const row of answers[0]?.rows ?? []) expect(row['SSN']).toMatch(/^\*+\d{4}$/)
  })

  test('is refused what is denied, in the words of the policy', () => {
    expect(answers[1]?.error?.message).toContain('Ask #data-platform; runners may not drop.')
  })

  test('gets 100,000 rows, most of them from chunks', () => {
    expect(answers[2]).toMatchObject({ total: 100_000 })
  })

  test('ends with a Job that is complete, and a sidecar that ended well and never restarted', async () => {
    interface Job extends KubeObject {
      readonly status: { readonly succeeded?: number }
    }
    const holds = ({ status }: Job) => status.succeeded === 1
    await kubectl.waitFor<Job>('job', app, namespace, holds)
    expect(pod.status.phase).toBe('Succeeded')
    const { restartCount, state } = statusOf(pod, proxy) ?? {}
    expect({ restartCount, exitCode: state?.terminated?.exitCode }).toEqual({
      restartCount: 0,
      exitCode: 0,
    })
  })

  test('reaches the gateway from an init container of its own, too', async () => {
    const names = pod.spec.initContainers?.map(({ name }) => name)
    expect(names).toEqual([proxy, 'first'])
    expect(pod.spec.initContainers?.[0]?.restartPolicy).toBe('Always')
    const log = await kubectl.logs(pod.metadata.name, 'first', namespace)
    expect(answersIn(log)).toMatchObject([{ sql: first, total: 1 }])
    const times = [proxy, 'first', 'runner'].map((name) => {
      const { state } = statusOf(pod, name) ?? {}
      return Date.parse(state?.terminated?.startedAt ?? '')
    })
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    measured('sidecar started to runner started (whole seconds)', (times[2] ?? 0) - (times[0] ?? 0))
  })

  test('is counted in the status of its connection as long as it runs', async () => {
    await waitUntil('no sidecar to be counted', readSidecars, (text) => text === '0/0')
    expect(sidecars).toContain('1/1')
  })

  test('is told of in Events', async () => {
    const onJob = await waitUntil(
      'the Event of the injection',
      () => eventsOn(cluster, namespace, app),
      (events) => events.has('Injected'),
    )
    expect(onJob.get('Injected')).toContain('frostgate/acme')
    const onPod = await eventsOn(cluster, namespace, pod.metadata.name)
    expect(onPod.get('SidecarEnrolled')).toContain('frostgate/acme')
  })

  test('has no credential in its namespace, its environment or its volumes', async () => {
    expect(await kubectl.list('secrets', namespace)).toEqual([])
    const sources = (pod.spec.volumes ?? []).flatMap((volume) => {
      const [source = ''] = Object.keys(volume).filter((key) => key !== 'name')
      return source === 'projected' ? projections(volume['projected']) : [source]
    })
    // The configMap is the API server's certificate, which every pod gets.
    const harmless = ['emptyDir', 'serviceAccountToken', 'configMap', 'downwardAPI']
    expect(sources.filter((source) => !harmless.includes(source))).toEqual([])
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
    expect(containers.filter(({ envFrom }) => envFrom !== undefined)).toEqual([])
    const environment = containers.flatMap(({ env = [] }) => env)
    expect(environment.filter((variable) => 'valueFrom' in variable)).toEqual([])
    expect(JSON.stringify(environment)).not.toMatch(/PRIVATE KEY|eyJ[\w-]+\.eyJ/)
  })

  test('has a ServiceAccount that may read nothing', async () => {
    const may = async (verb: string, resource: string, where: string): Promise<string> => {
      const as = `system:serviceaccount:${namespace}:runner`
      const args = ['auth', 'can-i', verb, resource, '--namespace', where, '--as', as]
      return (await kubectl.run(args).catch(() => 'no')).trim()
    }
    const found = await Promise.all(
      ['secrets', 'pods', 'configmaps', 'snowflakeconnections.frostgate.dev'].flatMap((resource) =>
        [namespace, release.namespace].map((where) => may('get', resource, where)),
      ),
    )
    expect(new Set(found)).toEqual(new Set(['no']))
  })

  test('leaves a recording with the operator that verifies, and that says who did what', async () => {
    const events = await recording()
    const login = events.filter(({ type }) => type === 'login.accepted')
    expect(login).toMatchObject([
      { principal: { subject: `system:serviceaccount:${namespace}:runner` } },
      { principal: { subject: `system:serviceaccount:${namespace}:runner` } },
    ])
    const received = events.filter(({ type }) => type === 'statement.received')
    expect(received.map(({ sql }) => sql)).toEqual([first, ...statements])
    const decided = events.filter(({ type }) => type === 'statement.decided')
    expect(decided).toMatchObject([
      { verdict: 'allow' },
      { verdict: 'allow', maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'] },
      { verdict: 'deny' },
      { verdict: 'allow' },
    ])
    expect(events.at(-1)).toMatchObject({ type: 'gateway.stopped' })
  })
})

function projections(projected: unknown): readonly string[] {
  const { sources } = projected as { readonly sources: readonly object[] }
  return sources.flatMap((source) => Object.keys(source))
}

/** As it lies with the operator, and found whole by `frostgate verify`. */
async function recording(): Promise<readonly Recorded[]> {
  const text = await recordingText(cluster, pod.metadata.uid)
  const folder = await mkdtemp(join(tmpdir(), 'recording-'))
  try {
    const copy = join(folder, 'recording.jsonl')
    await writeFile(copy, text)
    const cli = join(repository, 'cli', 'main.ts')
    const said = await run(process.execPath, [cli, 'verify', '--lines-only', copy])
    expect(said).toContain('It ends with the stop of the gateway.')
  } finally {
    await rm(folder, { recursive: true })
  }
  return eventsIn(text)
}
