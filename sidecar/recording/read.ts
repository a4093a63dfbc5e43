/** The lines of a recording with their places in the file, a few at a time. */

import { createReadStream } from 'node:fs'

import { maxLineBytes } from './chain.ts'

export interface RawLine {
  /** From 1, as editors count. */
  readonly number: number
  /** Byte offset of its first byte in the file. */
  readonly offset: number
  /** Without the newline. Cut at the longest length that is allowed, plus one byte. */
  readonly bytes: Buffer
  /** False if the file ends before the newline. */
  readonly terminated: boolean
}

const newline = 0x0a

/**
 * Reads a file line by line. Memory is bounded by the longest line that is allowed: a longer one is
 * handed out cut, and ends the reading. Throws what opening or reading the file throws.
 */
export async function* readLines(path: string, longest = maxLineBytes): AsyncGenerator<RawLine> {
  let number = 1
  let offset = 0
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const block = chunk as Buffer
    let start = 0
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, start)) {
      const bytes = joined(held, heldBytes, block.subarray(start, end))
      if (bytes.length > longest) break
      yield { number, offset, bytes, terminated: true }
      number += 1
      offset += bytes.length + 1
      held = []
      heldBytes = 0
      start = end + 1
    }
    held.push(block.subarray(start))
    heldBytes += block.length - start
    if (heldBytes > longest) {
      const bytes = Buffer.concat(held).subarray(0, longest + 1)
      yield { number, offset, bytes, terminated: false }
      return
    }
  }
  if (heldBytes > 0) yield { number, offset, bytes: Buffer.concat(held), terminated: false }
}

function joined(held: readonly Buffer[], heldBytes: number, last: Buffer): Buffer {
  return heldBytes === 0 ? last : Buffer.concat([...held, last])
}
