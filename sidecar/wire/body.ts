/** Request bodies: capped each and together, gunzipped by magic bytes, JSON objects only. */

import type { IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import { memory } from '../memory.ts'

const mebibyte = 1024 * 1024

/** 1 MB, before and after decompression: a gzip bomb stops here. Of all requests but statements. */
export const bodyLimit = mebibyte

/** Of statements, whose binds travel inline: drivers send up to 64 MB so. */
export const statementBodyLimit = limitIn(memory())

/**
 * A body takes about six times its size while it is read and checked (measured with lists of short
 * texts), and is not to bring down a sidecar of 384 MB. `available`: bytes.
 */
export function limitIn(available: number): number {
  return Math.max(8 * mebibyte, Math.min(64 * mebibyte, Math.floor(available / 16)))
}

/**
 * Read beyond the limit, and thrown away: drivers send a whole body before they look for an answer,
 * and one that finds its connection reset tries again, the Python connector for ever.
 */
const drainLimit = 128 * mebibyte

/**
 * Bytes of all bodies that are being read, and of those whose statements have not ended. What is
 * small is let through: logins and cancels are.
 */
export class BodyBudget {
  readonly #most: number
  #taken = 0
  readonly #kept = new WeakMap<object, number>()

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

  /** Of what is taken, this much stays so for `owner`; false where that were more than half of all. */
  keep(owner: object, bytes: number): boolean {
    const kept = this.#kept.get(owner) ?? 0
    if (kept > 0 && kept + bytes > this.#most / 2) return false
    this.#kept.set(owner, kept + bytes)
    return true
  }

  giveKept(owner: object, bytes: number): void {
    this.#kept.set(owner, (this.#kept.get(owner) ?? 0) - bytes)
    this.give(bytes)
  }
}

const smallBody = 64 * 1024
const everyBody = new BodyBudget(Math.floor(1.5 * statementBodyLimit))
/** Who has no token yet cannot take what statements need. */
const otherBodies = new BodyBudget(8 * mebibyte)

export interface BodyRule {
  /** Bytes. */
  readonly limit: number
  readonly budget: BodyBudget
}

export const statementBody: BodyRule = { limit: statementBodyLimit, budget: everyBody }
export const otherBody: BodyRule = { limit: bodyLimit, budget: otherBodies }

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

  /** Errors: BodiesTooLarge. */
  keep(owner: object): () => void {
    const bytes = this.#taken
    if (bytes === 0) return () => undefined
    if (!this.#budget.keep(owner, bytes)) throw FrostgateError.of('BodiesTooLarge', {})
    this.#taken = 0
    let kept = true
    return () => {
      if (kept) this.#budget.giveKept(owner, bytes)
      kept = false
    }
  }
}

/** A body that was read, and what it has taken of the budget. */
export interface TakenBody {
  readonly body: JsonObject
  /** Call it when the request has been answered. */
  readonly giveBack: () => void
  /**
   * The body is needed for longer: `giveBack` gives nothing back, but what is returned. `owner`: who
   * may keep no more than half of all. Errors: BodiesTooLarge.
   */
  readonly keep: (owner: object) => () => void
}

/** Errors: as `readBody`. */
export async function takeBody(
  request: IncomingMessage,
  { limit, budget }: BodyRule,
): Promise<TakenBody> {
  const share = new Share(budget)
  const giveBack = (): void => {
    share.giveAll()
  }
  try {
    const raw = await collect(request, limit, share)
    const body =
      raw.length === 0 ? {} : parse((await decompress(raw, limit, share)).toString('utf8'))
    return { body, giveBack, keep: (owner) => share.keep(owner) }
  } catch (error) {
    giveBack()
    throw error
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
  const { body, giveBack } = await takeBody(request, { limit, budget })
  giveBack()
  return body
}

/** Reads a body to its end and keeps nothing of it. Errors: BodyTooLarge, BodyUnreadable. */
export async function drainBody(request: IncomingMessage): Promise<void> {
  await eachPiece(request, drainLimit, () => undefined)
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
  const announced = announcedBy(request)
  const pieces: Buffer[] = []
  let size = 0
  let room = true as boolean
  await eachPiece(request, limit, (piece) => {
    size += piece.length
    room &&= size <= smallBody || size > limit || share.take(piece.length)
    if (room && size <= limit && announced <= limit) pieces.push(piece)
    else pieces.length = 0
  })
  if (Math.max(size, announced) > limit) throw tooLarge(limit)
  if (!room) throw FrostgateError.of('BodiesTooLarge', {})
  return Buffer.concat(pieces)
}

function tooLarge(limit: number): FrostgateError {
  return FrostgateError.of('BodyTooLarge', { limit })
}

function announcedBy({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0)
}

/** To the end of the body. Errors: BodyUnreadable; BodyTooLarge, which names `limit`. */
async function eachPiece(
  request: IncomingMessage,
  limit: number,
  take: (piece: Buffer) => void,
): Promise<void> {
  if (announcedBy(request) > drainLimit) throw tooLarge(limit)
  let size = 0
  await new Promise<void>((resolve, reject) => {
    const early = (cause?: unknown): void => {
      reject(FrostgateError.of('BodyUnreadable', { reason: 'it ended early' }, { cause }))
    }
    request
      .on('data', (piece: Buffer) => {
        size += piece.length
        if (size <= drainLimit) {
          take(piece)
          return
        }
        request.destroy()
        reject(tooLarge(limit))
      })
      .on('end', resolve)
      .on('error', early)
      .on('close', () => {
        if (!request.readableEnded) early()
      })
    if (request.destroyed && !request.readableEnded) early()
  })
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
