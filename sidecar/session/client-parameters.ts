/** Session parameters as the client is told them, on login and with every answer. */

interface Parameter {
  readonly name: string
  readonly value: unknown
}

/**
 * Without these a driver fails, or shows values in another form than Snowflake's: JDBC on a missing
 * AUTOCOMMIT, .NET on CLIENT_PREFETCH_THREADS, ODBC on sizes, JDBC and ODBC on formats. Snowflake's
 * defaults, https://docs.snowflake.com/en/sql-reference/parameters, in the type that drivers take.
 */
const required: Readonly<Record<string, string | number | boolean>> = {
  AUTOCOMMIT: true,
  TIMEZONE: 'America/Los_Angeles',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
  CLIENT_TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
  BINARY_OUTPUT_FORMAT: 'HEX',
  CLIENT_RESULT_CHUNK_SIZE: 160,
  CLIENT_MEMORY_LIMIT: 1536,
  CLIENT_PREFETCH_THREADS: 4,
  CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: false,
  CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX: false,
  VARCHAR_AND_BINARY_MAX_SIZE_IN_RESULT: 16_777_216,
  VARIANT_MAX_SIZE_IN_RESULT: 16_777_216,
}

/** Taken over from Snowflake, which drivers act on, each in the type of the value here. */
const relayed: Readonly<Record<string, string | number | boolean>> = {
  ...required,
  JDBC_TREAT_DECIMAL_AS_INT: true,
  JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC: true,
  JDBC_FORMAT_DATE_WITH_TIMEZONE: true,
}

/** What a text may be: a zone as the time zone database names it; others are formats and modes. */
const zone = /^[\w/+-]{1,64}$/
const longestText = 255

function isSound(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return true
  return name === 'TIMEZONE' ? zone.test(value) : value.length <= longestText
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
  // A second statement in one request, which describes the first.
  JDBC_ENABLE_COMBINED_DESCRIBE: false,
  ENABLE_STAGE_S3_PRIVATELINK_FOR_US_EAST_1: false,
  PYTHON_SNOWPARK_USE_AST: false,
  // Else it makes SCOPED tables, which no page of Snowflake's explains, instead of temporary ones.
  PYTHON_SNOWPARK_USE_SCOPED_TEMP_OBJECTS: false,
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
  return Object.fromEntries(
    parameters.flatMap(({ name, value }) => {
      const typed = Object.hasOwn(relayed, name) ? inTypeOf(relayed[name], value) : undefined
      return typed === undefined || !isSound(name, typed) ? [] : [[name, typed]]
    }),
  )
}

/** JDBC casts, and .NET parses: a text where they take a number or a boolean ends the login. */
function inTypeOf(known: unknown, value: unknown): unknown {
  if (typeof value === typeof known) return value
  if (typeof value !== 'string') return undefined
  if (typeof known === 'boolean') return { true: true, false: false }[value.toLowerCase()]
  return typeof known === 'number' && /^\d{1,10}$/.test(value) ? Number(value) : undefined
}

function toList(parameters: Readonly<Record<string, unknown>>): readonly Parameter[] {
  return Object.entries(parameters).map(([name, value]) => ({ name, value }))
}
