/** What breaks while agents work: nothing opens, and everything is well again without a hand. */

import { setTimeout as delay } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { ownConnection } from '../support/connections.ts'
import { installExample, release, runnerNamespace, unique } from '../support/frostgate.ts'
import { pidsOf, seesProcesses } from '../support/processes.ts'
import {
  answersOf,
  ended,
  measured,
  podOf,
  proxy,
  runnerPod,
  statusOf,
  works,
  type Pod,
} from '../support/runner.ts'
import { timedAnswers, type TimedAnswer } from '../support/timeline.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const name = unique('faults')
const namespace = name
const sql = 'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 1'
const operators = 'app.kubernetes.io/component=operator'
const canSignal = seesProcesses(facts.nodeIp)

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity: string }
}

interface Connection extends KubeObject {
  readonly status?: {
    readonly bundle?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly lastTransitionTime: string
    }[]
  }
}

/** One session, ten statements a second. */
const atWork = (pod: string, spec: object = {}): object =>
  runnerPod({
    namespace,
    name: pod,
    connection: name,
    statements: Array.from({ length: 1_500 }, () => sql),
    pause: 100,
    spec,
  })

/** Two statements and the end: what a Job's pod does. */
const short = (pod: string): object =>
  runnerPod({ namespace, name: pod, connection: name, statements: [sql] })

const answers = (pod: string): Promise<readonly TimedAnswer[]> =>
  timedAnswers(cluster, namespace, pod)
const isError = ({ error }: TimedAnswer): boolean => error !== undefined

async function working(pod: string): Promise<Pod> {
  const found = await podOf(cluster, namespace, pod, works)
  await waitUntil(
    'the first answers',
    () => answers(pod),
    (all) => all.length >= 3,
  )
  return found
}

/** It has run and ended well, and what it saw was masked. */
async function succeeded(pod: string): Promise<void> {
  const { status } = await podOf(cluster, namespace, pod, ended)
  expect(status.phase).toBe('Succeeded')
  const [answer] = await answersOf(cluster, namespace, pod)
  expect(answer?.rows?.[0]?.['SSN']).toMatch(/^\*+\d{4}$/)
}

async function ready(kind: string, each: string): Promise<void> {
  const args = ['wait', '--for=condition=Ready', kind, each, '-n', release.namespace]
  await kubectl.run([...args, '--timeout=60s'], { seconds: 70 })
}

const operatorPods = (): Promise<readonly Pod[]> =>
  kubectl.list<Pod>('pods', release.namespace, operators)

async function operatorServes(replicas = 1): Promise<void> {
  await waitUntil('the operator', operatorPods, (pods) => {
    const serving = pods.filter((pod) => statusOf(pod, 'operator')?.ready === true)
    return serving.length === replicas && pods.length === replicas
  })
}

async function scale(replicas: number): Promise<void> {
  const deployment = `deployment/${release.name}-operator`
  await kubectl.run(['scale', deployment, '-n', release.namespace, `--replicas=${replicas}`])
  await operatorServes(replicas)
}

const operatorPid = (pod: string): number => {
  const [pid] = pidsOf('FROSTGATE_POD_NAME', pod, 'operator/main.ts')
  if (pid === undefined) throw new Error(`no process of ${pod}`)
  return pid
}

/** What the policy allows from now on. */
async function allow(objects: readonly string[]): Promise<void> {
  const rules = [{ name: 'read', action: 'Allow', statements: ['Query'], objects }]
  const patch = JSON.stringify({ spec: { rules } })
  await kubectl.run(['patch', 'agp', name, '-n', release.namespace, '--type=merge', '-p', patch])
}

