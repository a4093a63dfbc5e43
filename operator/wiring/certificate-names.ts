/** The names in a replica's certificate. */

import type { Settings } from '../settings.ts'

/** Every name at which this replica is reached over TLS. */
export function certificateNames(
  { brokerUrl, release, namespace }: Settings,
  /** As people's browsers reach the approvals page; undefined: there is none. */
  pageUrl?: string,
): readonly [string, ...(readonly string[])] {
  const page = pageUrl === undefined ? [] : [`${release}-page`]
  const services = [`${release}-broker`, `${release}-webhook`, ...page].flatMap((service) => [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ])
  const urls = [brokerUrl, ...(pageUrl === undefined ? [] : [pageUrl])]
  return [...new Set([...urls.map((url) => new URL(url).hostname), ...services])] as [
    string,
    ...string[],
  ]
}
