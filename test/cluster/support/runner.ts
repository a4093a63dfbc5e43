/** Runners: pods with the example's unchanged driver, and what they and their sidecars tell. */

import type { Cluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { waitUntil } from '../wait.ts'
import { exampleFile } from './frostgate.ts'

export const proxy = 'frostgate-proxy'

export interface RunnerOptions {
  readonly namespace: string
  readonly name: string
  readonly statements: readonly string[]
  /** Name of a connection of the operator's namespace; `acme` unless told. */
  readonly connection?: string
  /** Repeats the statements for so long, each time in a session of its own. */
  readonly seconds?: number
  /** Milliseconds after each statement. */
  readonly pause?: number
  /** Of a Deployment; 1 unless told. */
  readonly replicas?: number
  /** Merged over the pod's spec. */
  readonly spec?: object
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly ContainerSpec[]
    readonly initContainers?: readonly ContainerSpec[]
    readonly volumes?: readonly Readonly<Record<string, unknown>>[]
  }
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface ContainerSpec {
  readonly name: string
  readonly restartPolicy?: string
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly envFrom?: readonly unknown[]
}

export interface ContainerStatus {
  readonly name: string
  readonly restartCount: number
  readonly ready: boolean
  readonly state?: {
    readonly running?: { readonly startedAt: string }
    readonly terminated?: {
      readonly exitCode: number
      readonly startedAt: string
      readonly finishedAt: string
    }
  }
}

/** One line that the runner prints. */
export interface Answer {
  readonly sql?: string | null
  readonly columns?: readonly string[]
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
  readonly total?: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly summary?: {
    readonly sessions: number
    readonly statements: number
    readonly errors: number
  }
}

/** The template of the example's Job, as a pod of that name that is not restarted. */
export function runnerTemplate(options: RunnerOptions): {
  readonly metadata: object
  readonly spec: object
} {
  const { name, statements, connection = 'acme', seconds = 0, pause = 0, spec = {} } = options
  const job = exampleFile('runner.yaml').find(({ kind }) => kind === 'Job')
  const { template } = (job as unknown as { spec: { template: { spec: PodSpec } } }).spec
  const [container] = template.spec.containers
  const env = [
    { name: 'RUNNER_SECONDS', value: String(seconds) },
    { name: 'RUNNER_PAUSE_MS', value: String(pause) },
  ]
  return {
    metadata: { labels: { app: name }, annotations: { 'frostgate.dev/connection': connection } },
    spec: {
      ...template.spec,
      terminationGracePeriodSeconds: 5,
      containers: [{ ...container, args: statements, env }],
      ...spec,
    },
  }
}

interface PodSpec {
  readonly containers: readonly object[]
}

export function runnerPod(options: RunnerOptions): object {
  const { metadata, spec } = runnerTemplate(options)
  const { namespace, name } = options
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, namespace, name }, spec }
}

export function runnerDeployment(options: RunnerOptions): object {
  const { metadata, spec } = runnerTemplate(options)
  const { namespace, name, replicas = 1 } = options
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata, spec: { ...spec, restartPolicy: 'Always' } },
    },
  }
}

/** The container that is called so. */
export function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container)
}

/** The only pod with the label `app`; waits until there is one that holds. */
export async function podOf(
  { kubectl }: Cluster,
  namespace: string,
  app: string,
  holds: (pod: Pod) => boolean = () => true,
): Promise<Pod> {
  const [pod] = await waitUntil(
    `a pod of ${app}`,
    () => kubectl.list<Pod>('pods', namespace, `app=${app}`),
    (pods) => pods.length === 1 && pods.every(holds),
  )
  if (pod === undefined) throw new Error('there is one')
  return pod
}

/** The runner is at work. */
export const works = (pod: Pod): boolean => statusOf(pod, 'runner')?.state?.running !== undefined

/** It has ended, well or not. */
export const ended = ({ status }: Pod): boolean => ['Succeeded', 'Failed'].includes(status.phase)

export async function answersOf(
  { kubectl }: Cluster,
  namespace: string,
  pod: string,
  container = 'runner',
): Promise<readonly Answer[]> {
  return answersIn(await kubectl.logs(pod, container, namespace))
}

/** Errors of a runner that was started again; it only ends if a login fails. */
export async function failuresOf(
  { kubectl }: Cluster,
  namespace: string,
  pod: string,
): Promise<readonly Answer[]> {
  const args = ['logs', pod, '-c', 'runner', '--namespace', namespace, '--previous']
  const log = await kubectl.run(args).catch(() => '')
  return answersIn(log).filter(({ error }) => error !== undefined)
}

export function answersIn(log: string): readonly Answer[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Answer)
}

/** A probe or the metrics of a sidecar, whatever its HTTP status, by way of the API server. */
export async function sidecarSays(
  { kubectl }: Cluster,
  namespace: string,
  pod: string,
  path: 'ready' | 'startup' | 'metrics',
): Promise<string> {
  const url = `/api/v1/namespaces/${namespace}/pods/${pod}:9085/proxy/${path}`
  return kubectl.run(['get', '--raw', url])
}

/** Sum of a counter of the sidecar over its labels. */
export async function counterOf(
  cluster: Cluster,
  namespace: string,
  pod: string,
  metric: string,
): Promise<number> {
  const lines = (await sidecarSays(cluster, namespace, pod, 'metrics')).split('\n')
  const own = lines.filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
  return own.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Reasons of the Events on an object, and their messages. */
export async function eventsOn(
  { kubectl }: Cluster,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const events = await kubectl.list<KubeObject & EventFields>('events', namespace)
  return new Map(
    events
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => [reason, message]),
  )
}

interface EventFields {
  readonly involvedObject: { readonly name: string }
  readonly reason: string
  readonly message: string
}

/** Runs a script in a container whose image has Node. */
export function inNode(
  { kubectl }: Cluster,
  { namespace, pod, container }: Readonly<Record<'namespace' | 'pod' | 'container', string>>,
  expression: string,
): Promise<string> {
  return kubectl.exec(pod, container, namespace, ['node', '-p', expression])
}

/** Prints a figure that a test has taken. */
export function measured(what: string, milliseconds: number): void {
  console.log(`measured: ${what}: ${Math.round(milliseconds)} ms`)
}
