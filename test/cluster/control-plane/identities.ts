/** Who talks to the API server, under the names that Kubernetes' own roles are bound to. */

import { randomBytes } from 'node:crypto'

export const nodeName = 'frostgate-node'

interface Identity {
  readonly user: string
  readonly groups: readonly string[]
}

export const identities = {
  admin: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  // Name and group that the Node authorizer and NodeRestriction know a kubelet by.
  kubelet: { user: `system:node:${nodeName}`, groups: ['system:nodes'] },
  // The node runtime routes services and answers DNS, as kube-proxy and CoreDNS do elsewhere.
  'node-runtime': { user: 'system:kube-proxy', groups: [] },
} as const satisfies Readonly<Record<string, Identity>>

export type IdentityName = keyof typeof identities

export type Tokens = Readonly<Record<IdentityName, string>>

export function newTokens(): Tokens {
  const names = Object.keys(identities) as readonly IdentityName[]
  const entries = names.map((name) => [name, randomBytes(24).toString('base64url')] as const)
  return Object.fromEntries(entries) as Tokens
}

/** The file of --token-auth-file: token,user,uid,"group,group". */
export function tokenFile(tokens: Tokens): string {
  const lines = (Object.entries(identities) as [IdentityName, Identity][]).map(
    ([name, { user, groups }]) => `${tokens[name]},${user},${name},"${groups.join(',')}"`,
  )
  return `${lines.join('\n')}\n`
}
