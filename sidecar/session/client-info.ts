/** Which driver logs in, and what it can read. */

import { isObject, textOf, type JsonObject } from '../json.ts'
import type { ResultFormat } from '../upstream/parameters.ts'

export interface ClientInfo {
  readonly name: string
  readonly version: string
  /** The driver asked the server to keep its session alive. */
  readonly keepAlive: boolean
  /** In which its results are asked for; Snowflake still answers some in JSON. */
  readonly resultFormat: ResultFormat
  /**
   * Of a driver that reads all Arrow streams of a result by the schema of the first, unchecked: the
   * parameter by which it asks for JSON.
   */
  readonly oneLayout?: string | undefined
}

/** Snowflake picks defaults by driver, so it is told the agent's; anything odd is told as ours. */
export function clientOf(data: JsonObject): ClientInfo {
  const name = textOf(data['CLIENT_APP_ID']) ?? ''
  const version = textOf(data['CLIENT_APP_VERSION']) ?? ''
  const parameters = isObject(data['SESSION_PARAMETERS']) ? data['SESSION_PARAMETERS'] : {}
  return {
    name: /^[\w .-]{1,40}$/.test(name) ? name : 'Frostgate',
    version: /^[\w.+-]{1,40}$/.test(version) ? version : '0.0.0',
    keepAlive: String(parameters['CLIENT_SESSION_KEEP_ALIVE']).toLowerCase() === 'true',
    resultFormat: formatOf(name, parameters),
    oneLayout: isOnCore(data) ? arrowReaders.get(name) : undefined,
  }
}

/**
 * Drivers whose reading of Arrow is measured, and the parameter by which each asks for JSON. Under
 * the names of its tools too, the Python connector reads pandas from Arrow only. JavaScript reads
 * no Arrow at all; of ODBC, the C API and .NET, which read both, it is not measured.
 */
const arrowReaders: ReadonlyMap<string, string> = new Map([
  ['PythonConnector', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'],
  ['PythonSnowpark', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'],
  ['SnowflakeSQLAlchemy', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'],
  ['JDBC', 'JDBC_QUERY_RESULT_FORMAT'],
  ['Go', 'GO_QUERY_RESULT_FORMAT'],
])

/** CLIENT_CAPABILITIES is the sign of a driver on the new common core, whatever its name. */
function isOnCore({ CLIENT_CAPABILITIES: sign }: JsonObject): boolean {
  return sign !== undefined && sign !== null
}

function formatOf(name: string, parameters: JsonObject): ResultFormat {
  const own = arrowReaders.get(name)
  if (own === undefined) return 'json'
  const asked = Object.entries(parameters).find(([known]) => known.toUpperCase() === own)
  return String(asked?.[1]).toUpperCase() === 'JSON' ? 'json' : 'arrow'
}
