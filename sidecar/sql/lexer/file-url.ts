/**
 * `file://…` without quotes, as PUT and GET take it: it ends at white space, so that `/*` and `//`
 * in it are no comments. https://docs.snowflake.com/en/sql-reference/sql/put
 */

import { lexicalError } from './rejects.ts'

const url = /file:\/\/[^\s;]+/iy

/**
 * Offset behind the address that begins at `start`; -1 where none does. `commentClose` is where the
 * text has its last comment close, -1 where it has none.
 */
export function fileUrlEnd(text: string, start: number, commentClose: number): number {
  url.lastIndex = start
  const found = url.exec(text)?.[0]
  if (found === undefined) return -1
  const end = start + found.length
  const odd = /[^!-~]|['"`]|\$\$/.exec(found)
  if (odd !== null) throw lexicalError('PathCharacter', text, start + odd.index)
  if (/;\S/.test(text.slice(end, end + 2))) throw lexicalError('PathCharacter', text, end)
  // Who takes "/*" for a comment reads on to its close, or fails where there is none.
  const comment = found.indexOf('/*')
  if (comment !== -1 && commentClose >= start + comment) {
    throw lexicalError('PathComment', text, start + comment)
  }
  const dashes = found.indexOf('--')
  if (dashes !== -1) throw lexicalError('PathComment', text, start + dashes)
  return end
}
