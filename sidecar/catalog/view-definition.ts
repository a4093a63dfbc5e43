/**
 * The body of a view out of the text it was created by, which Snowflake keeps as it was written.
 * Read by the gateway's own tokens, so that a comment or a string cannot pass for the `AS`.
 */

import { FrostgateError } from '../errors.ts'
import { tokenize } from '../sql/lexer.ts'
import type { Lexed, Token } from '../sql/token.ts'

/**
 * `CREATE … VIEW name [(columns)] [options] AS body`: the body. Null for anything else. `columns`
 * is how many the catalogue knows: an explicit list must be as long.
 */
export function viewBody(definition: string, columns: number): string | null {
  try {
    const lexed = tokenize(definition)
    const from = bodyStart(lexed, columns)
    if (from === undefined) return null
    const body = lexed.tokens.slice(from)
    if (isSymbol(body.at(-1), ';')) body.pop()
    const [first] = body
    return first === undefined ? null : definition.slice(first.start, body.at(-1)?.end)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}

function bodyStart(lexed: Lexed, columns: number): number | undefined {
  const { tokens } = lexed
  const view = isWord(tokens[0], 'CREATE') ? afterPhrases(tokens, 1, prefixes) : -1
  if (!isWord(tokens[view], 'VIEW')) return undefined
  const name = afterPhrases(tokens, view + 1, [['IF', 'NOT', 'EXISTS']])
  let at = afterName(tokens, name)
  if (isSymbol(tokens[at], '(')) {
    const list = columnList(lexed, at)
    if (list?.count !== columns) return undefined
    at = list.end
  }
  at = afterPhrases(tokens, at, options)
  return isWord(tokens[at], 'AS') ? at + 1 : undefined
}

/** `null` stands for any string. */
type Phrase = readonly (string | null)[]

const prefixes: readonly Phrase[] = [
  ['OR', 'REPLACE'],
  ['OR', 'ALTER'],
  ['LOCAL'],
  ['GLOBAL'],
  ['TEMP'],
  ['TEMPORARY'],
  ['VOLATILE'],
  ['SECURE'],
  ['MATERIALIZED'],
]

const options: readonly Phrase[] = [
  ['COPY', 'GRANTS'],
  ['COMMENT', '=', null],
  ['CHANGE_TRACKING', '=', 'TRUE'],
  ['CHANGE_TRACKING', '=', 'FALSE'],
]

/** Past every phrase of the list that stands at `from`, in any order. */
function afterPhrases(tokens: readonly Token[], from: number, phrases: readonly Phrase[]): number {
  let at = from
  const standsHere = (phrase: Phrase): boolean =>
    phrase.every((word, index) => isPhraseWord(tokens[at + index], word))
  for (let found = phrases.find(standsHere); found; found = phrases.find(standsHere)) {
    at += found.length
  }
  return at
}

function isPhraseWord(token: Token | undefined, word: string | null): boolean {
  if (word === null) return token?.type === 'string'
  return isWord(token, word) || isSymbol(token, word)
}

function afterName(tokens: readonly Token[], from: number): number {
  let at = from
  while (isSymbol(tokens[at + 1], '.')) at += 2
  return at + 1
}

/** Columns are separated by commas outside inner brackets; what is said about each is skipped. */
function columnList(
  { tokens, partners }: Lexed,
  open: number,
): { readonly count: number; readonly end: number } | undefined {
  const close = partners[open] ?? -1
  if (close <= open + 1) return undefined
  let count = 1
  for (let at = open + 1; at < close; at += 1) {
    if (isSymbol(tokens[at], ',')) count += 1
    const partner = partners[at] ?? -1
    if (partner > at) at = partner
  }
  return { count, end: close + 1 }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.type === 'word' && token.value === word
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.type === 'symbol' && token.value === symbol
}
