/** The chart without a cluster: what Helm makes of it, and what it refuses. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { definedKinds, kinds } from '../../crds/definitions.ts'
import { validateObject } from '../../crds/validation.ts'
import { compileAll } from '../../operator/compile/compile-all.ts'
import { defaultResources } from '../../operator/admission/defaults.ts'
import { validateObject as judge } from '../../operator/wiring/validate-object.ts'
import { webhookNames } from '../../operator/wiring/webhook-names.ts'
import { readSettings } from '../../operator/settings.ts'
import { version } from '../../sidecar/version.ts'
import { images } from '../cluster/images.ts'
import {
  chart,
  everything,
  hasHelm,
  helm,
  one,
  release,
  render,
  withHelm,
  type Rendered,
} from './support.ts'

withHelm()

const production = parse(readFileSync(join(chart, 'values-ha.yaml'), 'utf8')) as object

interface Container {
  readonly image: string
  readonly env: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: object
  }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly securityContext: object
}

interface PodSpec {
  readonly containers: readonly [Container]
  readonly securityContext: object
  readonly volumes: readonly object[]
  readonly topologySpreadConstraints: readonly { readonly labelSelector: object }[]
}

interface Deployment {
  readonly spec: {
    readonly replicas: number
    readonly strategy: object
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly template: { readonly metadata: Rendered['metadata']; readonly spec: PodSpec }
  }
}

const deploymentOf = (objects: readonly Rendered[]) =>
  one(objects, 'Deployment', 'frostgate-operator') as Deployment
const podOf = (objects: readonly Rendered[]) => deploymentOf(objects).spec.template.spec

/** The environment as the container gets it; what comes from the pod itself is stood in for. */
function environmentOf(objects: readonly Rendered[]): Readonly<Record<string, string>> {
  const { env } = podOf(objects).containers[0]
  return Object.fromEntries(
    env.map(({ name, value }) => [
      name,
      value ?? (name === 'FROSTGATE_NAMESPACE' ? release.namespace : 'pod'),
    ]),
  )
}

function everyField(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([key, each]) => [
    [`${path}.${key}`, each] as const,
    ...everyField(each, `${path}.${key}`),
  ])
}

