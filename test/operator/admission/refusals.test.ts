import { describe, expect, test } from 'vitest'

import { refusalReasons } from '../../../operator/admission/refusals/catalogue.ts'
import type { Container, Pod, PodSpec } from '../../../operator/admission/pod.ts'
import { app, podWith, reasons, refusalsOf, warningsOf } from './support/pods.ts'

const scratch = { name: 'scratch', emptyDir: {} }

function container(more: Partial<Container>): Partial<PodSpec> {
  return { containers: [{ ...app, ...more }] }
}

function security(securityContext: NonNullable<Container['securityContext']>): Partial<PodSpec> {
  return container({ securityContext })
}

function capability(name: string): Partial<PodSpec> {
  return security({ capabilities: { add: [name] } })
}

function mount(name: string, mountPath: string): Partial<PodSpec> {
  return { ...container({ volumeMounts: [{ name, mountPath }] }), volumes: [scratch] }
}

function token(audience: string): Partial<PodSpec> {
  const sources = [{ serviceAccountToken: { audience, path: 'token' } }]
  return { volumes: [{ name: 'mine', projected: { sources } }] }
}

const context = 'spec.containers[0].securityContext'

const refused: readonly (readonly [
  what: string,
  spec: Partial<PodSpec>,
  reason: string,
  field: string,
])[] = [
  ['the node’s network', { hostNetwork: true }, 'HostNetwork', 'spec.hostNetwork'],
  ['the node’s processes', { hostPID: true }, 'HostPID', 'spec.hostPID'],
  ['the node’s IPC', { hostIPC: true }, 'HostIPC', 'spec.hostIPC'],
  [
    'processes in common',
    { shareProcessNamespace: true },
    'ShareProcessNamespace',
    'spec.shareProcessNamespace',
  ],
  ['Windows', { os: { name: 'windows' } }, 'Windows', 'spec.os.name'],
  [
    'Windows nodes',
    { nodeSelector: { 'kubernetes.io/os': 'windows' } },
    'Windows',
    'spec.nodeSelector[kubernetes.io/os]',
  ],
  [
    'Windows settings',
    { securityContext: { windowsOptions: {} } },
    'Windows',
    'spec.securityContext.windowsOptions',
  ],
  [
    'an unsafe sysctl',
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    'Sysctl',
    'spec.securityContext.sysctls[0]',
  ],
  [
    'a folder of the node',
    { volumes: [{ name: 'root', hostPath: { path: '/' } }] },
    'HostPath',
    'spec.volumes[0].hostPath',
  ],
  ['privileges', security({ privileged: true }), 'Privileged', `${context}.privileged`],
  ...[
    'SYS_PTRACE',
    'SYS_ADMIN',
    'NET_ADMIN',
    'NET_RAW',
    'SYS_MODULE',
    'BPF',
    'DAC_READ_SEARCH',
    'CAP_SYS_ADMIN',
    'sys_admin',
    'ALL',
    'PERFMON',
    'CHECKPOINT_RESTORE',
  ].map(
    (name) =>
      [
        `capability ${name}`,
        capability(name),
        'Capability',
        `${context}.capabilities.add[0]`,
      ] as const,
  ),
  ['/proc unmasked', security({ procMount: 'Unmasked' }), 'ProcMount', `${context}.procMount`],
  [
    'no SELinux confinement',
    security({ seLinuxOptions: { type: 'spc_t' } }),
    'SELinuxType',
    `${context}.seLinuxOptions.type`,
  ],
  [
    'no SELinux confinement of the pod',
    { securityContext: { seLinuxOptions: { type: 'spc_t' } } },
    'SELinuxType',
    `${context}.seLinuxOptions.type`,
  ],
  [
    'a process of the host',
    security({ windowsOptions: { hostProcess: true } }),
    'HostProcess',
    `${context}.windowsOptions.hostProcess`,
  ],
  ['the sidecar’s user', security({ runAsUser: 65532 }), 'User', `${context}.runAsUser`],
  [
    'the sidecar’s user for all',
    { securityContext: { runAsUser: 65532 } },
    'User',
    `${context}.runAsUser`,
  ],
  [
    'the gateway’s port',
    container({ ports: [{ containerPort: 8085 }] }),
    'Port',
    'spec.containers[0].ports[0].containerPort',
  ],
  [
    'the health port on the node',
    container({ ports: [{ containerPort: 80, hostPort: 9085 }] }),
    'Port',
    'spec.containers[0].ports[0].hostPort',
  ],
  ...['frostgate-identity', 'frostgate-key', 'frostgate-recording', 'frostgate-no-api'].map(
    (name) =>
      [
        `a mount of ${name}`,
        mount(name, '/x'),
        'VolumeMounted',
        'spec.containers[0].volumeMounts[0]',
      ] as const,
  ),
  ...[
    '/var/run/secrets/frostgate.dev',
    '/run/secrets/frostgate.dev/token',
    '/var/run/secrets//x/../frostgate.dev/',
  ].map(
    (path) =>
      [
        `another volume at ${path}`,
        mount('scratch', path),
        'MountPath',
        'spec.containers[0].volumeMounts[0]',
      ] as const,
  ),
  ...[
    'frostgate.dev/enrol',
    'frostgate.dev/enrol/5f0c2a3e-0000-4000-8000-000000000001',
    'frostgate.dev/enrol/another-cluster',
  ].map(
    (audience) =>
      [
        `a token for ${audience}`,
        token(audience),
        'EnrolAudience',
        'spec.volumes[0].projected.sources[0].serviceAccountToken.audience',
      ] as const,
  ),
  [
    'debug containers',
    { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] },
    'EphemeralContainers',
    'spec.ephemeralContainers',
  ],
  [
    'a container of the sidecar’s name',
    { containers: [app, { name: 'frostgate-proxy', image: 'x' }] },
    'ProxyDeclared',
    'spec.containers[1]',
  ],
  [
    'an init container of the sidecar’s name',
    { initContainers: [{ name: 'frostgate-proxy', image: 'x', restartPolicy: 'Always' }] },
    'ProxyDeclared',
    'spec.initContainers[0]',
  ],
  [
    'a volume of the sidecar’s name',
    { volumes: [{ name: 'frostgate-key', emptyDir: {} }] },
    'ProxyDeclared',
    'spec.volumes[0]',
  ],
  ['no containers', { containers: [] }, 'PodInvalid', 'spec.containers'],
]

