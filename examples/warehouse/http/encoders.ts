import type { ResultFormat } from '../arrow/result-format.ts'
import { type ArrowOptions, ArrowStreams } from '../arrow/stream.ts'
import type { Outcome, Row } from '../statements/outcome.ts'

/** How a chunk may differ from what was announced. */
export type RowChange = 'fewer' | 'more' | 'extraColumn' | 'missingColumn'

/** Writes rows for the wire. */
export interface ResultEncoder {
  readonly format: ResultFormat
  /** The members of `data` for the rows that travel inline. */
  readonly inline: (rows: readonly Row[]) => Readonly<Record<string, unknown>>
  /** The body of a chunk, before compression. */
  readonly chunk: (rows: readonly Row[]) => Buffer
  /** A chunk that is not what was announced. */
  readonly distorted: (rows: readonly Row[], change: RowChange) => Buffer
}

const changedRows: Readonly<Record<RowChange, (rows: readonly Row[]) => readonly Row[]>> = {
  fewer: (rows) => rows.slice(1),
  more: (rows) => [...rows, ...rows.slice(0, 1)],
  extraColumn: (rows) => rows.map((row) => [...row, row[0] ?? null]),
  missingColumn: (rows) => rows.map((row) => row.slice(0, -1)),
}

/** Rows separated by commas, without the outer brackets. */
const jsonChunk = (rows: readonly Row[]): Buffer =>
  Buffer.from(rows.map((row) => JSON.stringify(row)).join(',\n'))

export const jsonEncoder: ResultEncoder = {
  format: 'json',
  inline: (rowset) => ({ rowset }),
  chunk: jsonChunk,
  distorted: (rows, change) => jsonChunk(changedRows[change](rows)),
}

/** The columns that go with `changedRows`. */
function changedColumns(columns: Outcome['columns'], change: RowChange): Outcome['columns'] {
  if (change === 'extraColumn') return [...columns, ...columns.slice(0, 1)]
  return change === 'missingColumn' ? columns.slice(0, -1) : columns
}

export async function arrowEncoder(
  { columns, rows }: Outcome,
  options: ArrowOptions,
): Promise<ResultEncoder> {
  const streams = await ArrowStreams.load(columns, rows, options)
  return {
    format: 'arrow',
    inline: (part) => ({
      rowsetBase64: part.length === 0 ? '' : streams.encode(part).toString('base64'),
    }),
    chunk: (part) => streams.encode(part),
    distorted: (part, change) => {
      const wrong = changedRows[change](part)
      return streams.of(changedColumns(columns, change), wrong).encode(wrong)
    },
  }
}
