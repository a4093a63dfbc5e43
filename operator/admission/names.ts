/** Names and paths in an injected pod that are the gateway's alone. */

/** Only the sidecar mounts these. */
export const privateVolumes = [
  'frostgate-identity',
  'frostgate-key',
  'frostgate-recording',
  'frostgate-no-api',
] as const

/** Application containers mount this one: their token, and the files that drivers read. */
export const agentVolume = 'frostgate-agent-token'

export const ourVolumes: readonly string[] = [...privateVolumes, agentVolume]

/** Where application containers find their token and `SNOWFLAKE_HOME`. */
export const agentFolder = '/var/run/secrets/frostgate.dev'

export const agentTokenPath = `${agentFolder}/token`

/** Tokens of this audience, whatever the cluster, make a process a sidecar. */
export const enrolAudiencePrefix = 'frostgate.dev/enrol'
