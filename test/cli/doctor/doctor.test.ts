import { describe, expect, it } from 'vitest'

import { listAt, type Api, type Json, type Network } from '../../../cli/doctor/finding.ts'
import { admissionPolicies } from '../../../cli/doctor/names.ts'
import { remedyFor } from '../../../cli/doctor/remedies.ts'
import { examine } from '../../../cli/doctor/run.ts'
import { healthyAnswers } from '../../../docs/cli/recorded-cluster.ts'
import metadata from '../../../package.json' with { type: 'json' }
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
const mutating = `${hooks}/mutatingwebhookconfigurations/frostgate`
const version = metadata.version

const ending = await caBundleUntil('2026-11-25T10:00:00Z')

async function caBundleUntil(end: string): Promise<string> {
  return Buffer.from(await certificate(end)).toString('base64')
}

const healthy = (await healthyAnswers(now)) as Readonly<Record<string, Json>>

/** The mutating configuration, with something else in its first webhook. */
function altered(change: object): Json {
  const { webhooks } = healthy[mutating] as { readonly webhooks: readonly object[] }
  return { webhooks: webhooks.map((each, index) => (index === 0 ? { ...each, ...change } : each)) }
}

interface Fault {
  readonly paths?: Readonly<Record<string, Json | Refused>>
  readonly post?: () => Promise<Json>
  readonly serverTime?: number | undefined
  readonly network?: Partial<Network>
}

