/** Hosts that result chunks may come from. An answer that names another is not followed. */

import type { ConnectionSpec } from '../control/bundle.ts'

/** Suffixes of the stores that Snowflake uses on its three clouds. */
const stores = [
  /^[\w.-]+\.s3[\w.-]*\.amazonaws\.com$/,
  /^[\w.-]+\.s3[\w.-]*\.amazonaws\.com\.cn$/,
  /^s3[\w.-]*\.amazonaws\.com$/,
  /^[\w-]+\.blob\.core\.windows\.net$/,
  /^[\w-]+\.blob\.core\.usgovcloudapi\.net$/,
  /^storage\.googleapis\.com$/,
]

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

type Place = Pick<ConnectionSpec, 'url' | 'trust'>

/**
 * Loopback, over plain http, only where Snowflake itself is a server on loopback; the account's own
 * host only where the connection brings its own certificates, as Snowflake's does not.
 */
export function chunkHosts(account: Place): (url: URL) => boolean {
  const { protocol, hostname } = new URL(account.url)
  const local = protocol === 'http:' && loopback.has(hostname)
  return (url) => {
    if (url.username !== '' || url.password !== '') return false
    if (chunkTrust(account, url) !== null) return true
    if (local) return url.protocol === 'http:' && loopback.has(url.hostname)
    return (
      url.protocol === 'https:' &&
      url.port === '' &&
      stores.some((store) => store.test(url.hostname))
    )
  }
}

/**
 * The certificates that alone may sign the host of a chunk, PEM; null is the public roots. The
 * connection's own are for its own host: result stores are the clouds', with public ones.
 */
export function chunkTrust({ url: account, trust }: Place, url: URL): string | null {
  return url.protocol === 'https:' && url.hostname === new URL(account).hostname ? trust : null
}
