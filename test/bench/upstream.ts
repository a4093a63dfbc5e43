/**
 * A Snowflake that costs nothing: fixed answers, so that what is measured is the hop before it.
 * Run as a process of its own; prints its address.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Column {
  readonly name: string
  readonly type: string
}

const text = (name: string): Column => ({ name, type: 'text' })

/** What the gateway asks of its own, by a word of the question; everything else is the statement. */
const answers: readonly (readonly [
  RegExp,
  readonly Column[],
  readonly (readonly (string | null)[])[],
  number,
])[] = [
  [/SECONDARY ROLES/, [text('status')], [['Statement executed successfully.']], 0x4000],
  [/CURRENT_SECONDARY_ROLES/, [text('roles')], [['{"roles":"","value":""}']], 0x1000],
  // Asked again before each masked result is released.
  [
    /SELECT TABLE_NAME, .*LAST_DDL/,
    [text('TABLE_NAME'), text('LAST_DDL')],
    [['PATIENTS', '1']],
    0x1000,
  ],
  [
    /INFORMATION_SCHEMA\.TABLES/,
    [text('TABLE_TYPE'), text('IS_DYNAMIC'), text('LAST_DDL')],
    [['BASE TABLE', 'NO', '1']],
    0x1000,
  ],
  [
    /INFORMATION_SCHEMA\.COLUMNS/,
    [
      'COLUMN_NAME',
      'DATA_TYPE',
      'CHARACTER_MAXIMUM_LENGTH',
      'NUMERIC_PRECISION',
      'NUMERIC_SCALE',
      'IS_NULLABLE',
    ].map(text),
    [
      ['ID', 'NUMBER', null, '38', '0', 'NO'],
      ['NAME', 'TEXT', '100', null, null, 'YES'],
      ['SSN', 'TEXT', '11', null, null, 'YES'],
      ['CITY', 'TEXT', '100', null, null, 'YES'],
    ],
    0x1000,
  ],
]

const patients = {
  columns: [{ name: 'ID', type: 'fixed' }, text('SSN')],
  rows: [['7', '*******3456']],
}
const one = { columns: [{ name: '1', type: 'fixed' }], rows: [['1']] }

function answerTo(sql: string) {
  const known = answers.find(([pattern]) => pattern.test(sql))
  const statement = /patients/i.test(sql) ? patients : one
  const [, columns, rows, type] = known ?? [undefined, statement.columns, statement.rows, 0x1000]
  return {
    rowtype: columns.map((column) => ({
      ...column, database: '', schema: '', table: '', nullable: true, length: 100, byteLength: 400, precision: 38, scale: 0, collation: null,
    })), // prettier-ignore
    rowset: rows,
    total: rows.length,
    returned: rows.length,
    queryId: '01ab2345-6789-4abc-8def-0123456789ab',
    statementTypeId: type,
    version: 1,
    queryResultFormat: 'json',
    finalRoleName: 'AGENT_READER',
    finalWarehouseName: 'AGENT_WH',
    finalDatabaseName: null,
    finalSchemaName: null,
    parameters: [],
  }
}

const login = {
  token: 'upstream-session-token', masterToken: 'upstream-master-token', sessionId: 1, serverVersion: '9.0.0', parameters: [],
  sessionInfo: { databaseName: null, schemaName: null, warehouseName: 'AGENT_WH', roleName: 'AGENT_READER' },
} // prettier-ignore

const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const path = request.url ?? ''
    const body = JSON.parse(Buffer.concat(pieces).toString() || '{}') as { sqlText?: string }
    const data = path.startsWith('/session/v1/login')
      ? login
      : path.startsWith('/queries/v1/')
        ? answerTo(body.sqlText ?? '')
        : null
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ data, code: null, message: null, success: true }))
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
