/** Whether the API server trusts the authority that the operator issues from. */

import type { X509Certificate } from 'node:crypto'

import { certificatesIn } from '../../sidecar/control/pem.ts'
import { at, failed, listAt, ok, refusalOf, skipped, textAt, type Check } from './finding.ts'
import { keysSecret, webhookConfiguration } from './names.ts'

const configurations = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']

export const certificatesCheck: Check = {
  name: 'certificates',
  run: async ({ api, namespace, release, now }) => {
    const secret = keysSecret(release)
    const path = `/api/v1/namespaces/${namespace}/secrets/${secret}`
    let trust: readonly X509Certificate[]
    try {
      trust = certificatesOf(textAt(await api.get(path), 'data', 'ca.crt'))
    } catch (error) {
      const status = refusalOf(error)?.status
      if (status === 403 || status === 401) {
        return [
          skipped(
            `you may not read Secret ${namespace}/${secret}, so its CA is not compared with the webhooks’`,
            'Nothing to do: the check "injection" proves that the API server trusts the operator.',
          ),
        ]
      }
      if (status !== 404) throw error
      return [
        failed(
          `there is no Secret ${namespace}/${secret} with the operator’s CA`,
          'The operator writes it when it starts, or again from memory; look at its log.',
        ),
      ]
    }
    const trusted = await trustedByWebhooks(api, release)
    const unknown = trust.filter(({ fingerprint256 }) => !trusted.has(fingerprint256))
    const days = Math.max(...trust.map(({ validTo }) => Date.parse(validTo))) - now()
    if (trust.length === 0 || days <= 0) {
      return [
        failed(
          `Secret ${namespace}/${secret} holds no CA that is valid now`,
          `kubectl rollout restart --namespace ${namespace} deployment/${release}-operator, and look at its log.`,
        ),
      ]
    }
    return unknown.length > 0
      ? [
          failed(
            `${unknown.length} of the operator’s ${trust.length} CAs is not in the webhooks’ caBundle`,
            'The replica that leads writes it; see the check "leader" and the operator’s log.',
          ),
        ]
      : [
          ok(
            `the webhooks trust the operator’s CA, which lasts ${Math.floor(days / 86_400_000)} days`,
          ),
        ]
  },
}

/** SHA-256 of what every webhook trusts. */
async function trustedByWebhooks(
  api: Parameters<Check['run']>[0]['api'],
  release: string,
): Promise<ReadonlySet<string>> {
  const base = '/apis/admissionregistration.k8s.io/v1'
  const objects = await Promise.all(
    configurations.map((each) => api.get(`${base}/${each}/${webhookConfiguration(release)}`)),
  )
  const bundles = objects
    .flatMap((object) => listAt(object, 'webhooks'))
    .map((webhook) => at(webhook, 'clientConfig', 'caBundle'))
    .map((bundle) => certificatesOf(typeof bundle === 'string' ? bundle : undefined))
    .map((bundle) => new Set(bundle.map(({ fingerprint256 }) => fingerprint256)))
  const [first = new Set<string>(), ...others] = bundles
  return new Set([...first].filter((each) => others.every((bundle) => bundle.has(each))))
}

/** Of PEM in base64, as Secrets and webhooks hold it; none if one of them cannot be read. */
export function certificatesOf(base64: string | undefined): readonly X509Certificate[] {
  try {
    return certificatesIn(Buffer.from(base64 ?? '', 'base64').toString())
  } catch {
    return []
  }
}
