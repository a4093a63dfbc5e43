import { describe, expect, test } from 'vitest'

import type { Pod } from '../../../../operator/admission/pod.ts'
import { verifyConnect } from '../../../../operator/admission/verify/connect.ts'
import { verifyEphemeral } from '../../../../operator/admission/verify/ephemeral.ts'
import { verifyTokenRequest } from '../../../../operator/admission/verify/token-request.ts'
import { verifyUpdate } from '../../../../operator/admission/verify/update.ts'
import { verify, verifyRunning } from '../../../../operator/admission/verify/verify.ts'
import { connection, context, operator } from '../support/context.ts'
import { app, changed, injected, podWith, reasons } from '../support/pods.ts'

const pod = injected()
const newer = { ...context, operator: { ...operator, version: '2.0.0', trust: 'new CA' } }

const alterations: readonly (readonly [string, (pod: Pod) => Pod, string])[] = [
  [
    'an init container before it',
    (p) =>
      changed(p, ({ spec }) => {
        spec.initContainers?.unshift({ ...app, name: 'early' })
      }),
    'NotFirst',
  ],
  [
    'no sidecar',
    (p) =>
      changed(p, ({ spec }) => {
        spec.initContainers = []
      }),
    'NotInjected',
  ],
  [
    'a volume less',
    (p) =>
      changed(p, ({ spec }) => {
        spec.volumes = (spec.volumes ?? []).filter(({ name }) => name !== 'frostgate-no-api')
      }),
    'Altered',
  ],
  [
    'a container without environment',
    (p) =>
      changed(p, ({ spec }) => {
        for (const c of spec.containers) delete c.env
      }),
    'Altered',
  ],
  [
    'a container without token',
    (p) =>
      changed(p, ({ spec }) => {
        for (const c of spec.containers) delete c.volumeMounts
      }),
    'Altered',
  ],
  [
    'another image',
    (p) =>
      changed(p, ({ spec }) => {
        for (const c of spec.initContainers ?? []) c.image = 'evil'
      }),
    'ProxyDeclared',
  ],
  [
    'another mount of its key',
    (p) =>
      changed(p, ({ spec }) => {
        spec.containers.push({
          ...app,
          name: 'thief',
          volumeMounts: [{ name: 'frostgate-key', mountPath: '/k' }],
        })
      }),
    'VolumeMounted',
  ],
  [
    'processes in common',
    (p) =>
      changed(p, ({ spec }) => {
        spec.shareProcessNamespace = true
      }),
    'ShareProcessNamespace',
  ],
]

describe('A new pod', () => {
  test('as it was injected is in order', () => {
    expect(verify(pod, context)).toEqual([])
  })

  test.each(alterations)('with %s is refused', (_, alter, reason) => {
    expect(verify(alter(pod), context).map((found) => found.reason)).toContain(reason)
  })

  test.each([
    'frostgate.dev/injected',
    'frostgate.dev/connections.toml',
    'frostgate.dev/config.toml',
    'frostgate.dev/namespace',
  ])('with an empty annotation %s is refused', (name) => {
    const rest = { ...pod.metadata?.annotations, [name]: '' }
    const altered = { ...pod, metadata: { ...pod.metadata, annotations: rest } }
    expect(reasons(verify(altered, context))).toEqual([
      ['Altered', `metadata.annotations[${name}]`],
    ])
  })

  test('without the label is refused', () => {
    const altered = { ...pod, metadata: { ...pod.metadata, labels: {} } }
    expect(reasons(verify(altered, context))).toEqual([
      ['Altered', 'metadata.labels[frostgate.dev/injected]'],
    ])
  })

  test('of an earlier rendering is refused', () => {
    expect(verify(pod, newer).length).toBeGreaterThan(0)
  })
})

