/** Pods as an attacker writes them: an honest one, and what is changed in it. */

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import type { Cluster } from '../cluster.ts'
import { images } from '../images.ts'
import { exampleFile, installExample, release } from './frostgate.ts'

export interface Volumes {
  readonly name: string
  readonly [source: string]: unknown
}

/** The fields of a pod that attacks touch; all else is kept as it is. */
export interface AttackPod {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly spec: {
    readonly containers: readonly JsonObject[]
    readonly initContainers?: readonly JsonObject[]
    readonly volumes?: readonly Volumes[]
    readonly [field: string]: unknown
  }
}

export const annotation = 'frostgate.dev/connection'

/** On no node: for attacks that need a live pod and no process. */
export const nowhere = { nodeSelector: { 'attacks.test/node': 'none' } }

/** One container `agent` that waits; asks for the example's connection. */
export function agentPod(name: string, spec: JsonObject = {}, script = waiting): AttackPod {
  return {
    metadata: { name, annotations: { [annotation]: 'acme' } },
    spec: {
      serviceAccountName: 'runner',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 2,
      containers: [
        {
          name: 'agent',
          image: images.node,
          command: ['node', '-e', script],
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false },
        },
      ],
      ...spec,
    },
  }
}

const waiting = 'setInterval(() => undefined, 1000); process.on("SIGTERM", () => process.exit())'

export const withSpec = (pod: AttackPod, spec: JsonObject): AttackPod => ({
  ...pod,
  spec: { ...pod.spec, ...spec },
})

export const withAnnotations = (
  pod: AttackPod,
  annotations: Readonly<Record<string, string>>,
): AttackPod => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
})

/** Over the fields of the application's container. */
export const withAgent = (pod: AttackPod, fields: JsonObject): AttackPod =>
  withSpec(pod, {
    containers: pod.spec.containers.map((container, index) =>
      index === 0 ? { ...container, ...fields } : container,
    ),
  })

/** Over the fields of the sidecar, which must be there. */
export const withSidecar = (pod: AttackPod, fields: JsonObject): AttackPod =>
  withSpec(pod, {
    initContainers: (pod.spec.initContainers ?? []).map((container) =>
      container['name'] === 'frostgate-proxy' ? { ...container, ...fields } : container,
    ),
  })

export const withVolume = (pod: AttackPod, volume: Volumes): AttackPod =>
  withSpec(pod, { volumes: [...(pod.spec.volumes ?? []), volume] })

/** A further mount of the application's. */
export const withMount = (pod: AttackPod, mount: JsonObject): AttackPod => {
  const given = pod.spec.containers[0]?.['volumeMounts'] as readonly JsonObject[] | undefined
  return withAgent(pod, { volumeMounts: [...(given ?? []), mount] })
}

/** What the API server answered, as somebody would create it again. */
export function recreatable(body: JsonObject, name: string): AttackPod {
  const { metadata, spec } = body
  if (!isObject(metadata) || !isObject(spec)) throw new Error('the answer is no pod')
  const { labels, annotations } = metadata
  return { metadata: { name, labels, annotations }, spec } as unknown as AttackPod
}

/** Installs the example unless it serves: its keys stay those that other suites may be using. */
export async function exampleInForce(cluster: Cluster): Promise<void> {
  const path = '{.status.conditions[?(@.type=="Ready")].status}'
  const ready = await cluster.kubectl
    .run(['get', 'sfc', 'acme', '-n', release.namespace, '-o', `jsonpath=${path}`])
    .catch(() => '')
  if (ready !== 'True') await installExample(cluster)
}

/** A connection like the example's for one namespace, so that suites do not share policies. */
export async function connectionFor(
  { kubectl }: Cluster,
  connection: string,
  namespace: string,
): Promise<void> {
  const files = ['connection', 'policy', 'masking'].flatMap((file) =>
    exampleFile('frostgate', `${file}.yaml`),
  )
  const text = JSON.stringify(files)
    .replaceAll(/"name":"(acme|ci-runners|ssn)"/g, `"name":"${connection}"`)
    .replaceAll('"namespace":"ci"', `"namespace":"${namespace}"`)
  await kubectl.apply(JSON.parse(text) as object[])
  const within = ['-n', release.namespace, '--timeout=60s']
  await kubectl.run(['wait', '--for=condition=Ready', `sfc/${connection}`, ...within])
}

/** Services whose links are called as the sidecar's settings, and bounds that admission adds to pods. */
export function namesAndBounds(namespace: string): readonly object[] {
  const object = (kind: string, name: string, spec: object) => ({
    apiVersion: 'v1',
    kind,
    metadata: { namespace, name },
    spec,
  })
  const limits = {
    type: 'Container',
    default: { cpu: '1', memory: '512Mi' },
    defaultRequest: { cpu: '10m', memory: '32Mi' },
  }
  return [
    ...['frostgate', 'frostgate-health', 'frostgate-broker'].map((name) =>
      object('Service', name, { ports: [{ port: 1 }] }),
    ),
    object('LimitRange', 'bounds', { limits: [limits] }),
    object('ResourceQuota', 'quota', { hard: { 'limits.cpu': '64', 'limits.memory': '64Gi' } }),
  ]
}
