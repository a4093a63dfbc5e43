/** Request bodies: capped each and together, gunzipped by magic bytes, JSON objects only. */

import type { IncomingMessage } from 'node:http'
import { totalmem } from 'node:os'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'

const mebibyte = 1024 * 1024

/** 8 MB, before and after decompression: a gzip bomb stops here. */
export const bodyLimit = 8 * mebibyte

/** Of statements, whose binds travel inline: drivers send up to 64 MB so. */
export const statementBodyLimit = limitIn(memory())

/**
 * A body takes about six times its size while it is read and checked (measured with lists of short
 * texts), and is not to bring down a sidecar of 384 MB. `available`: bytes.
 */
export function limitIn(available: number): number {
  return Math.max(bodyLimit, Math.min(64 * mebibyte, Math.floor(available / 16)))
}

/** Zero, or more than there is, where no container limits it. */
function memory(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/**
 * Read beyond the limit, and thrown away: drivers send a whole body before they look for an answer,
 * and one that finds its connection reset tries again, the Python connector for ever.
 */
const drainLimit = 128 * mebibyte

/** Bytes of all bodies that are being read. What is small is let through: logins and cancels are. */
export class BodyBudget {
  readonly #most: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false
    this.#taken += bytes
    return true
  }

  give(bytes: number): void {
    this.#taken -= bytes
  }
}

const smallBody = 64 * 1024
const everyBody = new BodyBudget(Math.floor(1.5 * statementBodyLimit))

const inflate = promisify(gunzip)

/** What one request has taken of the budget. */
class Share {
  readonly #budget: BodyBudget
  #taken = 0

  constructor(budget: BodyBudget) {
    this.#budget = budget
  }

  take(bytes: number): boolean {
    if (!this.#budget.take(bytes)) return false
    this.#taken += bytes
    return true
  }

  giveAll(): void {
    this.#budget.give(this.#taken)
    this.#taken = 0
  }
}

/**
 * Reads a request body. No body at all reads as an empty object: heartbeat, logout and abort come
 * so. Errors: BodyTooLarge, BodiesTooLarge, BodyUnreadable.
 */
export async function readBody(
  request: IncomingMessage,
  limit = bodyLimit,
  budget = everyBody,
): Promise<JsonObject> {
  const share = new Share(budget)
  try {
    const raw = await collect(request, limit, share)
    return raw.length === 0 ? {} : parse((await decompress(raw, limit, share)).toString('utf8'))
  } finally {
    share.giveAll()
  }
}

function parse(body: string): JsonObject {
  const text = body.trim()
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

async function collect(request: IncomingMessage, limit: number, share: Share): Promise<Buffer> {
  const tooLarge = () => FrostgateError.of('BodyTooLarge', { limit })
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > drainLimit) throw tooLarge()
  const pieces: Buffer[] = []
  let size = 0
  let room = true
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > drainLimit) throw tooLarge()
      room &&= size <= smallBody || size > limit || share.take(piece.length)
      if (room && size <= limit && announced <= limit) pieces.push(piece)
      else pieces.length = 0
    }
  } catch (error) {
    if (error instanceof FrostgateError) throw error
    throw FrostgateError.of('BodyUnreadable', { reason: 'it ended early' }, { cause: error })
  }
  if (Math.max(size, announced) > limit) throw tooLarge()
  if (!room) throw FrostgateError.of('BodiesTooLarge', {})
  return Buffer.concat(pieces)
}

/** Magic bytes decide, not the header: Node's driver sends either without the other. */
async function decompress(raw: Buffer, limit: number, share: Share): Promise<Buffer> {
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw
  // Its last four bytes say what it unpacks to, and no more than that is unpacked.
  const announced = raw.length < 18 ? 0 : raw.readUInt32LE(raw.length - 4)
  const most = Math.max(1, Math.min(announced, limit))
  if (most > smallBody && !share.take(most)) throw FrostgateError.of('BodiesTooLarge', {})
  try {
    return await inflate(raw, { maxOutputLength: most })
  } catch (error) {
    if (error instanceof RangeError && announced > limit)
      throw FrostgateError.of('BodyTooLarge', { limit })
    throw FrostgateError.of(
      'BodyUnreadable',
      { reason: 'its gzip data is damaged' },
      { cause: error },
    )
  }
}
