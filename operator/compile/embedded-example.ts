import type { SnowflakeConnection } from '../../crds/types.ts'

const annotation = 'frostgate.dev/example'

/**
 * Whether this connection is for trying without a Snowflake account: `frostgate up` then starts a
 * Snowflake-compatible server and an OIDC issuer, and makes the key pair.
 */
export function isEmbeddedExample(connection: SnowflakeConnection): boolean {
  return connection.metadata.annotations?.[annotation] === 'embedded'
}
