/** Identifiers in double quotes. */

import { checkHidden } from './hidden.ts'
import { lexicalError } from './rejects.ts'

/** Offset behind the closing quote of the identifier that opens at `start`. */
export function quotedEnd(text: string, start: number): number {
  let close = text.indexOf('"', start + 1)
  while (close !== -1 && text.charCodeAt(close + 1) === 0x22) close = text.indexOf('"', close + 2)
  if (close === -1) throw lexicalError('UnterminatedIdentifier', text, start)
  if (close === start + 1) throw lexicalError('EmptyIdentifier', text, start)
  checkHidden(text, start, close)
  return close + 1
}

/** The name between the quotes, given the offset of the first and the one behind the last. */
export function unquote(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  return raw.includes('"') ? raw.replaceAll('""', '"') : raw
}
