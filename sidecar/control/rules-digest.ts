/** What decides which values a client sees, as one digest. */

import { canonicalSha256 } from '../canonical-json.ts'
import type { Bundle } from './bundle.ts'

const known = new WeakMap<Bundle, string>()

/** Equal for two bundles under which the same may be seen: what else they say does not count. */
export function rulesDigest(bundle: Bundle): string {
  const earlier = known.get(bundle)
  if (earlier !== undefined) return earlier
  const { policies, masks, connection } = bundle
  const digest = canonicalSha256([policies, masks, connection.canaries])
  known.set(bundle, digest)
  return digest
}