function examined(fault: Fault = {}) {
  const answers: Readonly<Record<string, Json | Refused>> = { ...healthy, ...fault.paths }
  const get = (path: string): Promise<Json> => {
    const answer = answers[path] ?? new Refused(404, 'not found')
    return answer instanceof Refused ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const api: Api = {
    get,
    list: async (path) => listAt(await get(path), 'items'),
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
  return examine({
    api,
    namespace: 'frostgate',
    release: 'frostgate',
    now: () => now,
    version,
    network: {
      inCluster: true,
      resolve: () => Promise.resolve(['192.0.2.7']),
      reach: () => Promise.resolve(now),
      ...fault.network,
    },
    login: undefined,
  })
}

const wrong = async (fault: Fault) =>
  (await examined(fault)).filter(({ state }) => state !== 'ok').map((each) => each)

describe('frostgate doctor', () => {
  it('finds nothing wrong with an installation that is well', async () => {
    expect((await examined()).filter(({ state }) => state !== 'ok')).toEqual([])
  })

  const lease = '/apis/coordination.k8s.io/v1/namespaces/frostgate/leases/frostgate-operator'
  const deployment = '/apis/apps/v1/namespaces/frostgate/deployments/frostgate-operator'
  const keys = '/api/v1/namespaces/frostgate/secrets/frostgate-keys'
  const connections = '/apis/frostgate.dev/v1alpha1/snowflakeconnections'
  const acme = listAt(healthy[connections], 'items')[0] as object
  const coded = (code: string) => Object.assign(new Error(code), { code })
  const cases: readonly (readonly [string, Fault, string, RegExp])[] = [
    [
      'an old cluster',
      { paths: { '/version': { gitVersion: 'v1.31.4', minor: '31+' } } },
      'cluster',
      /older than 1\.32/,
    ],
    [
      'an operator that is scaled to nothing',
      { paths: { [deployment]: { ...healthy[deployment], spec: { replicas: 0 } } } },
      'operator',
      /scaled to 0/,
    ],
    [
      'definitions of another version',
      {
        paths: {
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/agentpolicies.frostgate.dev': {
            metadata: { labels: { 'app.kubernetes.io/version': '0.0.9' } },
            status: { conditions: [{ type: 'Established', status: 'True' }] },
          },
        },
      },
      'versions',
      /the definitions are of 0\.0\.9, the operator of/,
    ],
    [
      'a webhook that was taken away',
      { paths: { [mutating]: { webhooks: listAt(healthy[mutating], 'webhooks').slice(1) } } },
      'webhooks',
      /lacks inject\.frostgate\.dev/,
    ],
    [
      'a CA that the API server does not trust',
      { paths: { [keys]: { data: { 'ca.crt': ending } } } },
      'certificates',
      /not in the webhooks’ caBundle/,
    ],
    [
      'a Secret of the operator that is gone',
      { paths: { [keys]: new Refused(404, 'no') } },
      'certificates',
      /there is no Secret frostgate\/frostgate-keys/,
    ],
    [
      'an account without an address',
      { network: { resolve: () => Promise.reject(coded('ENOTFOUND')) } },
      'egress',
      /DNS, from this machine, not from pods: .* has no address here \(ENOTFOUND\)/,
    ],
    [
      'an account that does not answer',
      { network: { reach: () => Promise.reject(coded('ECONNREFUSED')) } },
      'egress',
      /TCP, .*\(192\.0\.2\.7\) does not answer \(ECONNREFUSED\)/,
    ],
    [
      'a certificate of another',
      { network: { reach: () => Promise.reject(coded('ERR_TLS_CERT_ALTNAME_INVALID')) } },
      'egress',
      /TLS, .*is not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
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
      { paths: { [deployment]: { ...healthy[deployment], status: {} } } },
      'operator',
      /none of 3 replicas/,
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
      { paths: { [mutating]: altered({ clientConfig: {} }) } },
      'webhooks',
      /has no CA yet/,
    ],
    [
      'a webhook that was made lenient',
      {
        paths: {
          [mutating]: altered({ failurePolicy: 'Ignore' }),
        },
      },
      'webhooks',
      /lets pods pass/,
    ],
    [
      'a CA that ends soon',
      {
        paths: {
          [mutating]: altered({ clientConfig: { caBundle: ending } }),
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
          [connections]: {
            items: [
              {
                ...acme,
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
    [
      'a sidecar whose image cannot be pulled',
      {
        paths: {
          '/api/v1/pods': {
            items: [
              {
                metadata: {
                  namespace: 'ci',
                  name: 'runner',
                  annotations: { 'frostgate.dev/connection': 'acme' },
                },
                spec: { initContainers: [{ name: 'frostgate-proxy' }] },
                status: {
                  phase: 'Pending',
                  initContainerStatuses: [
                    {
                      name: 'frostgate-proxy',
                      started: false,
                      state: { waiting: { reason: 'ImagePullBackOff' } },
                    },
                  ],
                },
              },
            ],
          },
        },
      },
      'pods',
      /cannot be pulled in pod ci\/runner \(ImagePullBackOff\)/,
    ],
  ]
  it.each(cases)('finds %s, and says what to do', async (_what, fault, check, text) => {
    const [finding, ...others] = await wrong(fault)
    // A webhook that trusts another CA than it should is a finding of both.
    const related = check === 'webhooks' ? [check, 'certificates'] : [check]
    expect(others.filter((each) => !related.includes(each.check))).toEqual([])
    expect(finding).toMatchObject({ check, what: expect.stringMatching(text) as string })
    expect(finding?.remedy).toMatch(/\w{3}.*[.:]?/)
  })

  it('says of what it may not read that it was skipped, never that it is well', async () => {
    const findings = await wrong({ paths: { '/api/v1/pods': new Refused(403, 'forbidden') } })
    expect(findings).toMatchObject([{ check: 'pods', state: 'skipped' }])
  })

  it('takes a right that is missing for no word of admission', async () => {
    const message = 'pods is forbidden: User "reader" cannot create resource "pods"'
    const findings = await wrong({ post: () => Promise.reject(new Refused(403, message)) })
    expect(findings).toMatchObject([{ check: 'injection', state: 'skipped' }])
  })

  it('skips what only pods can reach, and says that it did', async () => {
    const findings = await wrong({ network: { inCluster: false } })
    expect(findings).toMatchObject([
      {
        check: 'egress',
        state: 'skipped',
        what: expect.stringContaining('only pods ask') as string,
      },
    ])
  })

  it('skips the operator’s CA where its Secret may not be read', async () => {
    const findings = await wrong({ paths: { [keys]: new Refused(403, 'forbidden') } })
    expect(findings).toMatchObject([{ check: 'certificates', state: 'skipped' }])
  })

  const reasons = [
    'InvalidCredential', 'InvalidMaskKey', 'NamespaceNotServed', 'CompileFailed', 'Invalid',
    'TargetNotFound', 'TargetClosed', 'Pending',
  ] // prettier-ignore
  it('has a remedy of its own for each reason that an object can have', () => {
    const subject = { kind: 'AgentPolicy', namespace: 'frostgate', name: 'ci' }
    const unknown = remedyFor('SomethingNew', subject)
    expect(unknown).toContain('kubectl describe agentpolicy ci --namespace frostgate')
    const remedies = reasons.map((reason) => remedyFor(reason, subject))
    expect(new Set([...remedies, unknown]).size).toBe(reasons.length + 1)
  })

  it('stops where there is no API server to ask', async () => {
    const findings = await examined({ paths: { '/version': new Refused(0, 'ECONNREFUSED') } })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ check: 'cluster', state: 'failed' })
  })
})
