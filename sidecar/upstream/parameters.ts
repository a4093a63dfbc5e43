/** Session parameters that the gateway decides, whatever the client asks. */

export type ResultFormat = 'json' | 'arrow'

type ParameterValue = string | number | boolean

/** Drivers whose results may come in Arrow. */
const formatClients = ['PYTHON_CONNECTOR', 'JDBC', 'GO', 'ODBC', 'C_API', 'DOTNET']

/** For statements of the gateway's own in a client's session: it reads JSON only. */
export const inJson = formats('json')

function formats(format: ResultFormat): Record<string, ParameterValue> {
  const value = format.toUpperCase()
  return Object.fromEntries(formatClients.map((client) => [`${client}_QUERY_RESULT_FORMAT`, value]))
}

/** The client's allow-listed parameters, of which JSON is the only format, then ours over them. */
export function sessionParameters(login: {
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly queryTag: string
  readonly resultFormat: ResultFormat
}): Record<string, ParameterValue> {
  return {
    ...formats(login.resultFormat),
    ...login.parameters,
    // With TRUE, "ssn" and SSN would be one name, and ours and Snowflake's reading would differ.
    QUOTED_IDENTIFIERS_IGNORE_CASE: false,
    MULTI_STATEMENT_COUNT: 1,
    QUERY_TAG: login.queryTag,
    CLIENT_TELEMETRY_ENABLED: false,
  }
}