describe('A pod is refused the sidecar if it has', () => {
  test.each(refused)('%s', (_, spec, reason, field) => {
    expect(reasons(refusalsOf(podWith(spec)))).toEqual([[reason, field]])
  })

  test.each(refused.filter(([, { containers }]) => containers?.length === 1))(
    '%s in an init container',
    (_, { containers, ...spec }, reason, field) => {
      const initContainers = (containers ?? []).map((each) => ({ ...each, name: 'setup' }))
      const pod = podWith({ ...spec, initContainers })
      expect(reasons(refusalsOf(pod))).toContainEqual([
        reason,
        field.replace('containers', 'initContainers'),
      ])
    },
  )

  test('been made of a file on the node', () => {
    const mirror = podWith({}, { 'kubernetes.io/config.mirror': 'abc' })
    expect(reasons(refusalsOf(mirror))).toEqual([
      ['MirrorPod', 'metadata.annotations[kubernetes.io/config.mirror]'],
    ])
  })

  test('several of these, and learns of all at once', () => {
    const pod = podWith({ hostNetwork: true, hostPID: true, ...capability('BPF') })
    expect(refusalsOf(pod).map(({ reason }) => reason)).toEqual([
      'HostNetwork',
      'HostPID',
      'Capability',
    ])
  })
})

describe('A pod keeps', () => {
  const allowed: readonly (readonly [what: string, spec: Partial<PodSpec>])[] = [
    ['users of its own', { hostUsers: false }],
    ['a runtime class', { runtimeClassName: 'gvisor' }],
    [
      'a safe sysctl',
      { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
    ],
    ['a harmless capability', capability('NET_BIND_SERVICE')],
    ['the same in another spelling', capability('cap_chown')],
    ['dropped capabilities', security({ capabilities: { drop: ['ALL', 'NET_RAW'] } })],
    ['the default /proc', security({ procMount: 'Default' })],
    [
      'a container’s own user where the pod’s is ours',
      {
        ...security({ runAsUser: 1000 }),
        securityContext: { runAsUser: 65532 },
      },
    ],
    ['tokens of other audiences', token('sts.amazonaws.com')],
    ['a token of the agents’ audience', token('frostgate.dev/agent')],
    ['a mount beside ours', mount('scratch', '/var/run/secrets/frostgate.dev.d')],
    ['Linux nodes', { os: { name: 'linux' } }],
  ]
  test.each(allowed)('%s', (_, spec) => {
    expect(refusalsOf(podWith(spec))).toEqual([])
  })
})

describe('A pod is warned of', () => {
  test.each<readonly [string, Partial<PodSpec>]>([
    [
      'a redirected broker',
      { hostAliases: [{ ip: '10.0.0.1', hostnames: ['frostgate-broker.frostgate.svc'] }] },
    ],
    [
      'a redirected Snowflake',
      { hostAliases: [{ ip: '10.0.0.1', hostnames: ['x.snowflakecomputing.com'] }] },
    ],
    ['its own name servers', { dnsPolicy: 'None' }],
    ['the node’s name servers', { dnsPolicy: 'Default' }],
  ])('%s, which TLS makes harmless', (_, spec) => {
    expect(warningsOf(podWith(spec))).toHaveLength(1)
  })

  test('nothing else', () => {
    expect(warningsOf(podWith({ hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }] }))).toEqual(
      [],
    )
  })

  test('an annotation that means nothing', () => {
    expect(warningsOf(podWith({}, { 'frostgate.dev/memory-limt': '1Gi' }))).toEqual([
      'annotation frostgate.dev/memory-limt is unknown; is it spelt right?',
    ])
  })
})

test('Every reason says what to do, in whole sentences', () => {
  for (const advice of Object.values(refusalReasons))
    expect(advice).toMatch(/^[A-Z].*[.:a-z>"]\.?$/)
})

test('A pod without spec is refused', () => {
  const pod: Pod = { metadata: { annotations: { 'frostgate.dev/connection': 'acme' } } }
  expect(reasons(refusalsOf(pod))).toEqual([['PodInvalid', 'spec.containers']])
})
