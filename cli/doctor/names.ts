/** Names of what an installation consists of, as the chart has them. */

const plurals = [
  'snowflakeconnections',
  'agentpolicies',
  'maskingrules',
  'approvalrequests',
  'approvaldecisions',
] as const

export const definitionNames: readonly string[] = plurals.map((plural) => `${plural}.frostgate.dev`)

/** Both webhook configurations. */
export const webhookConfiguration = (release: string): string => release

export const operatorDeployment = (release: string): string => `${release}-operator`

export const leaderLease = (release: string): string => `${release}-operator`

/** The Secret of the operator's CA and signing keys. */
export const keysSecret = (release: string): string => `${release}-keys`

export { webhookNames } from '../../operator/wiring/webhook-names.ts'

/** One of a cluster, whatever the release. */
export const admissionPolicies: readonly string[] = [
  'frostgate-gate',
  'frostgate-exec',
  'frostgate-ephemeral',
  'frostgate-tokens',
  'frostgate-images',
  'frostgate-required',
  'frostgate-approvals',
  'frostgate-decisions',
  'frostgate-requests',
]
