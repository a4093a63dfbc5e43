/** Snowflake's answer to a statement, read field by field. What is not named here does not exist. */

import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'
import type { ResultFormat } from './parameters.ts'
import type { UpstreamEnvelope } from './transport.ts'

export type UpstreamAnswer = UpstreamResult | UpstreamFailure

export interface UpstreamFailure {
  readonly ok: false
  readonly code: string
  readonly sqlState: string
  readonly message: string
  readonly queryId: string | null
}

export interface UpstreamResult {
  readonly ok: true
  readonly queryId: string
  readonly columns: readonly UpstreamColumn[]
  /** Of the inline rows and of all chunks. */
  readonly format: ResultFormat
  /** The inline rows; none where they are in Arrow. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** The inline rows in Arrow; null where they are in JSON. Nothing of the stream is checked here. */
  readonly arrow: InlineArrow | null
  readonly chunks: readonly UpstreamChunk[]
  /** Headers that each chunk request must carry. */
  readonly chunkHeaders: Readonly<Record<string, string>>
  readonly total: number
  readonly statementTypeId: number
  readonly version: number
  readonly context: {
    readonly database: string | null
    readonly schema: string | null
    readonly warehouse: string | null
    readonly role: string | null
  }
  readonly numberOfBinds: number
  readonly arrayBindSupported: boolean
  readonly stats: Readonly<Record<string, number>> | null
  /** Session parameters as they now stand; the list may be partial. */
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
}

export interface InlineArrow {
  readonly base64: string
  /** Decoded; empty where there are no inline rows. */
  readonly stream: Buffer
}

export interface UpstreamColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly length: number | null
  readonly byteLength: number | null
  readonly precision: number | null
  readonly scale: number | null
  readonly extTypeName: string | null
}

export interface UpstreamChunk {
  readonly url: string
  readonly rowCount: number
  readonly uncompressedSize: number
  readonly compressedSize: number
}

/** Any of these makes a driver move files: Python acts on the answer's `command`, not on the SQL. */
const fileTransferFields = [
  'command',
  'stageInfo',
  'uploadInfo',
  'src_locations',
  'localLocation',
  'encryptionMaterial',
  'presignedUrls',
]

/** Column types whose JSON cells are text that no driver acts on. Others are refused by name. */
const columnTypes = new Set([
  'fixed', 'real', 'decfloat', 'text', 'boolean', 'binary', 'date', 'time',
  'timestamp_ntz', 'timestamp_ltz', 'timestamp_tz',
  'variant', 'object', 'array', 'map', 'vector', 'geography', 'geometry',
  'interval_year_month', 'interval_day_time',
]) // prettier-ignore

/**
 * `asked` is the format that results were asked for in: Arrow that was not asked for is refused, for
 * its client could not read it; JSON always comes for some statements. Errors: UpstreamAnswerRefused.
 */
export function parseAnswer(
  { success, code, message, data }: UpstreamEnvelope,
  asked: ResultFormat = 'json',
): UpstreamAnswer {
  const transfer = fileTransferFields.find(
    (field) => data[field] !== undefined && data[field] !== null,
  )
  if (transfer !== undefined) throw refused(`it asks the driver to move files (field ${transfer})`)
  if (!success) {
    return {
      ok: false,
      code: code === '' ? '000603' : code,
      sqlState: /^[0-9A-Z]{5}$/.exec(textOf(data['sqlState']) ?? '')?.[0] ?? 'XX000',
      message,
      queryId: textOf(data['queryId']) ?? null,
    }
  }
  const columns = listOf(data['rowtype'], 'rowtype').map(columnOf)
  const arrow = arrowOf(data, asked)
  const rows =
    data['rowset'] === undefined || data['rowset'] === null
      ? []
      : rowsOf(data['rowset'], columns.length)
  if (arrow !== null && rows.length > 0)
    throw refused('it has its rows twice, in JSON and in Arrow')
  const total = countOf(data['total'])
  if (arrow !== null && total === null) throw refused('it does not say how many rows it has')
  return {
    ok: true,
    queryId: textOf(data['queryId']) ?? '',
    columns,
    format: arrow === null ? 'json' : 'arrow',
    rows,
    arrow,
    chunks: Array.isArray(data['chunks']) ? data['chunks'].map(chunkOf) : [],
    chunkHeaders: chunkHeadersOf(data),
    total: total ?? rows.length,
    statementTypeId: countOf(data['statementTypeId']) ?? 0,
    version: countOf(data['version']) ?? 1,
    context: {
      database: nameOf(data['finalDatabaseName']),
      schema: nameOf(data['finalSchemaName']),
      warehouse: nameOf(data['finalWarehouseName']),
      role: nameOf(data['finalRoleName']),
    },
    numberOfBinds: countOf(data['numberOfBinds']) ?? 0,
    arrayBindSupported: data['arrayBindSupported'] === true,
    stats: statsOf(data['stats']),
    parameters: Array.isArray(data['parameters'])
      ? data['parameters']
          .filter(isObject)
          .flatMap(({ name, value }) => (typeof name === 'string' ? [{ name, value }] : []))
      : [],
  }
}

