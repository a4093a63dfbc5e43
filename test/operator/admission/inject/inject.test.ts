import { describe, expect, test } from 'vitest'

import { isCredential } from '../../../../operator/admission/inject/driver-environment.ts'
import { annotations } from '../../../../operator/admission/injection.ts'
import type { EnvVar, Pod } from '../../../../operator/admission/pod.ts'
import { isSealed } from '../../../../operator/admission/seal.ts'
import { verify } from '../../../../operator/admission/verify/verify.ts'
import { connection, context, operator } from '../support/context.ts'
import {
  app,
  changed,
  injected,
  podWith,
  reasons,
  refusalsOf,
  warningsOf,
} from '../support/pods.ts'
import { parseQuantity } from '../../../../operator/admission/inject/quantity.ts'
import { enrolledSettings, readSettings } from '../../../../sidecar/run/settings.ts'

const warn = { ...context, connection: { ...connection, conflictingEnv: 'Warn' as const } }

function environment(...env: EnvVar[]): Pod {
  return podWith({ containers: [{ ...app, env }] })
}

function valueOf(pod: Pod, name: string): string | undefined {
  return pod.spec?.containers[0]?.env?.find((variable) => variable.name === name)?.value
}

describe('The sidecar', () => {
  const pod = injected()
  const proxy = pod.spec?.initContainers?.[0]

  test('is a native sidecar that gates every other container', () => {
    expect(proxy).toMatchObject({
      name: 'frostgate-proxy',
      restartPolicy: 'Always',
      startupProbe: {
        httpGet: { path: '/startup', port: 9085 },
        periodSeconds: 1,
        failureThreshold: 120,
      },
      readinessProbe: { httpGet: { path: '/ready', port: 9085 } },
    })
    expect(JSON.stringify(proxy)).not.toMatch(/"host"|preStop/)
  })

  test('fits a namespace with restricted Pod Security', () => {
    expect(proxy?.securityContext).toEqual({
      runAsUser: 65532,
      runAsGroup: 65532,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  test('has a heap below its memory limit', () => {
    const options = proxy?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value
    expect(options).toBe('--max-semi-space-size=8 --max-old-space-size=230')
    expect(proxy?.resources).toEqual({
      requests: { cpu: '20m', memory: '128Mi' },
      limits: { memory: '384Mi' },
    })
  })

  test('alone has the token for enrolment, and not that of the API', () => {
    const identity = pod.spec?.volumes?.find(({ name }) => name === 'frostgate-identity')
    expect(identity?.projected?.sources?.[0]?.serviceAccountToken).toEqual({
      audience: 'frostgate.dev/enrol/5f0c2a3e-0000-4000-8000-000000000001',
      expirationSeconds: 600,
      path: 'token',
    })
    expect(proxy?.volumeMounts?.map(({ mountPath }) => mountPath)).toContain(
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
    expect(pod.spec?.containers[0]?.volumeMounts).toEqual([
      {
        name: 'frostgate-agent-token',
        mountPath: '/var/run/secrets/frostgate.dev',
        readOnly: true,
      },
    ])
  })

  test('is as the operator’s and the connection’s resources say', () => {
    const resources = {
      requests: { cpu: '0.5', memory: '1024Mi' },
      limits: { cpu: '1000m', memory: '2Gi' },
    }
    const other = injected(podWith(), { ...context, connection: { ...connection, resources } })
    expect(other.spec?.initContainers?.[0]?.resources).toEqual({
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { cpu: '1', memory: '2Gi' },
    })
  })
})

describe('The annotations of an injected pod', () => {
  test('name the connection in full, and a default container', () => {
    expect(injected(podWith(), context).metadata?.annotations).toMatchObject({
      [annotations.connection]: 'acme',
      [annotations.namespace]: 'frostgate',
      'kubectl.kubernetes.io/default-container': 'app',
      'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes':
        'frostgate-key,frostgate-recording,frostgate-no-api',
    })
    expect(injected().metadata?.labels).toEqual({ 'frostgate.dev/injected': 'true' })
  })

  test('keep the author’s default container and list of volumes', () => {
    const pod = injected(
      podWith(
        {},
        {
          'kubectl.kubernetes.io/default-container': 'main',
          'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes': 'scratch',
        },
      ),
    )
    expect(pod.metadata?.annotations).toMatchObject({
      'kubectl.kubernetes.io/default-container': 'main',
      'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes':
        'scratch,frostgate-key,frostgate-recording,frostgate-no-api',
    })
  })

  test.each([annotations.connection, annotations.namespace])(
    'may not name another in %s',
    (name) => {
      expect(reasons(refusalsOf(podWith({}, { [name]: 'other' })))).toEqual([
        ['Annotation', `metadata.annotations[${name}]`],
      ])
    },
  )
})

describe('An application container', () => {
  test('keeps its own variables, after ours, so that they may refer to them', () => {
    const pod = injected(environment({ name: 'DSN', value: '$(SNOWFLAKE_HOST)' }))
    const names = pod.spec?.containers[0]?.env?.map(({ name }) => name) ?? []
    expect(names.indexOf('DSN')).toBeGreaterThan(names.indexOf('SNOWFLAKE_HOST'))
  })

  test.each<EnvVar>([
    { name: 'SNOWFLAKE_HOST', value: 'acme.snowflakecomputing.com' },
    { name: 'SNOWFLAKE_HOST', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    { name: 'SNOWFLAKE_HOME' },
  ])('that sets one of ours otherwise is refused, or warned of: %j', (variable) => {
    const pod = environment(variable)
    expect(reasons(refusalsOf(pod))).toEqual([
      ['ConflictingEnvironment', 'spec.containers[0].env[0]'],
    ])
    expect(warningsOf(pod, warn)).toHaveLength(1)
    const env = injected(pod, warn).spec?.containers[0]?.env
    expect(env?.filter(({ name }) => name === variable.name)).toEqual([variable])
  })

  test('that brings a credential is refused, or warned of', () => {
    const pod = environment({ name: 'SNOWFLAKE_PRIVATE_KEY_PATH', value: '/key' })
    expect(reasons(refusalsOf(pod))).toEqual([
      ['CredentialInEnvironment', 'spec.containers[0].env[0]'],
    ])
    expect(warningsOf(pod, warn)).toHaveLength(1)
  })

  test('that says the same as we do is left as it is', () => {
    const pod = environment({ name: 'SNOWFLAKE_HOST', value: '127.0.0.1' })
    expect(refusalsOf(pod)).toEqual([])
  })

  test('may be excluded, the sidecar may not', () => {
    const pod = podWith({}, { [annotations.excludeContainers]: 'frostgate-proxy' })
    expect(reasons(refusalsOf(pod))).toEqual([
      ['Annotation', 'metadata.annotations[frostgate.dev/exclude-containers]'],
    ])
  })

  test('that is excluded gets nothing', () => {
    const pod = podWith({ containers: [app] }, { [annotations.excludeContainers]: ' app ,later' })
    expect(injected(pod).spec?.containers).toEqual([app])
    expect(warningsOf(pod)).toEqual([
      'frostgate.dev/exclude-containers names later, which the pod does not have',
    ])
  })

  test.each([
    ['', '127.0.0.1,localhost'],
    ['.svc', '.svc,127.0.0.1,localhost'],
    ['localhost, .svc', 'localhost, .svc,127.0.0.1'],
    ['*', '*'],
  ])('with NO_PROXY %j has %j in both spellings', (value, expected) => {
    const pod = injected(environment({ name: 'NO_PROXY', value }))
    expect([valueOf(pod, 'NO_PROXY'), valueOf(pod, 'no_proxy')]).toEqual([expected, expected])
  })

  test('whose NO_PROXY cannot be read keeps it, with a warning', () => {
    const pod = environment({
      name: 'no_proxy',
      valueFrom: { configMapKeyRef: { name: 'p', key: 'n' } },
    })
    expect(warningsOf(pod)).toEqual([
      'container app: no_proxy cannot be read here; it must have 127.0.0.1',
    ])
    expect(valueOf(injected(pod), 'NO_PROXY')).toBeUndefined()
  })

  test('with envFrom is warned of', () => {
    const pod = podWith({ containers: [{ ...app, envFrom: [{ secretRef: { name: 's' } }] }] })
    expect(warningsOf(pod)).toEqual([
      'container app: envFrom is not looked into; keep Snowflake credentials out',
    ])
  })
})

describe('A credential', () => {
  test.each([
    'SNOWFLAKE_PASSWORD',
    'SNOWFLAKE_TOKEN',
    'SNOWFLAKE_PRIVATE_KEY',
    'SNOWFLAKE_PRIVATE_KEY_RAW',
    'SNOWFLAKE_PRIVATE_KEY_FILE',
    'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE',
    'SNOWFLAKE_CONNECTIONS_PROD_PASSWORD',
    'SNOWFLAKE_OAUTH_CLIENT_SECRET',
    'SNOWFLAKE_PAT',
    'SNOWSQL_PWD',
    'DBT_ENV_SECRET_SNOWFLAKE_PASSWORD',
    'AIRFLOW_CONN_SNOWFLAKE_DEFAULT',
    'snowflake_password',
  ])('is %s', (name) => {
    expect(isCredential(name)).toBe(true)
  })

  test.each([
    'SNOWFLAKE_USER',
    'SNOWFLAKE_DATABASE',
    'SNOWFLAKE_TOKEN_FILE_PATH',
    'PGPASSWORD',
    'GITHUB_TOKEN',
    'SNOWFLAKE_PATH',
  ])('is not %s', (name) => {
    expect(isCredential(name)).toBe(false)
  })
})

describe('Resources by annotation', () => {
  test.each([
    [{ [annotations.memoryLimit]: '2Gi' }, 'memory-limit', '2Gi is more than the connection’s 1Gi'],
    [
      { [annotations.memoryLimit]: '64Mi' },
      'memory-limit',
      '64Mi is less than the 128Mi that the sidecar needs',
    ],
    [{ [annotations.cpuRequest]: '0' }, 'cpu-request', '"0" is nothing'],
    [
      { [annotations.cpuRequest]: '-1' },
      'cpu-request',
      '"-1" is not a quantity such as 50m or 256Mi',
    ],
    [
      { [annotations.memoryRequest]: '512Mi' },
      'memory-limit',
      'the sidecar’s memory request 512Mi is more than its limit 384Mi',
    ],
  ])('%j is refused', (more, name, message) => {
    expect(refusalsOf(podWith({}, more))).toMatchObject([
      { reason: 'Resources', field: `metadata.annotations[frostgate.dev/${name}]`, message },
    ])
  })

  test('are refused altogether if the connection names no bounds', () => {
    const unbounded = { ...context, connection: { ...connection, maxResources: undefined } }
    const pod = podWith({}, { [annotations.cpuLimit]: '100m' })
    expect(refusalsOf(pod, unbounded)).toMatchObject([
      { message: 'the connection lets no pod choose cpu limits' },
    ])
  })
})

describe('A sidecar that is there already', () => {
  test('is replaced if an operator of ours rendered it, such as one of an earlier version', () => {
    const old = injected(podWith(), {
      ...context,
      operator: { ...operator, version: '1.0.0', image: 'ghcr.io/frostgate/sidecar:1.0.0' },
    })
    expect(isSealed(old, 'ci', operator)).toBe(true)
    expect(injected(old)).toEqual(injected())
  })

  test.each<readonly [string, (pod: Pod) => Pod]>([
    [
      'image',
      (pod) =>
        changed(pod, ({ spec }) => {
          for (const c of spec.initContainers ?? []) c.image = 'evil'
        }),
    ],
    [
      'environment',
      (pod) =>
        changed(pod, ({ spec }) => {
          for (const c of spec.initContainers ?? [])
            c.env?.push({ name: 'NODE_OPTIONS', value: '--require=/x' })
        }),
    ],
    [
      'resource claims',
      (pod) =>
        changed(pod, ({ spec }) => {
          for (const c of spec.initContainers ?? [])
            c.resources = { ...c.resources, claims: [{ name: 'gpu' }] }
        }),
    ],
    [
      'volume',
      (pod) =>
        changed(pod, ({ spec }) => {
          for (const v of spec.volumes ?? []) if (v.name === 'frostgate-key') v.emptyDir = {}
        }),
    ],
  ])('is refused if its %s was changed', (_, change) => {
    expect(refusalsOf(change(injected())).map(({ reason }) => reason)).toEqual(['ProxyDeclared'])
  })

  test('is left alone with the limits and pull policy that Kubernetes’ own plugins give it', () => {
    const pod = changed(injected(), ({ spec }) => {
      for (const c of spec.initContainers ?? []) {
        c.imagePullPolicy = 'Always'
        c.resources = {
          requests: { ...c.resources?.requests, 'ephemeral-storage': '1Gi' },
          limits: { ...c.resources?.limits, cpu: '1' },
        }
      }
    })
    expect(injected(pod)).toEqual(pod)
  })

  test('is rendered again if its pull policy was changed, which its seal does not tell', () => {
    const pod = changed(injected(), ({ spec }) => {
      for (const c of spec.initContainers ?? []) c.imagePullPolicy = 'Never'
    })
    expect(injected(pod)).toEqual(injected())
    expect(verify(pod, context)).not.toEqual([])
  })

  test('does not carry its seal to another namespace', () => {
    expect(isSealed(injected(), 'other', operator)).toBe(false)
    expect(isSealed(injected(), 'ci', { ...operator, seal: () => 'another key' })).toBe(false)
  })
})

describe('The time to end', () => {
  const given = (terminationGracePeriodSeconds?: number) => {
    const grace = terminationGracePeriodSeconds
    const pod = injected(
      podWith(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    )
    const env = pod.spec?.initContainers?.[0]?.env ?? []
    return ['FROSTGATE_DRAIN_SECONDS', 'FROSTGATE_STOP_SECONDS'].map((variable) =>
      Number(env.find(({ name }) => name === variable)?.value),
    )
  }

  test.each([
    [undefined, 18, 28],
    [30, 18, 28],
    [10, 1, 8],
    [0, 1, 1],
    [-1, 1, 1],
    [600, 588, 598],
    [100_000, 3_600, 3_612],
  ])('of a pod with %s s is shared out: %i s for statements, %i s in all', (grace, drain, stop) => {
    expect(given(grace)).toEqual([drain, stop])
  })

  test('is within what the sidecar reads, and its recording within the volume', () => {
    const pod = injected(podWith({ terminationGracePeriodSeconds: 100_000 }))
    const env = Object.fromEntries(
      (pod.spec?.initContainers?.[0]?.env ?? []).map(({ name, value }) => [name, value]),
    )
    const settings = readSettings(enrolledSettings, env)
    const volume = pod.spec?.volumes?.find(({ name }) => name === 'frostgate-recording')
    const size = Number((parseQuantity(volume?.emptyDir?.sizeLimit ?? '') ?? 0n) / 1000n)
    expect(settings.FROSTGATE_RECORDING_LIMIT).toBeLessThan(size * 0.95)
    expect(settings.FROSTGATE_RECORDING_LIMIT).toBeGreaterThan(size * 0.9)
  })
})
