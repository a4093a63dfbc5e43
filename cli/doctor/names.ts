/** Names of what an installation consists of. */

const plurals = [
  'snowflakeconnections',
  'agentpolicies',
  'maskingrules',
  'approvalrequests',
  'approvaldecisions',
] as const

export const definitionNames: readonly string[] = plurals.map((plural) => `${plural}.frostgate.dev`)

/** The Deployment, the webhook configurations and the Lease are called as the release. */
export const leaderLease = (release: string): string => `${release}-operator`

export const admissionPolicies: readonly string[] = [
  'frostgate-gate',
  'frostgate-exec',
  'frostgate-ephemeral',
  'frostgate-tokens',
  'frostgate-images',
  'frostgate-required',
]
