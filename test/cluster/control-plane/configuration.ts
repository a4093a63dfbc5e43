/** Configuration files of the API server and kubeconfigs of those who call it. */

import { stringify } from 'yaml'

/** Without a token only the health paths answer, so that a test without one sees 401 elsewhere. */
export function authenticationConfiguration(): string {
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    anonymous: {
      enabled: true,
      conditions: [{ path: '/livez' }, { path: '/readyz' }, { path: '/healthz' }],
    },
  })
}

/** Who did what to which object; never a body, as those hold Secrets and tokens. */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  })
}

export interface KubeconfigOptions {
  readonly server: string
  /** File with the certificate that the server's is judged by. */
  readonly authority: string
  readonly token: string
}

export function kubeconfig({ server, authority, token }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  })
}
