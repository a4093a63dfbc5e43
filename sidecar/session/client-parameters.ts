/** Session parameters as the client is told them, on login and with every answer. */

interface Parameter {
  readonly name: string
  readonly value: unknown
}

/** Parameters of display, which drivers act on: taken over from Snowflake as they stand. */
const relayed = new Set([
  'TIMEZONE', 'DATE_OUTPUT_FORMAT', 'TIME_OUTPUT_FORMAT', 'TIMESTAMP_OUTPUT_FORMAT',
  'TIMESTAMP_NTZ_OUTPUT_FORMAT', 'TIMESTAMP_LTZ_OUTPUT_FORMAT', 'TIMESTAMP_TZ_OUTPUT_FORMAT',
  'BINARY_OUTPUT_FORMAT', 'TIMESTAMP_TYPE_MAPPING', 'CLIENT_TIMESTAMP_TYPE_MAPPING', 'AUTOCOMMIT',
  'CLIENT_RESULT_CHUNK_SIZE', 'CLIENT_MEMORY_LIMIT', 'CLIENT_PREFETCH_THREADS',
  'CLIENT_RESULT_COLUMN_CASE_INSENSITIVE', 'CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX',
  'VARCHAR_AND_BINARY_MAX_SIZE_IN_RESULT', 'VARIANT_MAX_SIZE_IN_RESULT',
  'JDBC_TREAT_DECIMAL_AS_INT', 'JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC', 'JDBC_FORMAT_DATE_WITH_TIMEZONE',
]) // prettier-ignore

/** Without these a driver fails: JDBC on a missing AUTOCOMMIT, .NET on CLIENT_PREFETCH_THREADS, … */
const required: Readonly<Record<string, unknown>> = {
  AUTOCOMMIT: true,
  TIMEZONE: 'America/Los_Angeles',
  CLIENT_RESULT_CHUNK_SIZE: 160,
  CLIENT_MEMORY_LIMIT: 1536,
  CLIENT_PREFETCH_THREADS: 4,
}

const overridden: Readonly<Record<string, unknown>> = {
  // A huge number, not 0, which Node and ODBC read as "always": binds never go to a stage.
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 2_147_483_647,
  CLIENT_TELEMETRY_ENABLED: false,
  CLIENT_TELEMETRY_SESSIONLESS_ENABLED: false,
  CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED: false,
  CLIENT_STORE_TEMPORARY_CREDENTIAL: false,
  CLIENT_REQUEST_MFA_TOKEN: false,
  JDBC_ENABLE_PUT_GET: false,
  PYTHON_SNOWPARK_USE_AST: false,
  QUERY_CONTEXT_CACHE_SIZE: 0,
  SERVICE_NAME: '',
}

/** The full list, for a login. `keepAlive` as the client asked: drivers follow the server's value. */
export function loginParameters(
  upstream: readonly Parameter[],
  keepAlive: boolean,
): readonly Parameter[] {
  return toList({
    ...required,
    ...pick(upstream),
    ...overridden,
    CLIENT_SESSION_KEEP_ALIVE: keepAlive,
    CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3_600,
  })
}

/** What changed with a statement. JDBC needs the chunk size beside chunks. */
export function answerParameters(upstream: readonly Parameter[]): readonly Parameter[] {
  return toList({
    ...pick(upstream),
    ...overridden,
    CLIENT_RESULT_CHUNK_SIZE: required['CLIENT_RESULT_CHUNK_SIZE'],
  })
}

function pick(parameters: readonly Parameter[]): Record<string, unknown> {
  const scalars = parameters.filter(
    ({ name, value }) =>
      relayed.has(name) && ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(scalars.map(({ name, value }) => [name, value]))
}

function toList(parameters: Readonly<Record<string, unknown>>): readonly Parameter[] {
  return Object.entries(parameters).map(([name, value]) => ({ name, value }))
}
