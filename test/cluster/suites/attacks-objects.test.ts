/** Objects of the API that a pod's author writes: they count where the platform's do, and nowhere else. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import {
  agentPod,
  annotation,
  exampleInForce,
  nowhere,
  withAnnotations,
} from '../support/attack-pods.ts'
import { podAuthor, type ApiAnswer, type Author } from '../support/author.ts'
import { reachBroker, stolenToken } from '../support/broker-access.ts'
import {
  exampleFile,
  keyPair,
  release,
  runnerNamespace,
  secret,
  unique,
} from '../support/frostgate.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const runs = facts.part !== 'api-server' && 'path' in facts.helmFinding
const here = unique('attacks')
const group = '/apis/frostgate.dev/v1alpha1/namespaces'

let author: Author
let bundle: string

interface Governed extends KubeObject {
  readonly status?: {
    readonly bundle?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

const acme = () => kubectl.get<Governed>('sfc', 'acme', release.namespace)

const plurals: Readonly<Record<string, string>> = {
  SnowflakeConnection: 'snowflakeconnections',
  AgentPolicy: 'agentpolicies',
  MaskingRule: 'maskingrules',
}

/** The example's object, in another namespace; fields of its spec over it. */
function createHere(file: string, spec: object = {}, namespace = here): Promise<ApiAnswer> {
  const [example] = exampleFile('frostgate', file) as unknown as readonly {
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec: object
  }[]
  if (example === undefined) throw new Error(`${file} is empty`)
  return author.call('POST', `${group}/${namespace}/${plurals[example.kind] ?? ''}`, {
    ...example,
    metadata: { name: example.metadata.name, namespace },
    spec: { ...example.spec, ...spec },
  })
}

const ready = ({ status }: Governed) => status?.conditions?.find(({ type }) => type === 'Ready')

beforeAll(async () => {
  if (!runs) return
  await exampleInForce(cluster)
  await runnerNamespace(cluster, here)
  author = await podAuthor(cluster, here)
  bundle = (await acme()).status?.bundle ?? ''
})

afterAll(async () => {
  if (runs) await kubectl.run(['delete', 'namespace', here, '--wait=false'])
})

describe.runIf(runs)('In the agents’ namespace', () => {
  test('a connection of the platform’s name with a key of the author’s is not served', async () => {
    const { privateKey } = keyPair()
    await kubectl.apply([
      secret(here, 'acme-key', { privateKey }),
      secret(here, 'acme-ca', { 'ca.crt': 'x' }),
    ])
    const made = await createHere('connection.yaml', { allowedNamespaces: { from: 'All' } })
    expect(made.status, made.message).toBe(201)
    const seen = await kubectl.waitFor<Governed>(
      'sfc',
      'acme',
      here,
      (object) => ready(object)?.status === 'False',
    )
    expect(ready(seen)).toMatchObject({ reason: 'NamespaceNotServed' })
  })

  test('and a sidecar of it gets neither bundle nor credential', async () => {
    await expectNothingServed('own')
  })

  test('a policy and a masking rule for acme change nothing of acme', async () => {
    const everything = [{ name: 'all', action: 'Allow', statements: ['Query'], objects: ['*.*.*'] }]
    expect(await createHere('policy.yaml', { rules: everything })).toMatchObject({ status: 201 })
    expect(await createHere('masking.yaml')).toMatchObject({ status: 201 })
    for (const [kind, name] of [
      ['agp', 'ci-runners'],
      ['mkr', 'ssn'],
    ] as const) {
      const seen = await kubectl.waitFor<Governed>(
        kind,
        name,
        here,
        (object) => ready(object)?.status === 'False',
      )
      expect(ready(seen)).toMatchObject({ reason: 'NamespaceNotServed' })
    }
    expect((await acme()).status?.bundle).toBe(bundle)
  })

  test('a status that the author writes opens nothing', async () => {
    const forged = {
      status: {
        bundle,
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Open',
            message: 'Served.',
            lastTransitionTime: new Date().toISOString(),
          },
        ],
      },
    }
    const path = `${group}/${here}/snowflakeconnections/acme/status`
    const { status } = await author.call('PATCH', path, forged, 'application/merge-patch+json')
    expect(status).toBe(200)
    await expectNothingServed('own-again')
  })
})

