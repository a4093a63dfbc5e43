/**
 * Headers of an Arrow stream's messages: a schema, or a record batch. What drivers cannot read, or
 * read in different ways (dictionaries, compressed bodies, another byte order), is malformed here.
 * Format: https://arrow.apache.org/docs/format/Columnar.html, `Message.fbs` and `Schema.fbs`
 */

import { Table } from './flatbuffer.ts'
import { malformed } from './malformed.ts'
import { fieldOf, type ArrowField } from './field.ts'

export type Message = SchemaMessage | BatchMessage

export interface SchemaMessage {
  readonly kind: 'schema'
  readonly fields: readonly ArrowField[]
}

export interface BatchMessage {
  readonly kind: 'batch'
  readonly rows: number
  readonly nodes: readonly FieldNode[]
  readonly buffers: readonly BufferPlace[]
  readonly bodyLength: number
}

export interface FieldNode {
  readonly length: number
  readonly nullCount: number
}

/** In bytes, from the beginning of the body. */
export interface BufferPlace {
  readonly offset: number
  readonly length: number
}

/** Enums of the format. */
const versions = new Set([3, 4])
const schemaHeader = 1
const batchHeader = 3
const littleEndian = 0

/** `columns`: how many the result has. @throws MalformedArrow */
export function readMessage(bytes: Buffer, columns: number): Message {
  const message = Table.root(bytes).only(5)
  if (!versions.has(message.int16(0)))
    throw malformed('it is of a version that this one does not know')
  if (message.vector(4, 4).length > 0) throw malformed('a message has notes')
  const header = message.table(2)
  const bodyLength = message.length(3)
  const kind = message.byte(1)
  if (header !== null && kind === schemaHeader) {
    if (bodyLength > 0) throw malformed('its schema has a body')
    return schemaOf(header, columns)
  }
  if (header !== null && kind === batchHeader) return batchOf(header, bodyLength)
  throw malformed('it has a message that is neither a schema nor rows')
}

function schemaOf(schema: Table, columns: number): SchemaMessage {
  schema.only(4)
  if (schema.int16(0) !== littleEndian) throw malformed('it is big-endian')
  // Readers act on these: `pandas` makes columns an index.
  if (schema.vector(2, 4).length > 0) throw malformed('its schema has notes')
  if (schema.vector(3, 8).length > 0) throw malformed('it uses features that drivers do not know')
  const fields = schema.tables(1, columns)
  if (fields.length !== columns) throw malformed('it has fewer columns than the result')
  return { kind: 'schema', fields: fields.map((field) => fieldOf(field)) }
}

function batchOf(batch: Table, bodyLength: number): BatchMessage {
  batch.only(5)
  if (batch.has(3)) throw malformed('its rows are compressed')
  if (batch.vector(4, 8).length > 0) throw malformed('it has buffers that drivers do not know')
  const nodes = pairs(batch, 1).map(([length, nullCount]) => ({ length, nullCount }))
  const buffers = pairs(batch, 2).map(([offset, length]) => ({ offset, length }))
  return { kind: 'batch', rows: batch.length(0), nodes, buffers, bodyLength }
}

/** Structs of two 64-bit numbers. */
function pairs(batch: Table, slot: number): readonly (readonly [number, number])[] {
  const { at, length } = batch.vector(slot, 16)
  return Array.from(
    { length },
    (_, index) => [batch.lengthAt(at + 16 * index), batch.lengthAt(at + 16 * index + 8)] as const,
  )
}
