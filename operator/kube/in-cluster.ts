/**
 * Access for a pod, from what its ServiceAccount mounts. The same as client-node's loadFromCluster,
 * without loading client-node's models, which would double the memory of an idle operator.
 */

import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Access, AccessSource } from './access.ts'
import { localError } from './kube-error.ts'

const mount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The kubelet replaces a token when 80 % of its life is over; client-go looks as often. */
const rereadMs = 60_000

export interface InClusterOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly folder?: string
  readonly now?: () => number
}

/** Whether this process runs in a pod that may speak to its API server. */
export function isInCluster(env: NodeJS.ProcessEnv = process.env): boolean {
  return (env['KUBERNETES_SERVICE_HOST'] ?? '') !== ''
}

export function inClusterAccess(options: InClusterOptions = {}): AccessSource {
  const { env = process.env, folder = mount, now = () => performance.now() } = options
  let kept: { readonly access: Access; readonly at: number } | undefined
  return {
    async current() {
      if (kept === undefined || now() - kept.at > rereadMs) {
        kept = { access: await readAccess(env, folder), at: now() }
      }
      return kept.access
    },
    renew() {
      kept = undefined
    },
  }
}

async function readAccess(env: NodeJS.ProcessEnv, folder: string): Promise<Access> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  try {
    const [token, ca] = await Promise.all([
      readFile(join(folder, 'token'), 'utf8'),
      readFile(join(folder, 'ca.crt'), 'utf8'),
    ])
    return {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      tls: { ca },
      proxy: undefined,
      headers: { authorization: `Bearer ${token.trim()}` },
    }
  } catch (error) {
    throw localError(
      'NoCredentials',
      `the ServiceAccount's token and ca.crt cannot be read in ${folder}. ` +
        'Set automountServiceAccountToken: true for this pod.',
      error,
    )
  }
}
