/** What a pod's author writes to reach into the sidecar, and in which words it is refused. */

import { images } from '../images.ts'
import {
  annotation,
  withAgent,
  withAnnotations,
  withMount,
  withSidecar,
  withSpec,
  withVolume,
  type AttackPod,
  type Volumes,
} from './attack-pods.ts'

export interface Attack {
  readonly title: string
  readonly change: (pod: AttackPod) => AttackPod
  /** In the webhook's refusal. */
  readonly webhook: string
  /** In the policy's; none where only the webhook, or later the broker, judges it. */
  readonly policy?: string
}

export const enrolToken: readonly Volumes[] = [
  {
    name: 'mine',
    projected: {
      sources: [{ serviceAccountToken: { audience: 'frostgate.dev/enrol/x', path: 'token' } }],
    },
  },
]
const capability = (name: string) => (pod: AttackPod) =>
  withAgent(pod, { securityContext: { runAsUser: 1000, capabilities: { add: [name] } } })
const privateVolumes = ['identity', 'key', 'recording', 'no-api'].map((name) => `frostgate-${name}`)

/** On an honest pod and on a copy of an injected one alike. */
export const attacks: readonly Attack[] = [
  ...(
    [
      ['hostNetwork', 'HostNetwork'],
      ['hostPID', 'HostPID'],
      ['hostIPC', 'HostIPC'],
      ['shareProcessNamespace', 'ShareProcessNamespace'],
    ] as const
  ).map(([field, webhook]) => ({
    title: `sets ${field}`,
    change: (pod: AttackPod) => withSpec(pod, { [field]: true }),
    webhook,
    policy: 'may not set hostNetwork, hostPID, hostIPC or shareProcessNamespace',
  })),
  {
    title: 'mounts a folder of the node',
    change: (pod) => withVolume(pod, { name: 'node', hostPath: { path: '/var/lib/kubelet' } }),
    webhook: 'HostPath',
    policy: 'may not mount folders of the node',
  },
  {
    title: 'is privileged',
    change: (pod) => withAgent(pod, { securityContext: { privileged: true } }),
    webhook: 'Privileged',
    policy: 'A container is privileged',
  },
  {
    title: 'is privileged in a container that is excluded from injection',
    change: (pod) =>
      withAnnotations(withAgent(pod, { securityContext: { privileged: true } }), {
        'frostgate.dev/exclude-containers': 'agent',
      }),
    webhook: 'Privileged',
    policy: 'A container is privileged',
  },
  ...['SYS_PTRACE', 'cap_sys_admin', 'NET_ADMIN', 'BPF'].map((name) => ({
    title: `adds the capability ${name}`,
    change: capability(name),
    webhook: 'Capability',
    policy: 'adds a capability that reaches into the sidecar',
  })),
  {
    title: 'unmasks /proc',
    change: (pod) =>
      withSpec(withAgent(pod, { securityContext: { procMount: 'Unmasked' } }), {
        hostUsers: false,
      }),
    webhook: 'ProcMount',
    policy: 'unmasks /proc',
  },
  {
    title: 'runs as the sidecar’s user',
    change: (pod) => withAgent(pod, { securityContext: { runAsUser: 65_532 } }),
    webhook: 'User',
    policy: 'runs as user 65532',
  },
  {
    title: 'runs as the sidecar’s user by the pod’s security context',
    change: (pod) =>
      withSpec(withAgent(pod, { securityContext: {} }), { securityContext: { runAsUser: 65_532 } }),
    webhook: 'User',
    policy: 'runs as user 65532',
  },
  {
    title: 'projects the token that makes a sidecar',
    change: (pod) => enrolToken.reduce(withVolume, pod),
    webhook: 'EnrolAudience',
    policy: 'projects a token of audience frostgate.dev/enrol',
  },
  ...privateVolumes.map((name) => ({
    title: `mounts ${name}, by a sub-path and for reading only`,
    change: (pod: AttackPod) =>
      withMount(
        // The author of a plain pod must declare it for the mount to be valid at all.
        pod.spec.volumes === undefined ? withVolume(pod, { name, emptyDir: {} }) : pod,
        { name, mountPath: '/loot', subPath: 'token', readOnly: true },
      ),
    webhook: 'VolumeMounted',
    policy: "mounts a volume of the sidecar's",
  })),
  {
    title: 'calls an application’s container frostgate-proxy',
    change: (pod) =>
      withSpec(pod, {
        containers: [...pod.spec.containers, { name: 'frostgate-proxy', image: images.node }],
        // Two of one name are no valid pod.
        initContainers: (pod.spec.initContainers ?? []).slice(1),
      }),
    webhook: 'ProxyDeclared',
    policy: 'has no frostgate-proxy as its first init container',
  },
  {
    title: 'listens where the gateway does',
    change: (pod) => withAgent(pod, { ports: [{ containerPort: 8085 }] }),
    webhook: 'Port',
  },
  {
    title: 'puts a folder of its own where the token is',
    change: (pod) =>
      withMount(withVolume(pod, { name: 'own', emptyDir: {} }), {
        name: 'own',
        mountPath: '/run/secrets/frostgate.dev/token',
      }),
    webhook: 'MountPath',
  },
  {
    title: 'sets a sysctl that is not safe',
    change: (pod) =>
      withSpec(pod, {
        securityContext: { sysctls: [{ name: 'net.ipv4.conf.all.route_localnet', value: '1' }] },
      }),
    webhook: 'Sysctl',
  },
  {
    title: 'excludes the sidecar from injection',
    change: (pod) =>
      withAnnotations(pod, { 'frostgate.dev/exclude-containers': 'frostgate-proxy' }),
    webhook: 'Annotation',
  },
  {
    title: 'asks for more memory than the connection grants',
    change: (pod) => withAnnotations(pod, { 'frostgate.dev/memory-limit': '64Gi' }),
    webhook: 'Resources',
  },
]

