import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../../../sidecar/json.ts'
import { clientOf } from '../../../sidecar/session/client-info.ts'

const format = (name: string, data: JsonObject = {}): string =>
  clientOf({ CLIENT_APP_ID: name, CLIENT_APP_VERSION: '4.8.1', ...data }).resultFormat

const asking = (parameters: JsonObject): JsonObject => ({ SESSION_PARAMETERS: parameters })

describe('results are asked for', () => {
  test.each(['PythonConnector', 'PythonSnowpark', 'SnowflakeSQLAlchemy', 'JDBC', 'Go'])(
    'in Arrow for %s',
    (name) => {
      expect(format(name)).toBe('arrow')
      expect(format(name, asking({ TIMEZONE: 'UTC' }))).toBe('arrow')
      expect(format(name, { CLIENT_CAPABILITIES: null })).toBe('arrow')
    },
  )

  test.each(['JavaScript', 'ODBC', 'C API', '.NET', 'PHP_PDO', 'SnowSQL', '', 'pythonconnector'])(
    'in JSON for %j, even if it asks for Arrow',
    (name) => {
      expect(format(name)).toBe('json')
      const all = Object.fromEntries(
        ['PYTHON_CONNECTOR', 'JDBC', 'GO', 'ODBC', 'C_API', 'DOTNET', 'JAVASCRIPT'].map(
          (client) => [`${client}_QUERY_RESULT_FORMAT`, 'ARROW'],
        ),
      )
      expect(format(name, asking(all))).toBe('json')
    },
  )

  // It reads all streams of a result by the schema of the first.
  test.each([
    ['PythonConnector', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'],
    ['SnowflakeSQLAlchemy', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT'],
    ['JDBC', 'JDBC_QUERY_RESULT_FORMAT'],
    ['ODBC', undefined],
  ])('in one layout for %s on the common core, unless in JSON', (name, own) => {
    const core = { CLIENT_APP_ID: name, CLIENT_CAPABILITIES: { SMK_ID_AS_STRING: true } }
    const arrow = own === undefined ? 'json' : 'arrow'
    expect(clientOf(core)).toMatchObject({ resultFormat: arrow, oneLayout: own })
    expect(clientOf({ ...core, CLIENT_CAPABILITIES: null }).oneLayout).toBeUndefined()
    const asked = asking({ [own ?? 'ODBC_QUERY_RESULT_FORMAT']: 'JSON' })
    expect(clientOf({ ...core, ...asked })).toMatchObject({ resultFormat: 'json' })
  })

  test('as a driver asks by its own parameter, and no other', () => {
    for (const value of ['JSON', 'json'])
      expect(format('JDBC', asking({ jdbc_query_result_format: value }))).toBe('json')
    expect(format('JDBC', asking({ JDBC_QUERY_RESULT_FORMAT: 'ARROW_FORCE' }))).toBe('arrow')
    expect(format('JDBC', asking({ GO_QUERY_RESULT_FORMAT: 'JSON' }))).toBe('arrow')
    expect(format('PythonConnector', { SESSION_PARAMETERS: 'JSON' })).toBe('arrow')
  })
})
