import type { Session } from '../login/sessions.ts'

export type ResultFormat = 'json' | 'arrow'

/** The parameter prefix of each client that can read Arrow, by CLIENT_APP_ID. All others get JSON. */
const arrowClients: Readonly<Record<string, string>> = {
  PythonConnector: 'PYTHON_CONNECTOR',
  PythonSnowpark: 'PYTHON_CONNECTOR',
  SnowflakeSQLAlchemy: 'PYTHON_CONNECTOR',
  JDBC: 'JDBC',
  Go: 'GO',
  ODBC: 'ODBC',
  'C API': 'C_API',
  '.NET': 'DOTNET',
}

/**
 * The format of a SELECT's result, as the real server chooses it: `<CLIENT>_QUERY_RESULT_FORMAT`
 * of the statement, else of the session, else Arrow for the clients that read it.
 */
export function resultFormat(
  { client, parameters }: Pick<Session, 'client' | 'parameters'>,
  statement: unknown,
): ResultFormat {
  const name = client.split('/')[0] ?? ''
  const prefix = Object.hasOwn(arrowClients, name) ? arrowClients[name] : undefined
  if (prefix === undefined) return 'json'
  const parameter = `${prefix}_QUERY_RESULT_FORMAT`
  const own = Object.entries((statement ?? {}) as Record<string, unknown>).find(
    ([key]) => key.toUpperCase() === parameter,
  )?.[1]
  const asked = own ?? parameters.get(parameter)
  return typeof asked === 'string' && asked.toUpperCase() === 'JSON' ? 'json' : 'arrow'
}
