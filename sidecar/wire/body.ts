/** Request bodies: capped, gunzipped by magic bytes, JSON objects only. */

import type { IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'

/** 8 MB, before and after decompression: a gzip bomb stops here. */
export const bodyLimit = 8 * 1024 * 1024

/**
 * Read beyond the limit, and thrown away: drivers send a whole body before they look for an answer,
 * and one that finds its connection reset tries again, the Python connector for ever.
 */
const drainLimit = 64 * 1024 * 1024

const inflate = promisify(gunzip)

/**
 * Reads a request body. No body at all reads as an empty object: heartbeat, logout and abort come
 * so. Errors: BodyTooLarge, BodyUnreadable.
 */
export async function readBody(request: IncomingMessage, limit = bodyLimit): Promise<JsonObject> {
  const raw = await collect(request, limit)
  if (raw.length === 0) return {}
  const text = (await decompress(raw, limit)).toString('utf8').trim()
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the body, which may hold a token.
    throw FrostgateError.of('BodyUnreadable', { reason: 'it is not valid JSON' })
  }
  // Drivers send `null` as the body of a heartbeat.
  if (value === null) return {}
  if (!isObject(value)) {
    throw FrostgateError.of('BodyUnreadable', { reason: 'it is not a JSON object' })
  }
  return value
}

async function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => FrostgateError.of('BodyTooLarge', { limit })
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > drainLimit) throw tooLarge()
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > drainLimit) throw tooLarge()
      if (size <= limit && announced <= limit) pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof FrostgateError) throw error
    throw FrostgateError.of('BodyUnreadable', { reason: 'it ended early' }, { cause: error })
  }
  if (Math.max(size, announced) > limit) throw tooLarge()
  return Buffer.concat(pieces)
}

/** Magic bytes decide, not the header: Node's driver sends either without the other. */
async function decompress(raw: Buffer, limit: number): Promise<Buffer> {
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw
  try {
    return await inflate(raw, { maxOutputLength: limit })
  } catch (error) {
    if (error instanceof RangeError) throw FrostgateError.of('BodyTooLarge', { limit })
    throw FrostgateError.of(
      'BodyUnreadable',
      { reason: 'its gzip data is damaged' },
      { cause: error },
    )
  }
}
