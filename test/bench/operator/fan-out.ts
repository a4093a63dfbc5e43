/**
 * Sidecars of one connection, enrolled at the real operator as pods that its webhook injected; then
 * from an object's change at the API server to the last acknowledgement.
 */

import type { V1Pod } from '@kubernetes/client-node'

import type { PatchOperation } from '../../../operator/admission/inject/patch.ts'
import { resources } from '../../../operator/kube/resources.ts'
import type { Wire } from '../../../operator/kube/resources.ts'
import { apply } from '../../operator/admission/support/json-patch.ts'
import { makeSidecarKey, TestSidecar, type TestStream } from '../../support/broker-client.ts'
import { operatorNamespace, podNamespace, policy } from './objects.ts'
import { brokerHost, type BenchOperator } from './operator.ts'
import { runner, type Reviewer } from './reviews.ts'

export interface FanOut {
  readonly enrolledPerSecond: number
  /** Milliseconds since the change was sent to the API server. */
  readonly told: readonly number[]
  readonly acknowledged: readonly number[]
  /** Of each change, the last acknowledgement. */
  readonly last: readonly number[]
}

export interface Sidecar {
  readonly sidecar: TestSidecar
  readonly stream: TestStream
}

export async function measureFanOut(
  operator: BenchOperator,
  reviewer: Reviewer,
  count: number,
  changes: number,
): Promise<FanOut> {
  const { sidecars, enrolledPerSecond } = await enrolled(operator, reviewer, count)
  const told: number[] = []
  const acknowledged: number[] = []
  const last: number[] = []
  for (let change = 1; change <= changes; change += 1) {
    const before = sidecars.map(({ stream }) => stream.notices.length)
    const start = performance.now()
    const changed = changePolicy(operator, change)
    const times = await Promise.all(
      sidecars.map(async ({ sidecar, stream }, index) => {
        const { digest } = await stream.next(
          'bundle',
          (notice) => stream.notices.indexOf(notice) >= (before[index] ?? 0),
          60_000,
        )
        told.push(performance.now() - start)
        await succeed(sidecar, '/v1/bundle', 200)
        await succeed(sidecar, '/v1/ack', 204, { digest, accepted: true })
        return performance.now() - start
      }),
    )
    await changed
    acknowledged.push(...times)
    last.push(Math.max(...times))
  }
  for (const { sidecar, stream } of sidecars) {
    stream.close()
    sidecar.close()
  }
  return { enrolledPerSecond, told, acknowledged, last }
}

/** As many sidecars of connection 0, each with a stream. */
export async function enrolled(
  operator: BenchOperator,
  reviewer: Reviewer,
  count: number,
): Promise<{ readonly sidecars: readonly Sidecar[]; readonly enrolledPerSecond: number }> {
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1)
    tokens.push(await createPod(operator, reviewer, `runner-${index}`))
  const since = performance.now()
  const sidecars: Sidecar[] = []
  const connect = async (): Promise<void> => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop())
      sidecars.push(await enrol(operator, token, tokens.length))
  }
  await Promise.all(Array.from({ length: 16 }, connect))
  return { sidecars, enrolledPerSecond: (count * 1000) / (performance.now() - since) }
}

/** The pod as it is after admission; resolves to its token. */
async function createPod({ client }: BenchOperator, reviewer: Reviewer, name: string) {
  const pod = runner(name, 0)
  const { patch } = await reviewer.ask({ path: '/inject', resource: 'pods', object: pod })
  const operations = JSON.parse(Buffer.from(patch ?? '', 'base64').toString()) as PatchOperation[]
  const injected = { ...apply(pod, operations), status: { phase: 'Pending' } }
  const { metadata } = await client.create(resources.pods, injected as unknown as Wire<V1Pod>)
  return `${podNamespace} ${name} ${metadata?.uid ?? ''}`
}

async function enrol({ ports, trust }: BenchOperator, token: string, index: number) {
  // As pods have addresses of their own.
  const from = `127.1.${index >> 8}.${index & 255}`
  const address = { origin: `https://${brokerHost}:8443`, port: ports.broker, trust }
  const sidecar = new TestSidecar(address, await makeSidecarKey(), from)
  const { status, body } = await sidecar.enrol(token)
  if (status !== 200) throw new Error(`enrolment was refused: ${status} ${JSON.stringify(body)}`)
  const stream = await sidecar.stream()
  await stream.next('bundle', () => true, 60_000)
  return { sidecar, stream }
}

async function succeed(sidecar: TestSidecar, path: string, wanted: number, body?: object) {
  const { status } = await sidecar.call(path, body === undefined ? {} : { method: 'POST', body })
  if (status !== wanted) throw new Error(`${path} was answered with ${status}`)
}

export async function changePolicy({ client }: BenchOperator, change: number): Promise<void> {
  const { object } = policy(0, 'first', change)
  const path = `/apis/frostgate.dev/v1alpha1/namespaces/${operatorNamespace}/agentpolicies/${object.metadata.name}`
  await client.request('PUT', path, { body: object })
}
