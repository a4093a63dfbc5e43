import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowedParameters } from '../../../sidecar/policy/login-parameters.ts'
import { settableParameters } from '../../../sidecar/policy/session-parameters.ts'

const limited = { statementTimeoutSeconds: 300, parameters: {} }
const unlimited = { statementTimeoutSeconds: undefined, parameters: {} }

test('parameters come back under their own names and in their own types', () => {
  const input = {
    autocommit: 'false',
    CLIENT_SESSION_KEEP_ALIVE: true,
    TIMEZONE: 'America/Los_Angeles',
    WEEK_START: '1',
    JSON_INDENT: 2,
    TIMESTAMP_TYPE_MAPPING: 'timestamp_ltz',
    JDBC_QUERY_RESULT_FORMAT: 'json',
  }
  expect(allowedParameters(input, unlimited)).toEqual({
    AUTOCOMMIT: false,
    CLIENT_SESSION_KEEP_ALIVE: true,
    TIMEZONE: 'America/Los_Angeles',
    WEEK_START: 1,
    JSON_INDENT: 2,
    TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
    // Every driver reads it; the other formats are the gateway's to choose.
    JDBC_QUERY_RESULT_FORMAT: 'JSON',
  })
})

test.each<[string, unknown]>([
  ['QUOTED_IDENTIFIERS_IGNORE_CASE', true],
  ['PYTHON_CONNECTOR_QUERY_RESULT_FORMAT', 'ARROW'],
  ['JDBC_QUERY_RESULT_FORMAT', 'ARROW_FORCE'],
  ['MULTI_STATEMENT_COUNT', 0],
  ['SEARCH_PATH', 'X'],
  ['QUERY_TAG', 'x'],
  ['CLIENT_RUNTIME_NAME', 'python'],
  ['REQUESTID', 'x'],
  ['ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR', true],
  ['_SNOWFLAKE.INTERNAL.CONNECTIONIDENTIFIERSHAPE', {}],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['TIMEZONE', { toString: 'UTC' }],
  ['TIMEZONE', 'x'.repeat(129)],
  ['AUTOCOMMIT', 1],
  ['WEEK_START', 1.5],
  ['WEEK_START', '-1'],
  ['STATEMENT_TIMEOUT_IN_SECONDS', 301],
  ['STATEMENT_TIMEOUT_IN_SECONDS', 0],
])('%s = %j is dropped', (name, value) => {
  const input = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`) as unknown
  expect(allowedParameters(input, limited)).toEqual({})
})

test('a statement timeout is taken up to the granted one', () => {
  const input = { STATEMENT_TIMEOUT_IN_SECONDS: '300' }
  expect(allowedParameters(input, limited)).toEqual({ STATEMENT_TIMEOUT_IN_SECONDS: 300 })
  expect(allowedParameters({ STATEMENT_TIMEOUT_IN_SECONDS: 0 }, unlimited)).toEqual({
    STATEMENT_TIMEOUT_IN_SECONDS: 0,
  })
})

test('whatever a client sends, only listed names and plain values come out', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom(...settableParameters))
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.dictionary(name, fc.jsonValue())), (input) => {
      for (const [key, value] of Object.entries(allowedParameters(input, limited))) {
        expect(settableParameters).toContain(key)
        expect(['string', 'number', 'boolean']).toContain(typeof value)
      }
    }),
  )
})

test('a parameter that policy fixes is dropped, in whatever case it comes', () => {
  const fixed = { ...unlimited, parameters: { TIMEZONE: 'UTC' } }
  expect(allowedParameters({ timezone: 'Asia/Tokyo', WEEK_START: 1 }, fixed)).toEqual({
    WEEK_START: 1,
  })
})
