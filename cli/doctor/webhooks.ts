/** Checks of admission: configured, trusted, answering, and backed by what needs no operator. */

import { certificatesOf } from './certificates.ts'
import { admissionPolicies, webhookConfiguration, webhookNames } from './names.ts'
import {
  at, failed, listAt, ok, refusalOf, textAt, warning,
  type Check, type Doctor, type Finding,
} from './finding.ts' // prettier-ignore

const configurations = [
  ['mutatingwebhookconfigurations', webhookNames.mutating],
  ['validatingwebhookconfigurations', webhookNames.validating],
] as const

/** Rotation begins long before that. */
const soonDays = 14

export const webhooksCheck: Check = {
  name: 'webhooks',
  run: async (doctor) => {
    const found = await Promise.all(
      configurations.map(([plural, names]) => configuration(doctor, plural, names)),
    )
    return found.flat()
  },
}

async function configuration(
  { api, release, now }: Doctor,
  plural: string,
  names: readonly string[],
): Promise<readonly Omit<Finding, 'check'>[]> {
  const path = `/apis/admissionregistration.k8s.io/v1/${plural}/${webhookConfiguration(release)}`
  let object: unknown
  try {
    object = await api.get(path)
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error
    return [
      failed(
        `there is no ${plural} "${release}"`,
        'Install the chart again: pods are not injected, and the admission policies alone refuse annotated ones.',
      ),
    ]
  }
  const webhooks = listAt(object, 'webhooks')
  const missing = names.filter((name) => !webhooks.some((each) => at(each, 'name') === name))
  const wrong = [
    ...(missing.length === 0
      ? []
      : [failed(`${plural} "${release}" lacks ${missing.join(', ')}`, 'Install the chart again; somebody has changed it.')]), // prettier-ignore
    ...webhooks.flatMap((webhook) => problemOf(webhook, now())),
  ]
  return wrong.length === 0
    ? [ok(`${names.join(', ')}: with a CA, and closed without an answer`)]
    : wrong
}

/** Of one webhook; nothing if there is none. */
function problemOf(webhook: unknown, now: number): readonly Omit<Finding, 'check'>[] {
  const name = textAt(webhook, 'name') ?? 'a webhook'
  const bundle = textAt(webhook, 'clientConfig', 'caBundle') ?? ''
  if (bundle === '') {
    return [
      failed(
        `${name} has no CA yet, so the API server cannot call it`,
        'The operator writes it when it starts; look at its log.',
      ),
    ]
  }
  if (textAt(webhook, 'failurePolicy') !== 'Fail') {
    return [
      failed(
        `${name} lets pods pass when it cannot be asked (failurePolicy is not Fail)`,
        'Install the chart again; somebody has changed it.',
      ),
    ]
  }
  const days = daysLeft(bundle, now)
  if (days === undefined) {
    return [failed(`${name} has a CA that is no certificate`, 'Restart the operator.')]
  }
  return days < soonDays
    ? [
        warning(
          `${name} trusts a CA that ends in ${days} days`,
          'The operator should have renewed it; look at its log.',
        ),
      ]
    : []
}

/** Of the certificate that lasts longest. */
function daysLeft(caBundle: string, now: number): number | undefined {
  const ends = certificatesOf(caBundle).map(({ validTo }) => Date.parse(validTo))
  return ends.length === 0 ? undefined : Math.floor((Math.max(...ends) - now) / 86_400_000)
}

/** A pod that asks for a connection which cannot exist: only a webhook that works refuses it so. */
export const webhookAnswersCheck: Check = {
  name: 'injection',
  run: async ({ api }) => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: 'frostgate-doctor-',
        annotations: { 'frostgate.dev/connection': 'doctor-asks-for-what-is-not-there' },
      },
      spec: { containers: [{ name: 'probe', image: 'registry.invalid/probe' }] },
    }
    try {
      await api.post('/api/v1/namespaces/default/pods?dryRun=All', body)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined) throw error
      if (/denied the request/.test(refusal.message) && /frostgate\.dev/.test(refusal.message))
        return [ok('an annotated pod is judged by the webhook')]
      // Not admission's word: RBAC's, about whoever runs this.
      if (/cannot create resource/.test(refusal.message)) throw error
      return [
        failed(
          `an annotated pod is refused, but not by a webhook that answers: ${refusal.message}`,
          'Look at the log of the operator, and whether the API server can reach its Service.',
        ),
      ]
    }
    return [
      failed(
        'a pod that asks for a connection which is not there was let through',
        'Admission is not in force in namespace "default": install the chart again.',
      ),
    ]
  },
}

export const policiesCheck: Check = {
  name: 'policies',
  run: async ({ api }) => {
    const base = '/apis/admissionregistration.k8s.io/v1'
    const [policies, bindings] = await Promise.all([
      api.list(`${base}/validatingadmissionpolicies`),
      api.list(`${base}/validatingadmissionpolicybindings`),
    ])
    const bound = bindings
      .filter((each) => listAt(each, 'spec', 'validationActions').includes('Deny'))
      .map((each) => textAt(each, 'spec', 'policyName'))
    const there = policies.map((each) => textAt(each, 'metadata', 'name'))
    const missing = admissionPolicies.filter(
      (name) => !there.includes(name) || !bound.includes(name),
    )
    const broken = policies
      .filter((each) => listAt(each, 'status', 'typeChecking', 'expressionWarnings').length > 0)
      .map((each) => String(at(each, 'metadata', 'name')))
      .filter((name) => admissionPolicies.includes(name))
    if (missing.length > 0) {
      return [
        failed(
          `not in force: ${missing.join(', ')}`,
          'Install the chart again: they hold while the operator is away.',
        ),
      ]
    }
    return broken.length > 0
      ? [warning(`with type warnings: ${broken.join(', ')}`, 'Report it, with your version.')]
      : [ok(`${admissionPolicies.length} admission policies in force`)]
  },
}