describe('A running pod', () => {
  test('of an earlier rendering goes on, by its seal', () => {
    expect(verifyRunning(pod, newer)).toEqual([])
    const strict = {
      ...newer,
      connection: {
        ...connection,
        account: 'other',
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
      },
    }
    expect(verifyRunning(pod, strict)).toEqual([])
  })

  test('without a seal must be as it would be rendered now', () => {
    const forged = changed(pod, ({ metadata }) => {
      const { annotations } = metadata ?? {}
      if (annotations !== undefined)
        annotations['frostgate.dev/injected'] = `1.2.3.${'0'.repeat(64)}.x`
    })
    expect(verifyRunning(forged, newer).length).toBeGreaterThan(0)
  })

  test.each(alterations.filter(([what]) => !what.startsWith('a container without')))(
    'with %s is refused now and after an upgrade',
    (_, alter, reason) => {
      expect(verifyRunning(alter(pod), context).map((found) => found.reason)).toContain(reason)
      expect(verifyRunning(alter(pod), newer).length).toBeGreaterThan(0)
    },
  )

  test('with a second sidecar is refused, whatever its seal', () => {
    const twice = changed(pod, ({ spec }) => {
      spec.initContainers?.push({ name: 'frostgate-proxy', image: 'evil' })
    })
    expect(verifyRunning(twice, context).map(({ reason }) => reason)).toContain('ProxyDeclared')
  })

  test('that names another connection is refused', () => {
    const other = { ...context, connection: { ...connection, name: 'other' } }
    expect(verifyRunning(pod, other).map(({ reason }) => reason)).toContain('Altered')
  })

  test('with a debug container in the sidecar is refused, with one beside it not', () => {
    const debug = (targetContainerName: string): Pod =>
      changed(pod, ({ spec }) => {
        spec.ephemeralContainers = [{ name: 'debug', image: 'busybox', targetContainerName }]
      })
    expect(verifyRunning(debug('app'), context)).toEqual([])
    expect(verifyRunning(debug('frostgate-proxy'), context)).toHaveLength(1)
    expect(verifyRunning(debug('frostgate-proxy'), newer)).toHaveLength(1)
    const unsealed = changed(debug('frostgate-proxy'), ({ metadata }) => {
      if (metadata?.annotations) metadata.annotations['frostgate.dev/injected'] = 'forged'
    })
    expect(verifyRunning(unsealed, context).map(({ reason }) => reason)).toContain(
      'EphemeralContainer',
    )
  })
})

describe('A debug container', () => {
  const base = { name: 'debug', image: 'busybox' }
  const mounts = (name: string) => ({ ...base, volumeMounts: [{ name, mountPath: '/x' }] })
  test.each([
    [
      'targets the sidecar',
      { ...base, targetContainerName: 'frostgate-proxy' },
      'EphemeralContainer',
    ],
    ['has its name', { ...base, name: 'frostgate-proxy' }, 'EphemeralContainer'],
    ['mounts its key', mounts('frostgate-key'), 'VolumeMounted'],
    ['mounts its token', mounts('frostgate-identity'), 'VolumeMounted'],
    ['has its user', { ...base, securityContext: { runAsUser: 65532 } }, 'User'],
    ['is privileged', { ...base, securityContext: { privileged: true } }, 'Privileged'],
    [
      'may trace',
      { ...base, securityContext: { capabilities: { add: ['SYS_PTRACE'] } } },
      'Capability',
    ],
  ])('that %s is refused', (_, container, reason) => {
    const debugged = changed(pod, ({ spec }) => {
      spec.ephemeralContainers = [container]
    })
    expect(verifyEphemeral(debugged).map((found) => found.reason)).toEqual([reason])
  })

  test('of the application is fine, and so is any in a pod without sidecar', () => {
    const target = { ...base, targetContainerName: 'app' }
    expect(
      verifyEphemeral(
        changed(pod, ({ spec }) => {
          spec.ephemeralContainers = [target]
        }),
      ),
    ).toEqual([])
    const privileged = { ...base, securityContext: { privileged: true } }
    expect(verifyEphemeral(podWith({ ephemeralContainers: [privileged] }))).toEqual([])
  })
})

