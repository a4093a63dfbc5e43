import { describe, expect, test } from 'vitest'

import { answerParameters, loginParameters } from '../../../sidecar/session/client-parameters.ts'

const byName = (parameters: readonly { name: string; value: unknown }[]) =>
  Object.fromEntries(parameters.map(({ name, value }) => [name, value]))

describe('what a client is told at login', () => {
  test('is complete where the upstream tells nothing, in the types that drivers take', () => {
    expect(byName(loginParameters([], false))).toEqual({
      AUTOCOMMIT: true,
      BINARY_OUTPUT_FORMAT: 'HEX',
      CLIENT_MEMORY_LIMIT: 1536,
      CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX: false,
      CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED: false,
      CLIENT_PREFETCH_THREADS: 4,
      CLIENT_REQUEST_MFA_TOKEN: false,
      CLIENT_RESULT_CHUNK_SIZE: 160,
      CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: false,
      CLIENT_SESSION_KEEP_ALIVE: false,
      CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
      CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 2147483647,
      CLIENT_STORE_TEMPORARY_CREDENTIAL: false,
      CLIENT_TELEMETRY_ENABLED: false,
      CLIENT_TELEMETRY_SESSIONLESS_ENABLED: false,
      CLIENT_TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
      DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
      ENABLE_STAGE_S3_PRIVATELINK_FOR_US_EAST_1: false,
      JDBC_ENABLE_COMBINED_DESCRIBE: false,
      JDBC_ENABLE_PUT_GET: false,
      PYTHON_SNOWPARK_USE_AST: false,
      PYTHON_SNOWPARK_USE_SCOPED_TEMP_OBJECTS: false,
      QUERY_CONTEXT_CACHE_SIZE: 0,
      SERVICE_NAME: '',
      TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
      TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
      TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
      TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
      TIMESTAMP_TZ_OUTPUT_FORMAT: '',
      TIMEZONE: 'America/Los_Angeles',
      TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
      VARCHAR_AND_BINARY_MAX_SIZE_IN_RESULT: 16777216,
      VARIANT_MAX_SIZE_IN_RESULT: 16777216,
    })
  })

  test('is kept alive as it asked', () => {
    expect(byName(loginParameters([], true))).toMatchObject({ CLIENT_SESSION_KEEP_ALIVE: true })
  })

  test.each([
    ['AUTOCOMMIT', 'FALSE', false],
    ['AUTOCOMMIT', false, false],
    ['AUTOCOMMIT', 'perhaps', true],
    ['CLIENT_PREFETCH_THREADS', '8', 8],
    ['CLIENT_PREFETCH_THREADS', { much: 1 }, 4],
    ['CLIENT_PREFETCH_THREADS', '8; DROP', 4],
    ['TIMEZONE', 'UTC', 'UTC'],
    ['TIMEZONE', ['UTC'], 'America/Los_Angeles'],
    ['TIMEZONE', null, 'America/Los_Angeles'],
    ['TIMEZONE', 'Etc/GMT+12', 'Etc/GMT+12'],
    ['TIMEZONE', 'ver:3-hint:1-x', 'America/Los_Angeles'],
    ['TIMEZONE', 'x'.repeat(65), 'America/Los_Angeles'],
    ['DATE_OUTPUT_FORMAT', 'Y'.repeat(256), 'YYYY-MM-DD'],
    ['CLIENT_TELEMETRY_ENABLED', true, false],
    ['CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', 0, 2147483647],
    ['JDBC_ENABLE_PUT_GET', true, false],
    ['SERVICE_NAME', 'somewhere', ''],
    ['CLIENT_SESSION_KEEP_ALIVE', true, false],
    ['JDBC_TREAT_DECIMAL_AS_INT', 'false', false],
    ['JDBC_TREAT_DECIMAL_AS_INT', 1, undefined],
    ['ANYTHING_ELSE', 'x', undefined],
    ['__proto__', 'x', undefined],
  ])('%s that the upstream says is %j: %j', (name, value, shown) => {
    const told = loginParameters([{ name, value }], false)
    expect(told.find((each) => each.name === name)?.value).toEqual(shown)
  })
})

test('with a statement, what it changed, and never what is forced', () => {
  const told = answerParameters([
    { name: 'TIMEZONE', value: 'Asia/Tokyo' },
    { name: 'CLIENT_TELEMETRY_ENABLED', value: true },
    { name: 'OTHER', value: 'x' },
  ])
  expect(byName(told)).toMatchObject({ TIMEZONE: 'Asia/Tokyo', CLIENT_TELEMETRY_ENABLED: false })
  expect(byName(told)).not.toHaveProperty('OTHER')
  expect(byName(told)).not.toHaveProperty('AUTOCOMMIT')
})
