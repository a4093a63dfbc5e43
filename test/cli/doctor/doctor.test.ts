import { describe, expect, it } from 'vitest'

import type { Api, Json } from '../../../cli/doctor/finding.ts'
import { admissionPolicies, definitionNames } from '../../../cli/doctor/names.ts'
import { examine } from '../../../cli/doctor/run.ts'
import { certificate } from './certificate.ts'

const now = Date.parse('2026-11-22T10:00:00Z')

class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const hooks = '/apis/admissionregistration.k8s.io/v1'

const lasting = await caBundleUntil('2027-11-22T10:00:00Z')
const ending = await caBundleUntil('2026-11-25T10:00:00Z')

async function caBundleUntil(end: string): Promise<string> {
  return Buffer.from(await certificate(end)).toString('base64')
}

function webhook(name: string, caBundle = lasting) {
  return { webhooks: [{ name, failurePolicy: 'Fail', clientConfig: { caBundle } }] }
}

/** What an API server answers when all is well. */
const healthy: Readonly<Record<string, Json>> = {
  '/version': { gitVersion: 'v1.36.1', minor: '36' },
  ...Object.fromEntries(
    definitionNames.map((name) => [
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
      { status: { conditions: [{ type: 'Established', status: 'True' }] } },
    ]),
  ),
  '/apis/apps/v1/namespaces/frostgate/deployments/frostgate-operator': {
    spec: { replicas: 2 },
    status: { readyReplicas: 2 },
  },
  '/apis/coordination.k8s.io/v1/namespaces/frostgate/leases/frostgate-operator': {
    spec: { holderIdentity: 'operator-1', renewTime: '2026-11-22T09:59:58.000000Z' },
  },
  [`${hooks}/mutatingwebhookconfigurations/frostgate`]: webhook('inject.frostgate.dev'),
  [`${hooks}/validatingwebhookconfigurations/frostgate`]: webhook('verify.frostgate.dev'),
  [`${hooks}/validatingadmissionpolicies`]: {
    items: admissionPolicies.map((name) => ({ metadata: { name } })),
  },
  [`${hooks}/validatingadmissionpolicybindings`]: {
    items: admissionPolicies.map((policyName) => ({
      spec: { policyName, validationActions: ['Deny'] },
    })),
  },
  '/apis/frostgate.dev/v1alpha1/snowflakeconnections': {
    items: [
      {
        metadata: { namespace: 'frostgate', name: 'acme', generation: 1 },
        status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
      },
    ],
  },
  '/apis/frostgate.dev/v1alpha1/agentpolicies': { items: [] },
  '/apis/frostgate.dev/v1alpha1/maskingrules': { items: [] },
  '/api/v1/pods': { items: [] },
}

interface Fault {
  readonly paths?: Readonly<Record<string, Json | Refused>>
  readonly post?: () => Promise<Json>
  readonly serverTime?: number | undefined
}

function examined(fault: Fault = {}) {
  const answers: Readonly<Record<string, Json | Refused>> = { ...healthy, ...fault.paths }
  const api: Api = {
    get: (path) => {
      const answer = answers[path] ?? new Refused(404, 'not found')
      return answer instanceof Refused ? Promise.reject(answer) : Promise.resolve(answer)
    },
    post:
      fault.post ??
      (() =>
        Promise.reject(
          new Refused(
            403,
            'admission webhook "inject.frostgate.dev" denied the request: there is no SnowflakeConnection',
          ),
        )),
    serverTime: () => Promise.resolve('serverTime' in fault ? fault.serverTime : now - 2_000),
  }
  return examine({ api, namespace: 'frostgate', release: 'frostgate', now: () => now })
}

const wrong = async (fault: Fault) =>
  (await examined(fault)).filter(({ state }) => state !== 'ok').map((each) => each)