describe('A pod that exists', () => {
  test.each<readonly [string, (pod: Pod) => Pod, string]>([
    [
      'the sidecar’s image',
      (p) =>
        changed(p, ({ spec }) => {
          for (const c of spec.initContainers ?? []) c.image = 'evil'
        }),
      'ImageChanged',
    ],
    [
      'the sidecar’s resources',
      (p) =>
        changed(p, ({ spec }) => {
          for (const c of spec.initContainers ?? []) c.resources = {}
        }),
      'SidecarChanged',
    ],
    [
      'the sidecar’s volumes',
      (p) =>
        changed(p, ({ spec }) => {
          spec.volumes = []
        }),
      'SidecarChanged',
    ],
    [
      'its connection',
      (p) =>
        changed(p, ({ metadata }) => {
          if (metadata?.annotations) metadata.annotations['frostgate.dev/connection'] = 'x'
        }),
      'AnnotationChanged',
    ],
    [
      'its seal',
      (p) =>
        changed(p, ({ metadata }) => {
          if (metadata?.annotations) delete metadata.annotations['frostgate.dev/injected']
        }),
      'AnnotationChanged',
    ],
    [
      'its label',
      (p) =>
        changed(p, ({ metadata }) => {
          if (metadata) metadata.labels = {}
        }),
      'AnnotationChanged',
    ],
  ])('may not change %s', (_, change, reason) => {
    expect(verifyUpdate(pod, change(pod)).map((found) => found.reason)).toEqual([reason])
  })

  test('may change an application’s image, and other annotations', () => {
    const after = changed(pod, ({ metadata, spec }) => {
      for (const c of spec.containers) c.image = 'ghcr.io/acme/app:2'
      if (metadata?.annotations) metadata.annotations['team'] = 'x'
    })
    expect(verifyUpdate(pod, after)).toEqual([])
  })

  test('cannot become governed by an annotation', () => {
    const plain: Pod = { spec: { containers: [app] } }
    expect(verifyUpdate(plain, podWith()).map(({ reason }) => reason)).toEqual([
      'AnnotationChanged',
    ])
  })
})

describe('Entering a pod', () => {
  test.each(['exec', 'attach'])('by %s is refused for the sidecar alone', (subresource) => {
    expect(verifyConnect({ container: 'frostgate-proxy' }, subresource)).toHaveLength(1)
    expect(verifyConnect({ container: 'app' }, subresource)).toEqual([])
    expect(verifyConnect({}, subresource)).toEqual([])
  })
})

describe('A token', () => {
  const enrol = { audiences: ['vault', 'frostgate.dev/enrol/x'] }
  const agent = { audiences: ['frostgate.dev/agent'] }
  test('for enrolment is for nodes alone', () => {
    expect(reasons(verifyTokenRequest(enrol, 'alice'))).toEqual([
      ['TokenRequest', 'spec.audiences[1]'],
    ])
    expect(verifyTokenRequest(enrol, 'system:serviceaccount:ci:runner')).toHaveLength(1)
    expect(verifyTokenRequest(enrol, 'system:node:n1')).toEqual([])
  })

  test('for an agent is bound to a pod', () => {
    expect(verifyTokenRequest(agent, 'alice')).toHaveLength(1)
    expect(
      verifyTokenRequest({ ...agent, boundObjectRef: { kind: 'Secret' } }, 'alice'),
    ).toHaveLength(1)
    expect(verifyTokenRequest({ ...agent, boundObjectRef: { kind: 'Pod' } }, 'alice')).toEqual([])
  })

  test('for anything else is nobody’s business', () => {
    expect(verifyTokenRequest({ audiences: ['vault'] }, 'alice')).toEqual([])
    expect(verifyTokenRequest({}, 'alice')).toEqual([])
  })
})
