/** Changes of a text that change nothing that it says. */

import { FrostgateError } from '../../../sidecar/errors.ts'
import { emit, verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import type { Parsed, Token } from '../../../sidecar/sql/index.ts'
import { reread, sameFacts } from './check.ts'
import type { Accepted, Check, Trial } from './check.ts'

const places = 6
const marks: ReadonlySet<string> = new Set([':', '.'])
const comments = ['/* c */', '-- c\n'] as const

/** A comment between two tokens is a blank. Where tokens touch, a blank may be refused. */
export const commentsInserted: Check = (accepted) => {
  const { text, tokens } = accepted
  const gaps = tokens.slice(1).map((token, index) => ({ before: tokens[index], token }))
  const ambiguous = tokens.some(looksLikeComment)
  return spread(gaps).flatMap(({ before, token }) =>
    comments.map((comment) => {
      const head = text.slice(0, token.start)
      // Behind `-` or `/` a comment would begin one character too early.
      const blank = /[-/]$/.test(head) ? ' ' : ''
      const changed = `${head}${blank}${comment}${text.slice(token.start)}`
      return unchanged(accepted, changed, ambiguous || glued(before, token))
    }),
  )
}

/** So many items of a list, the first and the last among them. */
function spread<T>(items: readonly T[]): readonly T[] {
  const between = Math.max(1, (items.length - 1) / (places - 1))
  const indexes = Array.from({ length: places }, (_, index) => Math.round(index * between))
  return indexes.flatMap((index) => items.slice(index, index + 1))
}

/** `@stage/path`, `a:b`, `:bind`: what such marks belong to has to touch them. */
function glued(before: Token | undefined, token: Token): boolean {
  if (before?.end !== token.start) return false
  return [before, token].some(
    ({ type, keyword }) => type === 'path' || type === 'stage' || marks.has(keyword),
  )
}

/** `PUT file:///tmp/* @s`: with a comment in the same text it may be read in two ways. */
function looksLikeComment({ type, value }: Token): boolean {
  return type === 'path' && value.includes('/*')
}

/** Keywords and unquoted names mean the same in any letter case. */
export const caseChanged: Check = (accepted) => {
  const recased = (fold: (word: string) => string) => {
    let changed = ''
    let last = 0
    for (const { type, start, end } of accepted.tokens) {
      const own = accepted.text.slice(start, end)
      changed += accepted.text.slice(last, start) + (type === 'word' ? fold(own) : own)
      last = end
    }
    return changed + accepted.text.slice(last)
  }
  return [
    unchanged(
      accepted,
      recased((word) => word.toLowerCase()),
    ),
    unchanged(
      accepted,
      recased((word) => word.toUpperCase()),
    ),
  ]
}

function unchanged({ read, facts }: Accepted, changed: string, mayRefuse = false): Trial {
  const again = reread(changed, read)
  if (again === undefined) return { changed, complaint: mayRefuse ? undefined : 'refused' }
  return { changed, complaint: sameFacts(facts, again) ? undefined : 'the facts changed' }
}

export const roundTrip: Check = ({ statements }) => statements.map(roundTripOf)

function roundTripOf(parsed: Parsed): Trial {
  const changed = emit(parsed)
  try {
    verifyRoundTrip(parsed, changed)
    return { changed, complaint: undefined }
  } catch (error) {
    if (!(error instanceof FrostgateError)) throw error
    return { changed, complaint: error.message }
  }
}
