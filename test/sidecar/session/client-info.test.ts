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

  // It reads all chunks by the schema of the first, and widths differ from chunk to chunk.
  test.each(['PythonConnector', 'SnowflakeSQLAlchemy', 'JDBC', 'Go'])(
    'in JSON for %s on the common core',
    (name) => {
      const core = { CLIENT_CAPABILITIES: { SMK_ID_AS_STRING: true } }
      const asked = asking({ PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'ARROW' })
      expect(format(name, { ...core, ...asked })).toBe('json')
    },
  )

  test('as a driver asks by its own parameter, and no other', () => {
    for (const value of ['JSON', 'json'])
      expect(format('JDBC', asking({ jdbc_query_result_format: value }))).toBe('json')
    expect(format('JDBC', asking({ JDBC_QUERY_RESULT_FORMAT: 'ARROW_FORCE' }))).toBe('arrow')
    expect(format('JDBC', asking({ GO_QUERY_RESULT_FORMAT: 'JSON' }))).toBe('arrow')
    expect(format('PythonConnector', { SESSION_PARAMETERS: 'JSON' })).toBe('arrow')
  })
})
