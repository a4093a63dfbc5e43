/** Access from a kubeconfig: tokens, token files, client certificates, exec plugins, OIDC. */

import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Access, AccessSource, TlsSettings } from './access.ts'
import { localError } from './kube-error.ts'

/**
 * `file` is a kubeconfig; without it KUBECONFIG and ~/.kube/config are looked at, as kubectl does.
 * A server that is spoken to in plain http needs `insecure-skip-tls-verify: true` there.
 */
export function kubeconfigAccess(file?: string, context?: string): AccessSource {
  let loaded: Promise<KubeConfig> | undefined
  return {
    async current() {
      const where = file ?? 'the default kubeconfig'
      try {
        loaded ??= load(file, context)
        return await accessOf(await loaded)
      } catch (error) {
        loaded = undefined
        const reason = error instanceof Error ? error.message.trim() : String(error)
        throw localError('NoCredentials', `${where} gives no access: ${reason}`, error)
      }
    },
    renew() {
      // Its authenticators keep what they read, so that only a new one reads again.
      loaded = undefined
    },
  }
}

async function load(file: string | undefined, context: string | undefined): Promise<KubeConfig> {
  // Loaded here and not at start: it weighs as much as the rest of the operator.
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  if (file === undefined) config.loadFromDefault()
  else config.loadFromFile(file)
  if (context !== undefined) config.setCurrentContext(context)
  return config
}

async function accessOf(config: KubeConfig): Promise<Access> {
  const cluster = config.getCurrentCluster()
  if (cluster === null)
    throw new Error(
      'its current context names no cluster. Choose one with: kubectl config use-context.',
    )
  if (cluster.proxyUrl?.startsWith('socks') === true) {
    throw new Error('SOCKS proxies are not served. Name an HTTP proxy in proxy-url.')
  }
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  return {
    server: cluster.server.replace(/\/$/, ''),
    tls: tlsOf(options),
    proxy: cluster.proxyUrl,
    headers: headersOf(options),
  }
}

const tlsFields = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'] as const

function tlsOf(options: RequestOptions): TlsSettings {
  const given = tlsFields.flatMap((field) => {
    const value = options[field]
    return value === undefined ? [] : [[field, value]]
  })
  return Object.fromEntries(given) as TlsSettings
}

function headersOf(options: RequestOptions): Readonly<Record<string, string>> {
  const headers = Object.entries((options.headers ?? {}) as Readonly<Record<string, unknown>>)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, value]) => [name.toLowerCase(), value.trim()])
  const basic =
    typeof options.auth === 'string'
      ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
      : {}
  return { ...basic, ...Object.fromEntries(headers) } as Readonly<Record<string, string>>
}
