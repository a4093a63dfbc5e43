import type * as Arrow from 'apache-arrow'
import type { OutputColumn } from '../engine/output.ts'
import type { Row } from '../statements/outcome.ts'
import { fieldMetadata, type Physical, physicalOf } from './physical.ts'
import { arrowData, arrowType } from './vectors.ts'
import { writeStream } from './writer.ts'

type Library = typeof Arrow

export interface ArrowOptions {
  /** Whether all streams of a result share their widths, or each has the narrowest that fit. */
  readonly widths: 'perStream' | 'perResult'
  /** Rows of one record batch: a stream holds as many batches as it needs. */
  readonly batchRows: number
}

const cellsOf = (rows: readonly Row[], index: number): readonly (string | null)[] =>
  rows.map((row) => row[index] ?? null)

function layoutOf(columns: readonly OutputColumn[], rows: readonly Row[]): readonly Physical[] {
  return columns.map(({ type }, index) => physicalOf(type, cellsOf(rows, index)))
}

function schemaOf(
  arrow: Library,
  columns: readonly OutputColumn[],
  layout: readonly Physical[],
): Arrow.Schema {
  return new arrow.Schema(
    columns.map(({ name, type, nullable }, index) => {
      const physical = layout[index] ?? 'utf8'
      const metadata = new Map(fieldMetadata(type, physical))
      return new arrow.Field(name, arrowType(arrow, type, physical), nullable, metadata)
    }),
  )
}

/** Turns rows of wire cells into Arrow IPC streams: schema, record batches, end of stream. */
export class ArrowStreams {
  readonly #arrow: Library
  readonly #columns: readonly OutputColumn[]
  readonly #options: ArrowOptions
  readonly #layout: readonly Physical[]

  private constructor(
    arrow: Library,
    columns: readonly OutputColumn[],
    rows: readonly Row[],
    options: ArrowOptions,
  ) {
    this.#arrow = arrow
    // A client that trusts "not nullable" breaks on a NULL: what was traced must fit what came.
    this.#columns = columns.map((column, index) => ({
      ...column,
      nullable: column.nullable || rows.some((row) => row[index] === null),
    }))
    this.#options = options
    this.#layout = layoutOf(columns, rows)
  }

  /** For one result: the library is loaded when the first client wants Arrow. */
  static async load(
    columns: readonly OutputColumn[],
    rows: readonly Row[],
    options: ArrowOptions,
  ): Promise<ArrowStreams> {
    return new ArrowStreams(await import('apache-arrow'), columns, rows, options)
  }

  /** For another result, in the same way. */
  of(columns: readonly OutputColumn[], rows: readonly Row[]): ArrowStreams {
    return new ArrowStreams(this.#arrow, columns, rows, this.#options)
  }

  /** One stream, which stands for itself. */
  encode(rows: readonly Row[]): Buffer {
    const arrow = this.#arrow
    const layout =
      this.#options.widths === 'perStream' ? layoutOf(this.#columns, rows) : this.#layout
    const schema = schemaOf(arrow, this.#columns, layout)
    const batches: Arrow.RecordBatch[] = []
    for (let from = 0; from < rows.length; from += this.#options.batchRows) {
      const part = rows.slice(from, from + this.#options.batchRows)
      const children = this.#columns.map(({ type }, index) =>
        arrowData(arrow, type, layout[index] ?? 'utf8', cellsOf(part, index)),
      )
      const data = arrow.makeData({
        type: new arrow.Struct(schema.fields),
        length: part.length,
        nullCount: 0,
        children,
      })
      batches.push(new arrow.RecordBatch(schema, data))
    }
    return writeStream(arrow, new arrow.Table(schema, batches))
  }
}
