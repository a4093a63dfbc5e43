/** A result in chunks, and a store that hands each connection 25 MB of it a second. */

import { randomBytes } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

import { kinds, streamOf, type Built } from '../../sidecar/results/arrow/build.ts'

export type Format = 'json' | 'arrow'

const bytesPerSecond = 25_000_000
const piece = 128 * 1024
export const chunkCount = 8
export const rowsPerChunk = 30_000

interface Packed {
  readonly bytes: Buffer
  readonly uncompressed: number
}

const made = new Map<Format, Packed>()

/** One chunk is served under every number: what it holds does not matter. */
export function chunkOf(format: Format): Packed {
  const packed = made.get(format) ?? pack(format)
  made.set(format, packed)
  return packed
}

function pack(format: Format): Packed {
  // Names that do not compress, so that it is the line that is slow.
  const names = randomBytes(rowsPerChunk * 96).toString('base64')
  const rows = Array.from({ length: rowsPerChunk }, (_, index) => [
    String(index + 1),
    `*******${String(index % 10_000).padStart(4, '0')}`,
    names.slice(index * 128, index * 128 + 128),
  ])
  const plain =
    format === 'json'
      ? Buffer.from(rows.map((row) => JSON.stringify(row)).join(','))
      : streamOf(arrowColumns(rows), 10_000)
  return { bytes: gzipSync(plain, { level: 1 }), uncompressed: plain.length }
}

function arrowColumns(rows: readonly (readonly string[])[]): readonly Built[] {
  const column = (name: string, index: number, value: (text: string) => unknown): Built => {
    const kind = kinds.find((each) => each.name === name)
    if (kind === undefined) throw new Error(`no kind is named ${name}`)
    const cells = rows.map((row) => ({ value: value(row[index] ?? ''), text: row[index] ?? '' }))
    return { kind, nullable: true, cells }
  }
  return [
    column('fixed of 64 bits, scale 0', 0, BigInt),
    column('text as TEXT', 1, String),
    column('text as TEXT', 2, String),
  ]
}

/** Listens nowhere yet. */
export function storeServer(): Server {
  return createServer((request, response) => {
    const format = request.url?.startsWith('/arrow/') === true ? 'arrow' : 'json'
    const { bytes } = chunkOf(format)
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length })
    trickle(response, bytes)
  })
}

function trickle(response: ServerResponse, bytes: Buffer): void {
  const since = performance.now()
  const next = (from: number): void => {
    if (response.destroyed) return
    if (from >= bytes.length) {
      response.end()
      return
    }
    response.write(bytes.subarray(from, from + piece))
    const due = since + ((from + piece) / bytesPerSecond) * 1_000
    setTimeout(next, Math.max(0, due - performance.now()), from + piece)
  }
  next(0)
}