describe.runIf(runs)('In the operator’s namespace', () => {
  test.each([
    ['a policy', () => createHere('policy.yaml', {}, release.namespace)],
    ['a masking rule', () => createHere('masking.yaml', {}, release.namespace)],
    ['a connection', () => createHere('connection.yaml', {}, release.namespace)],
  ])('%s is not the author’s to write: RBAC', async (_, attempt) => {
    const { status, message } = await attempt()
    expect(status).toBe(403)
    expect(message).toContain(`in the namespace "${release.namespace}"`)
  })

  const core = `/api/v1/namespaces/${release.namespace}`
  test.each([
    ['read the key of Snowflake', 'GET', `${core}/secrets/acme-key`, undefined],
    ['list Secrets', 'GET', `${core}/secrets`, undefined],
    [
      'read pins',
      'GET',
      `/apis/coordination.k8s.io/v1/namespaces/${release.namespace}/leases`,
      undefined,
    ],
    [
      'pin a pod before it enrols',
      'POST',
      `/apis/coordination.k8s.io/v1/namespaces/${release.namespace}/leases`,
      { metadata: { name: 'frostgate-sidecar-x' }, spec: { holderIdentity: 'mine' } },
    ],
    [
      'ask for the operator’s token',
      'POST',
      `${core}/serviceaccounts/frostgate-operator/token`,
      { spec: {} },
    ],
    ['enter the operator', 'POST', `${core}/pods/x/exec?command=sh`, undefined],
    [
      'change the policies of admission',
      'DELETE',
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/frostgate-gate',
      undefined,
    ],
    [
      'change the webhooks',
      'DELETE',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/frostgate',
      undefined,
    ],
    [
      'label its namespace into a connection',
      'PATCH',
      `/api/v1/namespaces/${here}`,
      { metadata: { labels: { team: 'other' } } },
    ],
  ])('the author may not %s: RBAC', async (_, method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const { status, message } = await author.call(method, path, body, type)
    expect(status, message).toBe(403)
    expect(message).toContain(author.username)
  })
})

describe.runIf(runs)('A namespace that is not let in any more', () => {
  test('loses its sidecars’ standing at the broker', async () => {
    const trust = await trustOf()
    const broker = await reachBroker(cluster, trust)
    try {
      const { status, message } = await author.createPod({ ...agentPod('standing', nowhere) })
      expect(status, message).toBe(201)
      const sidecar = await broker.sidecar()
      const token = await stolenToken(cluster, { namespace: here, pod: 'standing' })
      expect(await sidecar.enrol(token)).toMatchObject({ status: 200 })
      await kubectl.run(['label', 'namespace', here, 'team-'])
      const refused = await waitUntil(
        'the broker to notice',
        () => sidecar.call('/v1/bundle'),
        ({ status: code }) => code === 403,
        { seconds: 10 },
      )
      expect(refused.body['error']).toBe('NamespaceNotAllowed')
      expect((await sidecar.enrol(token)).body['error']).toBe('NamespaceNotAllowed')
    } finally {
      broker.close()
    }
  })
})

/** A pod that names the author's connection, with a sidecar that has all a sidecar has. */
async function expectNothingServed(name: string): Promise<void> {
  const pod = withAnnotations(agentPod(name, nowhere), { 'frostgate.dev/namespace': here })
  const { status, message } = await author.createPod({ ...pod })
  expect(status, message).toBe(201)
  const broker = await reachBroker(cluster, await trustOf())
  try {
    const sidecar = await broker.sidecar()
    const token = await stolenToken(cluster, { namespace: here, pod: name })
    expect(await sidecar.enrol(token)).toMatchObject({ status: 200 })
    for (const answer of [
      await sidecar.call('/v1/bundle'),
      await sidecar.call('/v1/credential', { method: 'POST', body: {} }),
    ]) {
      expect(answer.body['error']).toBe('ConnectionClosed')
      expect(answer.body['message']).toContain('are not served')
    }
  } finally {
    broker.close()
  }
}

/** What the webhook tells a sidecar to trust. */
async function trustOf(): Promise<string> {
  const { body } = await author.createPod(
    { ...agentPod('trust'), metadata: { name: 'trust', annotations: { [annotation]: 'acme' } } },
    { dryRun: true },
  )
  const { spec } = body as unknown as {
    readonly spec: {
      readonly initContainers: readonly {
        readonly env: readonly { readonly name: string; readonly value: string }[]
      }[]
    }
  }
  return spec.initContainers[0]?.env.find(({ name }) => name === 'FROSTGATE_TRUST')?.value ?? ''
}
