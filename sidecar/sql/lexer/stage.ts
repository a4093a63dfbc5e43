/**
 * Stage references, which have a grammar of their own:
 * https://docs.snowflake.com/en/user-guide/querying-stage and the pages of PUT, LIST and COPY.
 */

import { classOf, IDENTIFIER_START, SPACE, STAGE_PATH } from './characters.ts'
import { quotedEnd } from './quoted.ts'
import { lexicalError } from './rejects.ts'
import { checkDollars, wordEnd } from './words.ts'

const [quote, percent, dot, slash, tilde] = [0x22, 0x25, 0x2e, 0x2f, 0x7e]

/** Offset behind the stage reference whose `@` is at `start`. */
export function stageEnd(text: string, start: number): number {
  let at = text.charCodeAt(start + 1) === tilde ? start + 2 : nameEnd(text, start)
  while (text.charCodeAt(at) === slash) at = segmentEnd(text, at)
  if (text.startsWith('--', at)) throw lexicalError('StageComment', text, at)
  if (!isEnd(text, at)) throw lexicalError('StageCharacter', text, at)
  return at
}

/** `stage`, `%table`, `db.s.stage`, `db..stage`, `"db".s.%table` behind the `@`. */
function nameEnd(text: string, start: number): number {
  let at = start + 1
  for (let parts = 1; ; parts += 1) {
    const ofTable = text.charCodeAt(at) === percent
    const end = partEnd(text, ofTable ? at + 1 : at)
    const more = text.charCodeAt(end) === dot
    const empty = end === at
    // `db..stage` leaves the schema to be PUBLIC.
    if (end === (ofTable ? at + 1 : at) && !(empty && more && parts === 2)) {
      throw lexicalError('LoneAt', text, start)
    }
    if (!more || ofTable || parts === 3) return end
    at = end + 1
  }
}

function partEnd(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === quote) return quotedEnd(text, at)
  if (!(classOf(code) & IDENTIFIER_START)) return at
  const end = wordEnd(text, at)
  checkDollars(text, at, end)
  return end
}

/** One `/` and what follows it, up to the next. */
function segmentEnd(text: string, start: number): number {
  if (text.charCodeAt(start + 1) === quote) return quotedEnd(text, start + 1)
  let end = start + 1
  while (isPlain(text.charCodeAt(end))) end += 1
  const segment = text.slice(start, end + 1)
  if (/^\/[/*]|--/.test(segment)) throw lexicalError('StageComment', text, start)
  checkDollars(text, start, end)
  return end
}

function isPlain(code: number): boolean {
  return code !== slash && (classOf(code) & STAGE_PATH) !== 0
}

function isEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return at >= text.length || (classOf(code) & SPACE) !== 0 || ',;()\r'.includes(text.charAt(at))
}
