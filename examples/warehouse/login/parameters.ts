export type ParameterValue = string | number | boolean

/** Session parameters with the server's defaults, in their native JSON types. */
export const defaultParameters: Readonly<Record<string, ParameterValue>> = {
  AUTOCOMMIT: true,
  BINARY_OUTPUT_FORMAT: 'HEX',
  CLIENT_MEMORY_LIMIT: 1536,
  CLIENT_PREFETCH_THREADS: 4,
  CLIENT_RESULT_CHUNK_SIZE: 160,
  CLIENT_SESSION_KEEP_ALIVE: false,
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 65280,
  CLIENT_TELEMETRY_ENABLED: true,
  CLIENT_TELEMETRY_SESSIONLESS_ENABLED: true,
  CLIENT_TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  JDBC_ENABLE_PUT_GET: true,
  QUERY_CONTEXT_CACHE_SIZE: 5,
  QUERY_TAG: '',
  QUOTED_IDENTIFIERS_IGNORE_CASE: false,
  SERVICE_NAME: '',
  STATEMENT_TIMEOUT_IN_SECONDS: 172800,
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  TIMEZONE: 'America/Los_Angeles',
  VARCHAR_AND_BINARY_MAX_SIZE_IN_RESULT: 16777216,
}

/** Gives a value the type of the parameter's default: drivers send `"false"` and `"4"`. */
export function coerceParameter(name: string, value: ParameterValue): ParameterValue {
  const usual = defaultParameters[name]
  if (typeof usual === 'boolean') return String(value).toLowerCase() === 'true'
  if (typeof usual === 'number') return Number(value)
  return value
}

/** The `{name, value}` array that login and query answers carry. */
export function parameterList(
  values: ReadonlyMap<string, ParameterValue>,
): readonly { readonly name: string; readonly value: ParameterValue }[] {
  return [...values].map(([name, value]) => ({ name, value }))
}
