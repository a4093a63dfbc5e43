/** The names in a replica's certificate. */

import type { Settings } from '../settings.ts'

/** Every name at which this replica is reached over TLS. */
export function certificateNames({
  brokerUrl,
  release,
  namespace,
}: Settings): readonly [string, ...(readonly string[])] {
  const services = [`${release}-broker`, `${release}-webhook`].flatMap((service) => [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ])
  return [...new Set([new URL(brokerUrl).hostname, ...services])] as [string, ...string[]]
}
