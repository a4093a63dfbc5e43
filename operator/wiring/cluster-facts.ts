/** What the operator must know of its cluster: the UID, and who signs ServiceAccount tokens. */

import type { KubeClient } from '../kube/client.ts'
import { resources } from '../kube/resources.ts'

export interface ClusterIdentity {
  /** Of the namespace kube-system, which stands for the cluster. */
  readonly uid: string
  /** `iss` of ServiceAccount tokens. */
  readonly issuer: string
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** KEP-1393: both documents are served to every ServiceAccount of the cluster. */
export async function readClusterIdentity(client: KubeClient): Promise<ClusterIdentity> {
  const [system, discovery, jwks] = await Promise.all([
    client.get(resources.namespaces, { name: 'kube-system' }),
    client.request<{ readonly issuer?: unknown }>('GET', '/.well-known/openid-configuration'),
    client.request<{ readonly keys?: unknown }>('GET', '/openid/v1/jwks'),
  ])
  const uid = system.metadata?.uid
  if (uid === undefined) throw new Error('the namespace kube-system has no UID')
  if (typeof discovery.issuer !== 'string' || !Array.isArray(jwks.keys))
    throw new Error(
      'the cluster does not tell who issues ServiceAccount tokens (--service-account-issuer of its API server must be a URL)',
    )
  return {
    uid,
    issuer: discovery.issuer,
    jwks: { keys: jwks.keys as ClusterIdentity['jwks']['keys'] },
  }
}

export interface ClusterWatch {
  current(): ClusterIdentity
  stop(): void
}

/** A cluster may sign with a key as soon as it shows it: agents are refused until it is seen here. */
const everyMs = 60_000

/** `first` is what was read already; `onChange` is called when the keys or the issuer differ. */
export function watchClusterIdentity(
  client: KubeClient,
  first: ClusterIdentity,
  onChange: () => void,
  onProblem: (error: unknown) => void,
): ClusterWatch {
  let held = first
  let stopped = false
  const timer = setInterval(() => {
    readClusterIdentity(client).then((read) => {
      if (stopped || JSON.stringify(read) === JSON.stringify(held)) return
      held = read
      onChange()
    }, onProblem)
  }, everyMs)
  timer.unref()
  return {
    current: () => held,
    stop: () => {
      stopped = true
      clearInterval(timer)
    },
  }
}
