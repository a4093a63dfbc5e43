/** Which tokens the operator may be made to ask for: whoever writes a connection chooses where they go. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { ClusterFacts } from './identity-providers.ts'
import type { Report } from './report.ts'

type WorkloadIdentity = NonNullable<SnowflakeConnection['spec']['credential']['workloadIdentity']>

/** `https://kubernetes.default.svc`, `kubernetes.default`: API servers take tokens for these. */
const apiServer = /^(https?:\/\/)?kubernetes(\.default\b|$)/i
const own = /^frostgate\.dev(\/|$)/i

/** Reports an audience at which a token would be its ServiceAccount's rights in this cluster. */
export function reportAudience(
  { audience }: WorkloadIdentity,
  cluster: ClusterFacts | undefined,
  report: Report,
): void {
  const text = audience.trim().replace(/\/+$/, '')
  const reader =
    apiServer.test(text) || text === cluster?.issuer.replace(/\/+$/, '')
      ? 'the Kubernetes API itself'
      : own.test(text)
        ? 'Frostgate itself'
        : undefined
  if (reader === undefined) return
  report(
    ['spec', 'credential', 'workloadIdentity', 'audience'],
    `"${audience}" is an audience of ${reader}`,
    'Write what the Snowflake user says in WORKLOAD_IDENTITY: snowflakecomputing.com, or its OIDC_AUDIENCE_LIST.',
  )
}