/** Null for what is too long to be the name of an object (255 characters): then it is none. */
export function nameOf(value: unknown): string | null {
  const name = textOf(value)
  return name === undefined || name.length > 255 ? null : name
}

function refused(reason: string): FrostgateError {
  return FrostgateError.of('UpstreamAnswerRefused', { reason })
}

/** Null for JSON, which an answer that says nothing is in. */
function arrowOf(data: JsonObject, asked: ResultFormat): InlineArrow | null {
  const base64 = data['rowsetBase64'] ?? ''
  const format = data['queryResultFormat'] ?? (base64 === '' ? 'json' : 'arrow')
  if (format !== 'json' && format !== 'arrow') throw refused('it is in a format that is not known')
  if (typeof base64 !== 'string' || (format === 'json' && base64 !== ''))
    throw refused('its rows are not in the format that it says')
  if (format === 'json') return null
  if (asked !== 'arrow') throw refused('it is in Arrow format, which was not asked for')
  const stream = Buffer.from(base64, 'base64')
  // What is not exactly Base64 could be read in two ways.
  if (stream.toString('base64') !== base64) throw refused('its rows are not in Base64')
  return { base64, stream }
}

function columnOf(value: unknown): UpstreamColumn {
  if (!isObject(value) || typeof value['name'] !== 'string' || typeof value['type'] !== 'string') {
    throw refused('a column has no name or type')
  }
  const type = value['type'].toLowerCase()
  if (!columnTypes.has(type))
    throw refused(`it has a column of type ${type.slice(0, 40)}, which this version does not know`)
  return {
    name: value['name'],
    type,
    nullable: value['nullable'] !== false,
    length: countOf(value['length']),
    byteLength: countOf(value['byteLength']),
    precision: countOf(value['precision']),
    scale: countOf(value['scale']),
    extTypeName: textOf(value['extTypeName']) ?? null,
  }
}

function rowsOf(value: unknown, width: number): readonly (readonly (string | null)[])[] {
  const rows = listOf(value, 'rowset')
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== width)
      throw refused('a row has not as many cells as there are columns')
    for (const cell of row as unknown[]) {
      if (cell !== null && typeof cell !== 'string')
        throw refused('a cell is neither text nor null')
    }
  }
  return rows as readonly (readonly (string | null)[])[]
}

function chunkOf(value: unknown): UpstreamChunk {
  const chunk = isObject(value) ? value : {}
  const url = textOf(chunk['url'])
  const rowCount = countOf(chunk['rowCount'])
  if (url === undefined || rowCount === null) throw refused('a chunk has no address or row count')
  return {
    url,
    rowCount,
    uncompressedSize: countOf(chunk['uncompressedSize']) ?? 0,
    compressedSize: countOf(chunk['compressedSize']) ?? 0,
  }
}

function chunkHeadersOf(data: JsonObject): Readonly<Record<string, string>> {
  const headers = data['chunkHeaders']
  if (isObject(headers)) {
    return Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => {
        if (typeof value !== 'string') return []
        if (!isChunkHeader(name, value)) throw refused('a header for its chunks is none')
        return [[name, value]]
      }),
    )
  }
  const key = textOf(data['qrmk'])
  // S3 server-side encryption with a customer key, as drivers derive it from qrmk.
  return key === undefined
    ? {}
    : {
        'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        'x-amz-server-side-encryption-customer-key': key,
      }
}

/** Headers that say how a request travels, or from whom, are the gateway's own to say. */
const ownHeaders =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|host|content-length|expect|cookie|range|accept-encoding|proxy-.*)$/i

/** RFC 9110 §5.1 and §5.5: a token, and visible characters, blanks and tabs. */
function isChunkHeader(name: string, value: string): boolean {
  return (
    /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) &&
    !ownHeaders.test(name) &&
    /^[\t\x20-\x7e]{0,4096}$/.test(value)
  )
}

function statsOf(value: unknown): Readonly<Record<string, number>> | null {
  if (!isObject(value)) return null
  const names = ['numRowsInserted', 'numRowsUpdated', 'numRowsDeleted', 'numDmlDuplicates']
  return Object.fromEntries(
    names.flatMap((name) => {
      const count = countOf(value[name])
      return count === null ? [] : [[name, count]]
    }),
  )
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refused(`it has no ${field}`)
  return value
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
