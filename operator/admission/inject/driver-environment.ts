/** The environment by which unchanged drivers find the gateway, in all the spellings they read. */

import { ports } from '../injection.ts'
import { agentFolder, agentTokenPath } from '../names.ts'
import { connectionName, connectionsToml, gatewayHost } from './driver-files.ts'

/**
 * | variables | read by |
 * |---|---|
 * | `SNOWFLAKE_HOST` … `_TOKEN_FILE_PATH` | Snow CLI, dbt profiles and programs that pass them on |
 * | `SNOWFLAKE_HOME`, `_DEFAULT_CONNECTION_NAME` | Python ≥ 3.1, Node, Go, JDBC `auto`: connections.toml |
 * | `SNOWFLAKE_CONNECTIONS` | Python 3 and 4, where `SNOWFLAKE_HOME` is the author's |
 * | `SNOWFLAKE_JDBC_URL` | programs; JDBC has no token file, so they add `&token=` |
 * | `…DISABLE_PLATFORM_DETECTION` | all: else they ask the cloud's metadata service at each login |
 * | `…WIF_ALLOWED_HOST_SUFFIXES` | all: else workload identity is refused to other hosts |
 * | `…SKIP_…` | projected files can be read by the container's user only if all may read them |
 */
export function driverEnvironment(account: string): Readonly<Record<string, string>> {
  return {
    SNOWFLAKE_HOST: gatewayHost,
    SNOWFLAKE_PORT: String(ports.gateway),
    SNOWFLAKE_PROTOCOL: 'http',
    SNOWFLAKE_ACCOUNT: account,
    SNOWFLAKE_AUTHENTICATOR: 'oauth',
    SNOWFLAKE_TOKEN_FILE_PATH: agentTokenPath,
    SNOWFLAKE_HOME: agentFolder,
    SNOWFLAKE_DEFAULT_CONNECTION_NAME: connectionName,
    SNOWFLAKE_CONNECTIONS: connectionsToml(account),
    SNOWFLAKE_JDBC_URL: jdbcUrl(account),
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: gatewayHost,
    SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION: 'true',
    SF_SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION: 'true',
    SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE: 'true',
  }
}

function jdbcUrl(account: string): string {
  const query = new URLSearchParams({ account, ssl: 'off', authenticator: 'oauth' })
  return `jdbc:snowflake://${gatewayHost}:${ports.gateway}/?${query.toString()}`
}

/** Hosts that no proxy may come before; Python, Node and curl send loopback to `HTTP_PROXY` else. */
export const unproxied: readonly string[] = [gatewayHost, 'localhost']

/** Programs read either; curl only the second. */
export const proxyExceptions: readonly string[] = ['NO_PROXY', 'no_proxy']

const credential =
  /^(?:SNOWFLAKE|SNOWSQL|SF|DBT_ENV_SECRET|DBT_SNOWFLAKE|DBT_ENV_SECRET_SNOWFLAKE)_(?:.*_)?(?:PASSWORD|PASSWD|PWD|PASSCODE|TOKEN|PAT|PRIVATE_KEY(?:_[A-Z0-9_]+)?|PASSPHRASE|SECRET)$/
const otherCredentials = /^(?:AIRFLOW_CONN_SNOWFLAKE\w*|PRIVATE_KEY_PASSPHRASE)$/

/** Whether a variable of this name is read as a Snowflake credential. */
export function isCredential(name: string): boolean {
  const upper = name.toUpperCase()
  return credential.test(upper) || otherCredentials.test(upper)
}