describe('frostgate doctor', () => {
  it('finds nothing wrong with an installation that is well', async () => {
    expect((await examined()).filter(({ state }) => state !== 'ok')).toEqual([])
  })

  const lease = '/apis/coordination.k8s.io/v1/namespaces/frostgate/leases/frostgate-operator'
  const deployment = '/apis/apps/v1/namespaces/frostgate/deployments/frostgate-operator'
  const mutating = `${hooks}/mutatingwebhookconfigurations/frostgate`
  const cases: readonly (readonly [string, Fault, string, RegExp])[] = [
    [
      'an old cluster',
      { paths: { '/version': { gitVersion: 'v1.31.4', minor: '31+' } } },
      'cluster',
      /older than 1\.32/,
    ],
    ['a clock that is behind', { serverTime: now + 90_000 }, 'clock', /90 s behind/],
    [
      'a missing definition',
      {
        paths: {
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/maskingrules.frostgate.dev':
            new Refused(404, 'no'),
        },
      },
      'definitions',
      /maskingrules\.frostgate\.dev is not there/,
    ],
    [
      'no replica that is ready',
      { paths: { [deployment]: { spec: { replicas: 2 }, status: {} } } },
      'operator',
      /none of 2 replicas/,
    ],
    [
      'a leader that is gone',
      {
        paths: {
          [lease]: { spec: { holderIdentity: 'x', renewTime: '2026-11-22T09:50:00Z' } },
        },
      },
      'leader',
      /led last, 600 s ago/,
    ],
    [
      'a webhook without a CA',
      { paths: { [mutating]: { webhooks: [{ name: 'inject', failurePolicy: 'Fail' }] } } },
      'webhooks',
      /has no CA yet/,
    ],
    [
      'a webhook that was made lenient',
      {
        paths: {
          [mutating]: {
            webhooks: [
              {
                ...webhook('inject').webhooks[0],
                failurePolicy: 'Ignore',
              },
            ],
          },
        },
      },
      'webhooks',
      /lets pods pass/,
    ],
    [
      'a CA that ends soon',
      {
        paths: {
          [mutating]: {
            ...webhook('inject', ending),
          },
        },
      },
      'webhooks',
      /ends in 3 days/,
    ],
    [
      'admission that lets everything pass',
      { post: () => Promise.resolve({}) },
      'injection',
      /was let through/,
    ],
    [
      'a webhook that cannot be called',
      {
        post: () =>
          Promise.reject(
            new Refused(500, 'failed calling webhook "inject.frostgate.dev": no endpoints'),
          ),
      },
      'injection',
      /not by a webhook that answers/,
    ],
    [
      'a policy that only warns',
      {
        paths: {
          [`${hooks}/validatingadmissionpolicybindings`]: {
            items: admissionPolicies.map((policyName) => ({
              spec: {
                policyName,
                validationActions: [policyName.endsWith('gate') ? 'Warn' : 'Deny'],
              },
            })),
          },
        },
      },
      'policies',
      /not in force: frostgate-gate/,
    ],
    [
      'a connection that is closed',
      {
        paths: {
          '/apis/frostgate.dev/v1alpha1/snowflakeconnections': {
            items: [
              {
                metadata: { namespace: 'frostgate', name: 'acme', generation: 1 },
                status: {
                  conditions: [
                    {
                      type: 'Ready',
                      status: 'False',
                      reason: 'CompileFailed',
                      message: 'spec.host: no such thing',
                      observedGeneration: 1,
                    },
                  ],
                },
              },
            ],
          },
        },
      },
      'connections',
      /not ready \(CompileFailed\): spec\.host/,
    ],
    [
      'an annotated pod without a sidecar',
      {
        paths: {
          '/api/v1/pods': {
            items: [
              {
                metadata: {
                  namespace: 'ci',
                  name: 'old',
                  annotations: { 'frostgate.dev/connection': 'acme' },
                },
                spec: { containers: [] },
                status: { phase: 'Running' },
              },
            ],
          },
        },
      },
      'pods',
      /ci\/old asks for a connection and has no sidecar/,
    ],
  ]
  it.each(cases)('finds %s, and says what to do', async (_what, fault, check, text) => {
    const [finding, ...others] = await wrong(fault)
    expect(others.filter((each) => each.check !== check)).toEqual([])
    expect(finding).toMatchObject({ check, what: expect.stringMatching(text) as string })
    expect(finding?.remedy).toMatch(/\w{3}.*[.:]?/)
  })

  it('says of what it may not read that it was skipped, never that it is well', async () => {
    const findings = await wrong({ paths: { '/api/v1/pods': new Refused(403, 'forbidden') } })
    expect(findings).toMatchObject([{ check: 'pods', state: 'skipped' }])
  })

  it('stops where there is no API server to ask', async () => {
    const findings = await examined({ paths: { '/version': new Refused(0, 'ECONNREFUSED') } })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ check: 'cluster', state: 'failed' })
  })
})
