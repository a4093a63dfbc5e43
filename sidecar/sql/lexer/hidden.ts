/** Names and comments must look like what they are; strings are data. */

import { control, invisible, unusual } from './characters.ts'
import { lexicalError } from './rejects.ts'
import type { LexicalReject } from './rejects.ts'

const hidden: readonly (readonly [pattern: RegExp, name: LexicalReject])[] = [
  [/\r(?!\n)/, 'LoneCarriageReturn'],
  [invisible, 'InvisibleCharacter'],
  [control, 'ControlCharacter'],
]

/** Throws SqlLexical for a character between the offsets that a reviewer would not see. */
export function checkHidden(text: string, start: number, end: number): void {
  const slice = text.slice(start, end)
  if (!unusual.test(slice)) return
  for (const [pattern, name] of hidden) {
    const found = pattern.exec(slice)
    if (found !== null) throw lexicalError(name, text, start + found.index)
  }
}

/** Throws SqlLexical for the character at an offset, at which no token can begin. */
export function refuseCharacter(text: string, at: number): never {
  checkHidden(text, at, at + 1)
  const character = text.charAt(at)
  if (character === '`') throw lexicalError('Backtick', text, at)
  if (character === '#') throw lexicalError('Hash', text, at)
  throw lexicalError(character > '~' ? 'NonAscii' : 'UnknownCharacter', text, at)
}
