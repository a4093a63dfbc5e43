/**
 * A Snowflake that costs nothing: fixed answers, so that what is measured is the hop before it.
 * Run as a process of its own; prints its address.
 */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

import { chunkCount, chunkOf, rowsPerChunk, storeServer, type Format } from './proxy/store.ts'

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
const cities = {
  columns: [{ name: 'ID', type: 'fixed' }, text('CITY')],
  rows: [['7', 'Springfield']],
}
const one = { columns: [{ name: '1', type: 'fixed' }], rows: [['1']] }

const large = [{ name: 'ID', type: 'fixed' }, text('SSN'), text('NAME')]

/** Of all rows with an id above 0: in chunks, at a store that is slow. */
function chunked(format: Format) {
  const { bytes, uncompressed } = chunkOf(format)
  const store = `http://127.0.0.1:${(chunkStore.address() as AddressInfo).port}`
  const size = { rowCount: rowsPerChunk, uncompressedSize: uncompressed, compressedSize: bytes.length } // prettier-ignore
  const { rowset, ...rest } = described(large, [], 0x1000)
  return {
    ...rest,
    ...(format === 'json' ? { rowset } : { rowsetBase64: '' }),
    queryResultFormat: format,
    total: chunkCount * rowsPerChunk,
    returned: chunkCount * rowsPerChunk,
    chunks: Array.from({ length: chunkCount }, (_, index) => ({
      ...size,
      url: `${store}/${format}/${index}`,
    })),
    chunkHeaders: {},
  }
}

function answerTo(sql: string) {
  const known = answers.find(([pattern]) => pattern.test(sql))
  const statement = /^SELECT id, city/i.test(sql) ? cities : /patients/i.test(sql) ? patients : one
  const [, columns, rows, type] = known ?? [undefined, statement.columns, statement.rows, 0x1000]
  return described(columns, rows, type)
}

function described(
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
  type: number,
) {
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
  masterToken: 'upstream-master-token', sessionId: 1, serverVersion: '9.0.0', parameters: [],
  sessionInfo: { databaseName: null, schemaName: null, warehouseName: 'AGENT_WH', roleName: 'AGENT_READER' },
} // prettier-ignore

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

interface LoginBody {
  readonly CLIENT_APP_ID?: string
  readonly SESSION_PARAMETERS?: Readonly<Record<string, unknown>>
}

/** As Snowflake: Arrow for the Python connector unless it asks for JSON. */
function formatFor({ CLIENT_APP_ID: client, SESSION_PARAMETERS: set = {} }: LoginBody): Format {
  const asked = set['PYTHON_CONNECTOR_QUERY_RESULT_FORMAT']
  return client === 'PythonConnector' && asked !== 'JSON' ? 'arrow' : 'json'
}

interface Counts {
  connections: number
  open: number
  requests: number
  active: number
}

function counted(server: Server): Counts {
  const counts = { connections: 0, open: 0, requests: 0, active: 0 }
  server.on('connection', (socket) => {
    counts.connections += 1
    counts.open += 1
    socket.once('close', () => (counts.open -= 1))
  })
  server.on('request', (_request, response) => {
    counts.requests += 1
    counts.active += 1
    response.once('close', () => (counts.active -= 1))
  })
  return counts
}

function dataFor(path: string, token: string, body: Readonly<Record<string, unknown>>): unknown {
  if (path.startsWith('/session/v1/login')) {
    const format = formatFor(body['data'] ?? {})
    return { ...login, token: `upstream-session-token-${format}` }
  }
  if (!path.startsWith('/queries/v1/query-request')) return null
  const sql = textOf(body['sqlText'])
  return /id > 0/i.test(sql) ? chunked(token.includes('-arrow') ? 'arrow' : 'json') : answerTo(sql)
}

const chunkStore = storeServer()
const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const path = request.url ?? ''
    const sent = Buffer.concat(pieces)
    const unpacked = sent[0] === 0x1f ? gunzipSync(sent) : sent
    const body = JSON.parse(unpacked.toString() || '{}') as Readonly<Record<string, unknown>>
    const reply = (answer: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    }
    if (path === '/bench/counts') {
      reply(counts)
      return
    }
    const data = dataFor(path, request.headers.authorization ?? '', body)
    const answer = { data, code: null, message: null, success: true }
    // One that takes its time: its client goes away before it ends.
    if (/id = 999/.test(textOf(body['sqlText']))) setTimeout(reply, 500, answer)
    else reply(answer)
  })
})
const counts = { control: counted(server), store: counted(chunkStore) }
server.keepAliveTimeout = 60_000
chunkStore.listen(0, '127.0.0.1', () => {
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
})
process.on('SIGTERM', () => process.exit(0))
