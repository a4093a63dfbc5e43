/** Escapes in '…' strings: https://docs.snowflake.com/en/sql-reference/data-types-text */

import { lexicalError } from './rejects.ts'

const simpleEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** What follows a backslash, by its first character; digits must be complete. */
const codeEscapes: readonly { start: RegExp; whole: RegExp; skip: number; radix: number }[] = [
  { start: /x/, whole: /x[0-9a-fA-F]{2}/y, skip: 1, radix: 16 },
  { start: /u/, whole: /u[0-9a-fA-F]{4}/y, skip: 1, radix: 16 },
  { start: /[1-7]/, whole: /[0-3][0-7]{2}/y, skip: 0, radix: 8 },
  { start: /0/, whole: /0(?:[0-7]{2}|(?![0-9]))/y, skip: 0, radix: 8 },
]

/** Offset of the quote that closes the string opened at `start`, or -1. */
export function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at += 1
    else if (code === 0x27) {
      if (text.charCodeAt(at + 1) !== 0x27) return at
      at += 1
    }
  }
  return -1
}

/** The value of the string between two offsets, quotes excluded. */
export function decodeString(text: string, start: number, end: number): string {
  const raw = text.slice(start, end)
  if (!raw.includes('\\')) return raw.includes("''") ? raw.replaceAll("''", "'") : raw
  let value = ''
  for (let at = start; at < end;) {
    const character = text.charAt(at)
    if (character === "'") {
      value += "'"
      at += 2
    } else if (character === '\\') {
      const escape = decodeEscape(text, at + 1)
      value += escape.value
      at = escape.next
    } else {
      value += character
      at += 1
    }
  }
  return value
}

function decodeEscape(text: string, at: number): { value: string; next: number } {
  const first = text.charAt(at)
  for (const { start, whole, skip, radix } of codeEscapes) {
    if (!start.test(first)) continue
    whole.lastIndex = at
    const digits = whole.exec(text)?.[0]
    if (digits === undefined) throw lexicalError('EscapeDigits', text, at - 1)
    const code = Number.parseInt(digits.slice(skip), radix)
    return { value: String.fromCharCode(code), next: at + digits.length }
  }
  // Snowflake drops the backslash of an escape it does not know.
  return { value: simpleEscapes[first] ?? first, next: at + 1 }
}
