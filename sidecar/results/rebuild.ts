/** The client's answer, built anew from what was parsed: nothing of Snowflake's bytes passes by itself. */

import type { UpstreamColumn, UpstreamResult } from '../upstream/answer.ts'
import type { JsonObject } from '../json.ts'

/** A chunk as the client sees it: same rows, another address. */
export interface ClientChunk {
  readonly url: string
  readonly rowCount: number
  readonly uncompressedSize: number
  readonly compressedSize: number
}

export interface ClientAnswer {
  readonly queryId: string
  readonly result: UpstreamResult
  readonly chunks: readonly ClientChunk[]
  readonly chunkHeaders: Readonly<Record<string, string>>
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
}

/**
 * `data` of a success envelope. Every field is always there, because each is one that some driver
 * fails without: `returned` hangs Node, a missing `queryResultFormat` gives Python 5 no rows.
 */
export function rebuildAnswer(answer: ClientAnswer): JsonObject {
  const { result } = answer
  return {
    parameters: answer.parameters,
    rowtype: result.columns.map(columnDescription),
    ...(result.arrow === null
      ? { queryResultFormat: 'json', rowset: result.rows }
      : { queryResultFormat: 'arrow', rowsetBase64: result.arrow.base64 }),
    total: result.total,
    returned: result.total,
    queryId: answer.queryId,
    databaseProvider: null,
    finalDatabaseName: result.context.database,
    finalSchemaName: result.context.schema,
    finalWarehouseName: result.context.warehouse,
    finalRoleName: result.context.role,
    numberOfBinds: result.numberOfBinds,
    arrayBindSupported: result.arrayBindSupported,
    statementTypeId: result.statementTypeId,
    version: result.version,
    sendResultTime: Date.now(),
    ...(result.stats === null ? {} : { stats: result.stats }),
    ...(answer.chunks.length === 0
      ? {}
      : { chunks: answer.chunks, chunkHeaders: answer.chunkHeaders }),
  }
}

/** Origin names stay blank: behind a view they would name tables that the client cannot see. */
function columnDescription(column: UpstreamColumn): JsonObject {
  return {
    name: column.name,
    database: '',
    schema: '',
    table: '',
    type: column.type,
    nullable: column.nullable,
    length: column.length,
    byteLength: column.byteLength,
    precision: column.precision,
    scale: column.scale,
    collation: null,
    ...(column.extTypeName === null ? {} : { extTypeName: column.extTypeName }),
  }
}

/** Bytes of the inline cells, about: what keeping the answer costs. */
export function inlineSize(result: UpstreamResult): number {
  let size = 2_000 + (result.arrow?.base64.length ?? 0)
  for (const row of result.rows) for (const cell of row) size += 3 + (cell?.length ?? 4)
  return size
}
