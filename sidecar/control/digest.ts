import { canonicalSha256 } from '../canonical-json.ts'
import type { Bundle } from './bundle.ts'

/** A bundle with its digest, which covers everything else in it. An older digest is replaced. */
export function sealBundle(content: Omit<Bundle, 'digest'>): Bundle {
  return { ...content, digest: digestOf(content) }
}

/** `sha256:<hex>` over the canonical JSON of a bundle without its digest. */
export function digestOf(content: Omit<Bundle, 'digest'>): string {
  return `sha256:${canonicalSha256({ ...content, digest: undefined })}`
}