describe.runIf(hasHelm)('The chart', () => {
  test('passes helm lint without a word, with default, production and all values', async () => {
    for (const values of [{}, production, everything]) {
      const said = await helm.run(['lint', '--strict', chart, '--values', '-'], {
        input: JSON.stringify(values),
      })
      expect(said).not.toMatch(/\[(INFO|WARNING|ERROR)\]/)
    }
  })

  test('is of the version of the package, and names images of that version', async () => {
    const metadata = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
      readonly appVersion: string
      readonly version: string
      readonly annotations: Readonly<Record<string, string>>
    }
    expect(metadata.appVersion).toBe(version)
    expect(metadata.version).toBe(version)
    const objects = await render()
    const listed = parse(metadata.annotations['artifacthub.io/images'] ?? '') as {
      readonly image: string
    }[]
    expect(podOf(objects).containers[0].image).toBe(images.operator)
    expect(environmentOf(objects)['FROSTGATE_SIDECAR_IMAGE']).toBe(images.sidecar)
    expect(listed.map(({ image }) => image)).toEqual([images.operator, images.sidecar])
  })

  test('lists the kinds that it installs for Artifact Hub, and keeps them on uninstall', async () => {
    const { annotations } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
      readonly annotations: Readonly<Record<string, string>>
    }
    const listed = parse(annotations['artifacthub.io/crds'] ?? '') as { readonly kind: string }[]
    expect(listed.map(({ kind }) => kind)).toEqual([...definedKinds])
    const installed = (await render()).filter(({ kind }) => kind === 'CustomResourceDefinition')
    expect(installed).toHaveLength(definedKinds.length)
    for (const { metadata } of installed)
      expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' })
    const released = await render({ crds: { keep: false } })
    expect(JSON.stringify(released)).not.toContain('resource-policy')
    const without = await render({ crds: { install: false } })
    expect(without.some(({ kind }) => kind === 'CustomResourceDefinition')).toBe(false)
  })

  test('shows examples that are valid', () => {
    const { annotations } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
      readonly annotations: Readonly<Record<string, string>>
    }
    const examples = parse(annotations['artifacthub.io/crdsExamples'] ?? '') as Rendered[]
    expect(examples.map(({ kind }) => kind)).toEqual([...kinds])
    for (const example of examples) {
      const kind = kinds.find((each) => each === example.kind)
      expect(kind && validateObject(kind, example)).toEqual([])
    }
  })

  test('refuses clusters that are older than native sidecars', async () => {
    await expect(render({}, { flags: ['--kube-version', '1.31.9'] })).rejects.toThrow(/kubeVersion/)
    await expect(render({}, { flags: ['--kube-version', '1.32.0'] })).resolves.not.toEqual([])
  })

  test.each([
    ['default', {}],
    ['production', production],
    ['all', everything],
  ])('renders no Secret, CA or finalizer, with %s values', async (_, values) => {
    const objects = await render(values)
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const fields = objects.flatMap((object) =>
      // The schemas of the kinds may name what they like.
      object.kind === 'CustomResourceDefinition' ? [] : everyField(object),
    )
    const forbidden = /\.(caBundle|finalizers|creationTimestamp)$/
    expect(fields.filter(([path]) => forbidden.test(path))).toEqual([])
    expect(fields.filter(([, value]) => value === null)).toEqual([])
  })

  test('renders the same twice', async () => {
    expect(await helm.template(release, chart)).toBe(await helm.template(release, chart))
  })

  test('labels everything as a part of frostgate', async () => {
    for (const { kind, metadata } of await render(everything))
      expect([kind, metadata.labels?.['app.kubernetes.io/part-of']]).toEqual([kind, 'frostgate'])
  })

  test('tries the webhook with an object that the schema allows and the operator refuses', async () => {
    const doubtful = JSON.parse(readFileSync(join(chart, 'files/doubtful.json'), 'utf8')) as object
    expect(validateObject('SnowflakeConnection', structuredClone(doubtful))).toEqual([])
    const snapshot = {
      objects: { connections: [], policies: [], maskingRules: [], secrets: [] },
      malformed: [],
      namespaces: new Map(),
    }
    const { errors } = judge(doubtful, snapshot, compileAll(snapshot, {}), {})
    expect(errors.join()).toContain('issuer')
    const { spec } = one(await render(), 'Pod', 'frostgate-test') as { spec: PodSpec }
    const given = spec.containers[0].env.find(({ name }) => name === 'FROSTGATE_DOUBTFUL')
    expect(JSON.parse(given?.value ?? '')).toEqual(doubtful)
  })

  test('passes Pod Security "restricted" in every pod, with a read-only file system', async () => {
    const objects = await render()
    const test = (one(objects, 'Pod', 'frostgate-test') as { spec: PodSpec }).spec
    for (const pod of [podOf(objects), test]) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    }
  })

  test.each([
    ['default', {}],
    ['all', everything],
  ])('writes settings that the operator reads, with %s values', async (_, values) => {
    const objects = await render(values)
    const environment = environmentOf(objects)
    const settings = readSettings(environment)
    const given = 'ports' in values ? values : undefined
    expect(settings).toMatchObject({
      namespace: 'frostgate',
      release: 'frostgate',
      brokerUrl: 'https://frostgate-broker.frostgate.svc:8443',
      connectionNamespaces: given ? ['team-a', 'team-b'] : ['frostgate'],
      sidecarImage: given ? 'registry.example/sidecar:v1' : images.sidecar,
      brokerPort: given?.ports.broker ?? 8443,
      webhookPort: given?.ports.webhook ?? 9443,
      healthPort: given?.ports.health ?? 9085,
      recordingFolder: '/var/lib/frostgate',
    })
    expect(settings.sidecarResources.limits.memory).toBe(given ? '2Gi' : '384Mi')
    const read = readFileSync(join(chart, '../../operator/settings.ts'), 'utf8')
    for (const name of Object.keys(environment).filter((each) => each !== 'NODE_OPTIONS'))
      expect(read).toContain(`'${name}'`)
    const ports = podOf(objects).containers[0].ports.map(({ containerPort }) => containerPort)
    const { brokerPort, webhookPort, healthPort, pagePort } = settings
    expect(ports).toEqual([brokerPort, webhookPort, healthPort, ...(given ? [pagePort] : [])])
    expect([pagePort, settings.approvalsKeepMs / 86_400_000]).toEqual(
      given ? [given.ports.page, 30] : [8444, 7],
    )
  })

  test('names webhooks as the operator does, all of them fail closed and within 5 s', async () => {
    const objects = await render()
    for (const [kind, names] of [
      ['MutatingWebhookConfiguration', webhookNames.mutating],
      ['ValidatingWebhookConfiguration', webhookNames.validating],
    ] as const) {
      const { webhooks } = one(objects, kind, 'frostgate') as {
        webhooks: readonly { readonly name: string }[]
      }
      expect(webhooks.map(({ name }) => name)).toEqual([...names])
      for (const webhook of webhooks)
        expect(webhook).toMatchObject({
          failurePolicy: 'Fail',
          timeoutSeconds: 5,
          clientConfig: {
            service: { namespace: 'frostgate', name: 'frostgate-webhook', port: 443 },
          },
        })
    }
  })

  test('follows another release name and namespace everywhere', async () => {
    const other = { name: 'gate', namespace: 'platform' }
    const text = await helm.template(other, chart)
    const objects = await render({}, { as: other as unknown as typeof release })
    one(objects, 'ValidatingWebhookConfiguration', 'gate')
    one(objects, 'Service', 'gate-webhook')
    expect(text).toContain('https://gate-broker.platform.svc:8443')
    expect(text).not.toMatch(/namespace: frostgate$|\[kube-system, frostgate\]|frostgate-webhook/m)
  })

  test('lets policies accept the image of the sidecar that it injects, and no longer name', async () => {
    const { spec } = one(
      await render(everything),
      'ValidatingAdmissionPolicy',
      'frostgate-gate',
    ) as { spec: { variables: readonly object[]; validations: readonly object[] } }
    expect(spec.variables).toContainEqual({
      name: 'imagePrefix',
      expression: "'registry.example/sidecar'",
    })
    expect(JSON.stringify(spec.validations)).toContain(
      "c.image.startsWith(variables.imagePrefix + ':')",
    )
    const off = await render({ admissionPolicies: { enabled: false } })
    // Nothing else asks for the right to approve.
    const left = off.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    expect(left.map(({ metadata }) => metadata.name).sort()).toEqual([
      'frostgate-approvals',
      'frostgate-decisions',
      'frostgate-requests',
    ])
  })

  test('keeps a replica while nodes are drained, unless there is one only', async () => {
    const budget = (objects: readonly Rendered[]) =>
      (one(objects, 'PodDisruptionBudget', 'frostgate-operator') as { spec: object }).spec
    const objects = await render(production)
    expect(budget(objects)).toMatchObject({ minAvailable: 2 })
    const { spec } = deploymentOf(objects)
    expect(spec.replicas).toBe(3)
    for (const { labelSelector } of podOf(objects).topologySpreadConstraints)
      expect(labelSelector).toEqual({ matchLabels: spec.selector.matchLabels })
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    expect(() => budget([])).toThrow('0 objects')
    const single = await render({ replicas: 1 })
    expect(single.filter(({ kind }) => kind === 'PodDisruptionBudget')).toEqual([])
  })

  test('never has two replicas on one port of a node', async () => {
    const { strategy } = deploymentOf(await render({ hostNetwork: true })).spec
    expect(strategy).toMatchObject({ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } })
  })

  test('renders what is optional only when it is asked for', async () => {
    const optional = ['NetworkPolicy', 'ServiceMonitor', 'PodMonitor']
    const rendered = async (values: object) =>
      (await render(values)).map(({ kind }) => kind).filter((kind) => optional.includes(kind))
    expect(await rendered({})).toEqual([])
    expect((await rendered(everything)).sort()).toEqual([...optional].sort())
  })

  test('tells what to do next, and what a choice costs', async () => {
    const notes = async (values: object) => {
      const flags = ['--dry-run=client', '--output', 'json']
      const text = await helm.install(release, chart, { values, flags })
      return (JSON.parse(text) as { info: { notes: string } }).info.notes
    }
    const said = await notes({})
    expect(said).toMatch(/refused/)
    expect(said).toContain('helm test frostgate --namespace frostgate')
    expect(said).toContain('snowflakeconnection/NAME')
    expect(said).toContain('recording.persistentVolumeClaim')
    expect(said).not.toContain('WARNING')
    expect(await notes({ admissionPolicies: { enabled: false } })).toContain('WARNING')
    expect(await notes(everything)).not.toContain('recording.persistentVolumeClaim')
    expect(said).toContain('networkPolicy.apiServerCidrs')
    expect(await notes({ networkPolicy: { enabled: true } })).toContain('apiServerCidrs')
    expect(await notes(everything)).not.toContain('apiServerCidrs')
  })

  test('lets only the API server ask the webhooks, where it is told which that is', async () => {
    interface NetworkPolicy {
      readonly spec: {
        readonly ingress: readonly { readonly ports: object; readonly from?: object }[]
      }
    }
    const ingressOf = async (networkPolicy: object) => {
      const objects = await render({ networkPolicy: { enabled: true, ...networkPolicy } })
      return (one(objects, 'NetworkPolicy', 'frostgate-operator') as NetworkPolicy).spec.ingress
    }
    const narrow = await ingressOf({ apiServerCidrs: ['10.0.0.1/32', 'fd00::1/128'] })
    expect(narrow.slice(1)).toEqual([
      {
        ports: [{ port: 'webhook' }],
        from: [{ ipBlock: { cidr: '10.0.0.1/32' } }, { ipBlock: { cidr: 'fd00::1/128' } }],
      },
      { ports: [{ port: 'health' }] },
    ])
    expect((await ingressOf({})).slice(1)).toEqual([
      { ports: [{ port: 'webhook' }] },
      { ports: [{ port: 'health' }] },
    ])
  })

  test('removes what helm test made, also when it fails', async () => {
    const hooks = (await render()).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'])
    expect(hooks).toHaveLength(4)
    for (const { metadata } of hooks)
      expect(metadata.annotations?.['helm.sh/hook-delete-policy']).toContain('hook-failed')
  })

  test('gives sidecars what frostgate inject shows', async () => {
    expect(readSettings(environmentOf(await render())).sidecarResources).toEqual(defaultResources)
    const without = { ...environmentOf(await render()), FROSTGATE_SIDECAR_RESOURCES: '' }
    expect(readSettings(without).sidecarResources).toEqual(defaultResources)
  })

  test('bounds recordings below their volume', async () => {
    const settings = readSettings(environmentOf(await render()))
    expect(settings.recordingTotal).toBe(Math.floor(2 * 1024 ** 3 * 0.9))
    expect(settings.recordingKeepMs).toBe(30 * 24 * 3_600_000)
  })

  test('keeps the operator and kube-system out of every binding, required pods included', async () => {
    const bindings = (await render()).filter(
      ({ kind, metadata }) =>
        kind === 'ValidatingAdmissionPolicyBinding' && metadata.name === 'frostgate-required',
    )
    expect(JSON.stringify(bindings)).toContain('"values":["kube-system","frostgate"]')
  })

  test('holds nothing that Helm would not read as it is meant', () => {
    const files = readdirSync(chart, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => /\.(tgz|lock|orig)$/.test(name))).toEqual([])
  })
})
