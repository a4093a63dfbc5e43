/** Bodies of requests: capped, and JSON objects where JSON is asked for. */

import type { IncomingMessage } from 'node:http'

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import { BrokerError } from './errors.ts'

/** Errors: BodyTooLarge, RequestInvalid. */
export async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (request.headers['content-encoding'] !== undefined) {
    throw BrokerError.of('RequestInvalid', { reason: 'its body is encoded' })
  }
  const tooLarge = (): BrokerError => BrokerError.of('BodyTooLarge', { limit })
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > limit) throw tooLarge()
      pieces.push(piece)
    }
  } catch (cause) {
    if (cause instanceof BrokerError) throw cause
    throw BrokerError.of('RequestInvalid', { reason: 'it ended early' }, { cause })
  }
  return Buffer.concat(pieces)
}

/** Errors: RequestInvalid. Nothing of the body is quoted: it may hold a token. */
export function parseObject(bytes: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw BrokerError.of('RequestInvalid', { reason: 'its body is not JSON' })
  }
  if (isObject(value)) return value
  throw BrokerError.of('RequestInvalid', { reason: 'its body is not a JSON object' })
}
