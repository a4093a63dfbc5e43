import type * as Arrow from 'apache-arrow'

/**
 * A table as an IPC stream whose buffers have their exact lengths. The library counts the padding
 * to 8 bytes in; Snowflake's own readers (nanoarrow) then find an offset after the last one and
 * refuse the stream.
 */
export function writeStream(arrow: typeof Arrow, table: Arrow.Table): Buffer {
  class ExactWriter extends arrow.RecordBatchStreamWriter {
    protected override _assembleRecordBatch(batch: Arrow.RecordBatch) {
      const assembled = super._assembleRecordBatch(batch)
      assembled.bufferRegions.forEach((region, index) => {
        region.length = assembled.buffers[index]?.byteLength ?? region.length
      })
      return assembled
    }
  }
  const writer = new ExactWriter()
  writer.write(table)
  writer.finish()
  return Buffer.from(writer.toUint8Array(true))
}
