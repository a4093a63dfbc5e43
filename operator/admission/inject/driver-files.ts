/** Files of `SNOWFLAKE_HOME`, which every current driver reads. */

import { ports } from '../injection.ts'
import { agentTokenPath } from '../names.ts'

/** What `connection_name=` may name; also the default connection. */
export const connectionName = 'frostgate'

export const gatewayHost = '127.0.0.1'

/** connections.toml: one connection a table. Numbers stay numbers: Go takes no string for a port. */
export function connectionsToml(account: string): string {
  return [
    `[${connectionName}]`,
    `host = "${gatewayHost}"`,
    `port = ${ports.gateway}`,
    'protocol = "http"',
    `account = ${JSON.stringify(account)}`,
    'authenticator = "oauth"',
    `token_file_path = "${agentTokenPath}"`,
    '',
  ].join('\n')
}

/** Snow CLI makes this file where it is missing, and its folder of logs: the folder is read-only. */
export const configToml = '[cli.logs]\nsave_logs = false\n'
