/** What does not open anything, but may keep the sidecar from starting. */

import type { OperatorFacts } from '../injection.ts'
import type { PodSpec } from '../pod.ts'

const snowflake = /(^|\.)snowflakecomputing\.(com|cn)$/i

/**
 * Names that resolve to somebody else are no way in: the sidecar knows the broker by its CA and
 * Snowflake by its certificate. Private links are sometimes made so, hence no refusal.
 */
export function networkWarnings(spec: PodSpec, { brokerUrl }: OperatorFacts): readonly string[] {
  const broker = new URL(brokerUrl).hostname.toLowerCase()
  const aliases = (spec.hostAliases ?? []).flatMap(({ hostnames }) => hostnames ?? [])
  const warnings = aliases
    .filter((name) => name.toLowerCase() === broker || snowflake.test(name))
    .map((name) => `hostAliases redirect ${name}; if that is wrong, the sidecar does not start`)
  if (spec.dnsPolicy === 'None' || spec.dnsPolicy === 'Default')
    warnings.push(`dnsPolicy ${spec.dnsPolicy}: the sidecar must be able to resolve ${broker}`)
  return warnings
}
