/** What breaks while a statement is held: nothing is released by accident, and nothing twice. */

import { setTimeout as delay } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { holdingConnection, type RequestObject } from '../support/approvals.ts'
import { exampleInForce } from '../support/attack-pods.ts'
import { release, runnerNamespace, unique } from '../support/frostgate.ts'
import {
  startHeldClients,
  type HeldAnswer,
  type HeldClient,
  type HeldClients,
} from '../support/held-clients.ts'
import { pidsOf, seesProcesses } from '../support/processes.ts'
import { measured } from '../support/runner.ts'
import { byKubectl } from '../support/stewards.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const name = unique('held-faults')
const namespace = name
const operators = 'app.kubernetes.io/component=operator'
const decide = byKubectl(cluster)

let clients: HeldClients

interface Held {
  readonly client: HeldClient
  readonly answer: Promise<HeldAnswer>
  readonly request: RequestObject
}

const phaseIs = (request: RequestObject, phase: string) =>
  kubectl.waitFor<RequestObject>(
    'approvalrequest',
    request.metadata.name,
    release.namespace,
    ({ status }) => status?.phase === phase,
  )

/** Every client waits for people. */
function hold(what: string): Promise<readonly Held[]> {
  const attempt = unique(what)
  return Promise.all(
    clients.all.map(async (client) => {
      const mark = `${attempt} ${client.name}`
      const answer = client.ask(
        `SELECT id, ssn FROM health.phi.patients WHERE '${mark}' <> '' ORDER BY 1 LIMIT 2`,
      )
      const request = await waitUntil(
        `the request of ${mark}`,
        async () => {
          const all = await kubectl.list<RequestObject>('approvalrequests', release.namespace)
          return all.find(({ spec }) => spec.statement.includes(`'${mark}'`))
        },
        (found) => found?.status?.phase === 'Pending',
      )
      if (request === undefined) throw new Error('there is one')
      return { client, answer, request }
    }),
  )
}

async function released(what: string, held: readonly Held[], since: number): Promise<void> {
  for (const { client, answer, request } of held) {
    const { rows, error, at } = await answer
    expect(error, client.name).toBeUndefined()
    expect(rows, client.name).toHaveLength(2)
    for (const [, ssn] of rows ?? []) expect(ssn).toMatch(/^\*+\d{4}$/)
    measured(`${what}: ${client.name} has its rows after`, at - since)
    expect((await phaseIs(request, 'Used')).status?.uses).toHaveLength(1)
  }
}

const approveAll = (held: readonly Held[]) =>
  Promise.all(held.map(({ request }) => decide(request, 'Approve', 'agreed')))

async function operatorServes(replicas = 1): Promise<void> {
  const deployment = `deployment/${release.name}-operator`
  await kubectl.run(['scale', deployment, '-n', release.namespace, `--replicas=${replicas}`])
  await kubectl.run(['rollout', 'status', deployment, '-n', release.namespace, '--timeout=90s'])
}

const runs = facts.part === 'node' && 'path' in facts.helmFinding && seesProcesses(facts.nodeIp)

describe.runIf(runs)('Held statements', () => {
  beforeAll(async () => {
    await exampleInForce(cluster)
    await runnerNamespace(cluster, namespace)
    await holdingConnection(cluster, name, namespace)
    clients = await startHeldClients(cluster, { namespace, connection: name }, (line) => {
      console.log(line)
    })
  })

  afterAll(async () => {
    await operatorServes()
    await clients.close()
    await kubectl.delete('namespace', namespace)
    for (const kind of ['snowflakeconnection', 'agentpolicy', 'maskingrule', 'rolebinding'])
      await kubectl.delete(kind, name, release.namespace)
  })

  test('the operator killed between the decision and its use: used once, by the next operator', async () => {
    const held = await hold('killed')
    const sidecars = pidsOf(
      'FROSTGATE_CONNECTION',
      `${release.namespace}/${name}`,
      'sidecar/main.ts',
    )
    expect(sidecars).toHaveLength(held.length)
    // They stand still, so that the decision is stored and nobody has used it.
    for (const pid of sidecars) process.kill(pid, 'SIGSTOP')
    let since: number
    try {
      await approveAll(held)
      await Promise.all(held.map(({ request }) => phaseIs(request, 'Approved')))
      for (const { metadata } of await kubectl.list('pods', release.namespace, operators))
        await kubectl.run([
          'delete', 'pod', metadata.name, '-n', release.namespace, '--grace-period=0', '--force',
        ]) // prettier-ignore
    } finally {
      since = performance.now()
      for (const pid of sidecars) process.kill(pid, 'SIGCONT')
    }
    await released('operator killed after the decision', held, since)
    await operatorServes()
  })

  test('the API server away for 30 s: the statements wait on, and go once approved', async () => {
    const held = await hold('away')
    await cluster.apiServer.stop()
    await delay(30_000)
    await cluster.apiServer.start()
    const open = held.map(({ request }) =>
      kubectl.get<RequestObject>('approvalrequest', request.metadata.name, release.namespace),
    )
    for (const { status } of await Promise.all(open)) expect(status?.phase).toBe('Pending')
    await waitUntil(
      'decisions to be taken again',
      () => approveAll(held.slice(0, 1)),
      () => true,
    )
    // Longer than it takes the operator: the node's Services lead to the API server again only after
    // some 40 s of their own.
    const since = performance.now()
    await approveAll(held.slice(1))
    await released('API server away meanwhile', held, since)
  })

  test('two operators: whoever a sidecar talks to, one use each', async () => {
    await operatorServes(2)
    const held = await hold('replicas')
    const since = performance.now()
    await approveAll(held)
    await released('two operators', held, since)
    await operatorServes()
  })
})
