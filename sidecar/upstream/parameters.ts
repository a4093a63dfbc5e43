/** Session parameters that the gateway decides, whatever the client asks. */

type ParameterValue = string | number | boolean

/** Drivers that would otherwise be answered in Arrow; the gateway rebuilds JSON row sets. */
const formatClients = ['PYTHON_CONNECTOR', 'JDBC', 'GO', 'ODBC', 'C_API', 'DOTNET']

/** The client's allow-listed parameters, then ours over them. */
export function sessionParameters(login: {
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly queryTag: string
}): Record<string, ParameterValue> {
  return {
    ...login.parameters,
    ...Object.fromEntries(formatClients.map((client) => [`${client}_QUERY_RESULT_FORMAT`, 'JSON'])),
    // With TRUE, "ssn" and SSN would be one name, and ours and Snowflake's reading would differ.
    QUOTED_IDENTIFIERS_IGNORE_CASE: false,
    MULTI_STATEMENT_COUNT: 1,
    QUERY_TAG: login.queryTag,
    CLIENT_TELEMETRY_ENABLED: false,
  }
}