/** Only on a copy of an injected pod. */
export const forgeries: readonly Attack[] = [
  {
    title: 'gives the sidecar another image',
    change: (pod) => withSidecar(pod, { image: images.node }),
    webhook: 'ProxyDeclared',
    policy: "The init container frostgate-proxy is not the operator's",
  },
  {
    title: 'gives the sidecar a command',
    change: (pod) => withSidecar(pod, { command: ['node', '-e', '0'] }),
    webhook: 'ProxyDeclared',
    policy: "The init container frostgate-proxy is not the operator's",
  },
  {
    title: 'gives the sidecar a lifecycle hook',
    change: (pod) => withSidecar(pod, { lifecycle: { preStop: { exec: { command: ['true'] } } } }),
    webhook: 'ProxyDeclared',
    policy: "The init container frostgate-proxy is not the operator's",
  },
  {
    title: 'gives the sidecar environment of a ConfigMap',
    change: (pod) => withSidecar(pod, { envFrom: [{ configMapRef: { name: 'mine' } }] }),
    webhook: 'ProxyDeclared',
    policy: "The init container frostgate-proxy is not the operator's",
  },
  {
    title: 'makes the sidecar an init container that ends',
    change: (pod) =>
      withSidecar(pod, {
        restartPolicy: undefined,
        startupProbe: undefined,
        readinessProbe: undefined,
      }),
    webhook: 'ProxyDeclared',
    policy: "The init container frostgate-proxy is not the operator's",
  },
  {
    title: 'puts an init container before the sidecar, as a later webhook might',
    change: (pod) =>
      withSpec(pod, {
        initContainers: [{ name: 'early', image: images.node }, ...(pod.spec.initContainers ?? [])],
      }),
    // The injecting webhook sees it first, and puts it in order.
    webhook: '',
    policy: 'has no frostgate-proxy as its first init container',
  },
  {
    title: 'has lost its annotation',
    change: (pod) => ({ ...pod, metadata: { name: pod.metadata.name } }),
    // Webhooks come after the policies.
    webhook: '',
    policy: 'declares containers or volumes called frostgate-… without asking',
  },
  {
    title: 'names another connection than was sealed',
    change: (pod) => withAnnotations(pod, { [annotation]: 'other' }),
    webhook: 'ConnectionUnknown',
  },
  {
    title: 'gives the sidecar another broker',
    change: (pod) =>
      withSidecar(pod, {
        env: [{ name: 'FROSTGATE_BROKER_URL', value: 'https://attacker.example' }],
      }),
    webhook: 'ProxyDeclared',
  },
  {
    title: 'gives the sidecar code by NODE_OPTIONS',
    change: (pod) =>
      withSidecar(pod, {
        env: [{ name: 'NODE_OPTIONS', value: '--import=data:text/javascript,0' }],
      }),
    webhook: 'ProxyDeclared',
  },
  {
    title: 'keeps the sidecar’s key on a claim of its own',
    change: (pod) =>
      withSpec(pod, {
        volumes: (pod.spec.volumes ?? []).map((volume) =>
          volume.name === 'frostgate-key'
            ? { name: volume.name, persistentVolumeClaim: { claimName: 'mine' } }
            : volume,
        ),
      }),
    webhook: 'ProxyDeclared',
  },
]

/** Changes of a pod that exists: [what, operations, subresource, words of the refusal]. */
export const swaps: readonly (readonly [string, readonly object[], string, string])[] = [
  [
    'image of the sidecar',
    [{ op: 'replace', path: '/spec/initContainers/0/image', value: images.node }],
    '',
    'The image of frostgate-proxy is set when a pod is created',
  ],
  [
    'annotation that names the connection',
    [{ op: 'replace', path: '/metadata/annotations/frostgate.dev~1connection', value: 'other' }],
    '',
    'cannot be changed later',
  ],
  [
    'seal',
    [{ op: 'remove', path: '/metadata/annotations/frostgate.dev~1injected' }],
    '',
    'cannot be changed later',
  ],
  [
    'annotation that names the connection, by its status',
    [{ op: 'replace', path: '/metadata/annotations/frostgate.dev~1connection', value: 'other' }],
    '/status',
    'cannot be changed later',
  ],
  [
    'memory of the sidecar',
    [
      {
        op: 'replace',
        path: '/spec/initContainers/0/resources/limits',
        value: { memory: '500Mi' },
      },
    ],
    '/resize',
    'The resources of frostgate-proxy are set when a pod is created',
  ],
]

/** Debug containers: [what, container, words of the refusal]. */
export const intruders: readonly (readonly [string, object, string])[] = [
  ['targets the sidecar', { targetContainerName: 'frostgate-proxy' }, 'may not target'],
  [
    'mounts the sidecar’s token',
    { volumeMounts: [{ name: 'frostgate-identity', mountPath: '/loot' }] },
    "may not mount the sidecar's volumes",
  ],
  [
    'mounts the sidecar’s key',
    { volumeMounts: [{ name: 'frostgate-key', mountPath: '/loot' }] },
    "may not mount the sidecar's volumes",
  ],
  ['runs as the sidecar’s user', { securityContext: { runAsUser: 65_532 } }, 'run as user 65532'],
  ['is privileged', { securityContext: { privileged: true } }, 'may not be privileged'],
  [
    'may trace processes',
    { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } },
    'may not be privileged',
  ],
]

export const debug = (fields: object) => [
  {
    op: 'add',
    path: '/spec/ephemeralContainers',
    value: [{ name: 'intruder', image: images.shell, ...fields }],
  },
]
