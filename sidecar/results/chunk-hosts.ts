/** Hosts that result chunks may come from. An answer that names another is not followed. */

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

/** Loopback, over plain http, only where Snowflake itself is a server on loopback. */
export function chunkHosts(upstreamUrl: string): (url: URL) => boolean {
  const local = loopback.has(new URL(upstreamUrl).hostname)
  return (url) => {
    if (url.username !== '' || url.password !== '') return false
    if (local) return url.protocol === 'http:' && loopback.has(url.hostname)
    return (
      url.protocol === 'https:' &&
      url.port === '' &&
      stores.some((store) => store.test(url.hostname))
    )
  }
}
