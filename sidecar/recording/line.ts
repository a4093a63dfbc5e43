/** One line of a recording, from its bytes. */

import { spellLine } from './chain.ts'

import type { RecordedEvent, RecordedLine } from './events.ts'

export type ParsedLine =
  | { readonly ok: true; readonly line: RecordedLine }
  | {
      readonly ok: false
      readonly kind: 'NotUtf8' | 'NotJson' | 'NotCanonical' | 'Hash'
      /** Bytes from the start of the line to where it goes wrong. */
      readonly at: number
      readonly message: string
    }

const sha256 = /^[0-9a-f]{64}$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a line and checks it against itself: it must be spelt exactly as the recorder spells it
 * (so that no byte is free to change) and hash to what it says. Never throws.
 */
export function parseLine(bytes: Buffer): ParsedLine {
  const text = decode(bytes)
  if (text === null) return fault('NotUtf8', 0, 'the line is not valid UTF-8')
  const value = parseJson(text)
  if (value === undefined) return fault('NotJson', 0, 'the line is not JSON')
  const line = asLine(value)
  if (line === null) {
    return fault('NotCanonical', 0, 'the line is not an object of seq, time, prev, event and hash')
  }
  const spelling = spell(line)
  if (spelling === null) return fault('NotCanonical', 0, 'the line nests too deeply or is no JSON')
  const expected = Buffer.from(spelling.text)
  if (!expected.equals(bytes)) {
    const at = firstDifference(expected, bytes)
    return fault('NotCanonical', at, `byte ${at} of the line is not as the recorder writes it`)
  }
  if (spelling.hash !== line.hash) {
    return fault(
      'Hash',
      0,
      `the content hashes to ${spelling.hash}, but the line says ${line.hash}`,
    )
  }
  return { ok: true, line }
}

function fault(
  kind: 'NotUtf8' | 'NotJson' | 'NotCanonical' | 'Hash',
  at: number,
  message: string,
): ParsedLine {
  return { ok: false, kind, at, message }
}

function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Null for what the recorder cannot have written: nesting beyond the stack, numbers beyond range. */
function spell(line: RecordedLine): ReturnType<typeof spellLine> | null {
  try {
    return spellLine(line)
  } catch {
    return null
  }
}

function asLine(value: unknown): RecordedLine | null {
  if (typeof value !== 'object' || value === null) return null
  const { seq, time, prev, event, hash } = value as Readonly<Record<string, unknown>>
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return null
  if (typeof time !== 'string' || typeof prev !== 'string' || typeof hash !== 'string') return null
  if (!isTime(time) || !isEvent(event)) return null
  if (!sha256.test(prev) || !sha256.test(hash)) return null
  return { seq, time, prev, event, hash }
}

function isTime(text: string): boolean {
  const milliseconds = Date.parse(text)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text
}

/** Any object with a type: what a line of that type must hold is `event-shape.ts`'s question. */
function isEvent(value: unknown): value is RecordedEvent {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  )
}

function firstDifference(expected: Buffer, found: Buffer): number {
  const shared = Math.min(expected.length, found.length)
  for (let i = 0; i < shared; i += 1) if (expected[i] !== found[i]) return i
  return shared
}
