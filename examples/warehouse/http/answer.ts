import type { OutputColumn } from '../engine/output.ts'
import type { Session } from '../login/sessions.ts'
import { parameterList } from '../login/parameters.ts'
import type { Outcome } from '../statements/outcome.ts'
import type { ResultFormat } from '../arrow/result-format.ts'
import type { ChunkedRows } from './chunks.ts'
import { MAX_TEXT } from '../engine/types.ts'

/** One entry of `rowtype`. */
export function rowType(column: OutputColumn): Readonly<Record<string, unknown>> {
  const { type } = column
  const [database, schema, table] = column.origin ?? ['', '', '']
  const isText = type.kind === 'text'
  const length = type.kind === 'text' || type.kind === 'binary' ? type.length : null
  return {
    name: column.name,
    database,
    schema,
    table,
    nullable: column.nullable,
    type: type.kind,
    length,
    byteLength: length === null ? null : isText ? Math.min(length * 4, MAX_TEXT) : length,
    precision: type.kind === 'fixed' ? type.precision : type.kind.startsWith('time') ? 0 : null,
    scale: 'scale' in type ? type.scale : null,
    collation: null,
  }
}

/** The `data` of a finished statement. */
export function answerData(
  session: Session,
  queryId: string,
  outcome: Outcome,
  { inline, ...chunked }: ChunkedRows,
  format: ResultFormat,
): Readonly<Record<string, unknown>> {
  return {
    parameters: parameterList(session.parameters),
    rowtype: outcome.columns.map(rowType),
    ...inline,
    total: outcome.rows.length,
    returned: outcome.rows.length,
    queryId,
    databaseProvider: null,
    finalDatabaseName: session.database,
    finalSchemaName: session.schema,
    finalWarehouseName: session.warehouse,
    finalRoleName: session.role,
    numberOfBinds: 0,
    arrayBindSupported: false,
    statementTypeId: outcome.statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: format,
    ...(outcome.stats === undefined ? {} : { stats: outcome.stats }),
    ...chunked,
  }
}