/** Milliseconds from a moment until the last answers are as wanted. */
async function untilAnswers(
  pod: string,
  since: number,
  what: string,
  wanted: (answer: TimedAnswer) => boolean,
): Promise<number> {
  const all = await waitUntil(
    what,
    () => answers(pod),
    (seen) => {
      const last = seen.at(-1)
      return last !== undefined && last.at > since && wanted(last)
    },
    { seconds: 60 },
  )
  const first = all.find((answer) => answer.at > since && wanted(answer))
  return (first?.at ?? Infinity) - since
}

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('A fault', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await runnerNamespace(cluster, namespace)
    const { connection, policy, masking } = ownConnection(name, namespace)
    await kubectl.apply([connection, policy, masking])
    await ready('sfc', name)
  })

  afterAll(async () => {
    await kubectl.delete('namespace', namespace)
    for (const kind of ['mkr', 'agp', 'sfc']) await kubectl.delete(kind, name, release.namespace)
  })

  describe.runIf(facts.owned)('of the API server', () => {
    test('costs a pod at work nothing, and a pod that enrols only time', async () => {
      await kubectl.apply([atWork('steady')])
      await working('steady')
      await kubectl.apply([short('entering')])
      await podOf(cluster, namespace, 'entering')
      const began = Date.now()
      await cluster.apiServer.stop()
      await delay(2_000)
      await cluster.apiServer.start()
      const back = Date.now()
      await succeeded('entering')
      const during = (await answers('steady')).filter(({ at }) => at > began && at < back)
      expect(during.filter(isError)).toEqual([])
      expect(during.length).toBeGreaterThan(3)
      measured('the API server was away', back - began)
    })

    test('does not keep a change of policy from being in force soon after', async () => {
      await working('steady')
      await cluster.apiServer.stop()
      await cluster.apiServer.start()
      const changed = Date.now()
      await allow(['ANALYTICS.*.*'])
      const refused = await untilAnswers('steady', changed, 'refusals', isError)
      measured('from a change right after a restart of the API server to a refusal', refused)
      // Definitions, roles and watch caches come back one after the other; 6 s on a quiet machine.
      expect(refused).toBeLessThan(30_000)
      await allow(['HEALTH.PHI.*'])
      await untilAnswers('steady', Date.now(), 'rows', (answer) => !isError(answer))
    })

    test.runIf(canSignal)(
      'hides no change from an operator that stood still meanwhile',
      async () => {
        const [operator] = await operatorPods()
        const pid = operatorPid(operator?.metadata.name ?? '')
        process.kill(pid, 'SIGSTOP')
        try {
          await cluster.apiServer.stop()
          await cluster.apiServer.start()
          // Straight into the store: the operator is asked about each change, and cannot answer.
          await expect(allow(['ANALYTICS.*.*'])).rejects.toThrow(/webhook/)
        } finally {
          process.kill(pid, 'SIGCONT')
        }
        const changed = Date.now()
        await waitUntil(
          'the webhook',
          () => allow(['ANALYTICS.*.*']),
          () => true,
        )
        await untilAnswers('steady', changed, 'refusals', isError)
        await allow(['HEALTH.PHI.*'])
        await untilAnswers('steady', Date.now(), 'rows', (answer) => !isError(answer))
      },
    )
  })

  describe('of the operator', () => {
    test('during an enrolment: killed by force, and the pod starts all the same', async () => {
      const before = await operatorPods()
      await kubectl.apply([short('forced')])
      await podOf(cluster, namespace, 'forced')
      for (const { metadata } of before)
        await kubectl.run([
          'delete', 'pod', metadata.name, '-n', release.namespace, '--grace-period=0', '--force',
        ]) // prettier-ignore
      const began = Date.now()
      await succeeded('forced')
      measured(
        'from the loss of the operator to the end of a pod that enrolled',
        Date.now() - began,
      )
      await operatorServes()
    })

    test.runIf(canSignal)('during an enrolment: its process ends, and starts again', async () => {
      const [operator] = await operatorPods()
      const pod = operator?.metadata.name ?? ''
      await kubectl.apply([short('crashed')])
      process.kill(operatorPid(pod), 'SIGKILL')
      await succeeded('crashed')
      const after = await kubectl.get<Pod>('pod', pod, release.namespace)
      expect(statusOf(after, 'operator')?.restartCount).toBeGreaterThan(0)
      await operatorServes()
    })

    test.runIf(canSignal)(
      'while a sidecar restarts: it comes back with the key that is pinned',
      async () => {
        await kubectl.apply([atWork('restarting', { restartPolicy: 'Always' })])
        const pod = await working('restarting')
        const pin = `frostgate-sidecar-${pod.metadata.uid}`
        const { spec } = await kubectl.get<Lease>('lease', pin, release.namespace)
        const deployment = `deployment/${release.name}-operator`
        await kubectl.run(['scale', deployment, '-n', release.namespace, '--replicas=0'])
        await waitUntil('no operator', operatorPods, (pods) => pods.length === 0)
        const own = pidsOf(
          'FROSTGATE_CONNECTION',
          `${release.namespace}/${name}`,
          'sidecar/main.ts',
        )
        for (const pid of own) process.kill(pid, 'SIGKILL')
        await waitUntil(
          'the sidecar to be started again',
          () => podOf(cluster, namespace, 'restarting'),
          (found) => (statusOf(found, proxy)?.restartCount ?? 0) > 0,
        )
        await scale(1)
        await waitUntil(
          'the sidecar to be ready',
          () => podOf(cluster, namespace, 'restarting'),
          (found) => statusOf(found, proxy)?.ready === true,
          { seconds: 90 },
        )
        const after = await kubectl.get<Lease>('lease', pin, release.namespace)
        expect(after.spec.holderIdentity).toBe(spec.holderIdentity)
        await kubectl.run(['delete', 'pod', 'restarting', '-n', namespace, '--wait=false'])
      },
    )

    test.runIf(canSignal)(
      'whose leader stands still for longer than its Lease: another leads, and nothing flaps',
      async () => {
        await scale(2)
        const lease = () =>
          kubectl.get<Lease>('lease', `${release.name}-operator`, release.namespace)
        const { spec } = await waitUntil(
          'a leader that is there',
          lease,
          // One that was scaled away holds its Lease until that ends.
          ({ spec: { holderIdentity } }) =>
            pidsOf('FROSTGATE_POD_NAME', holderIdentity.split('_')[0] ?? '', 'operator/main.ts')
              .length > 0,
        )
        const first = spec.holderIdentity
        const frozen = first.split('_')[0] ?? ''
        const status = async () =>
          (await kubectl.get<Connection>('sfc', name, release.namespace)).status
        const before = await status()
        const pid = operatorPid(frozen)
        process.kill(pid, 'SIGSTOP')
        try {
          await waitUntil(
            'another leader',
            lease,
            (each) => !['', first].includes(each.spec.holderIdentity),
            { seconds: 40 },
          )
        } finally {
          process.kill(pid, 'SIGCONT')
        }
        await operatorServes(2)
        const seen = new Set<string>()
        const holders = new Set<string>()
        for (let look = 0; look < 10; look += 1) {
          const now = await status()
          seen.add(JSON.stringify([now?.bundle, now?.conditions]))
          holders.add((await lease()).spec.holderIdentity)
          await delay(300)
        }
        expect([...seen]).toEqual([JSON.stringify([before?.bundle, before?.conditions])])
        expect([...holders]).toHaveLength(1)
        expect([...holders]).not.toContain(first)
        await scale(1)
      },
    )
  })

  // A node has one clock, which is this machine's.
  test.skip('of a node’s clock: pods of this machine cannot have another clock than it', () => {
    expect.unreachable()
  })
})
