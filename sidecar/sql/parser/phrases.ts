/** Names of several words, such as classes of objects: found at the cursor, the longest first. */

import type { Parser } from './parser.ts'

/** The longest of the phrases that stands `distance` tokens ahead; nothing is consumed. */
export type PhraseFinder = (p: Parser, distance?: number) => string | undefined

/** A row of a table that is looked up by the words at the cursor. */
export interface Worded {
  readonly words: readonly string[]
}

/** By first word, those of more words first, else in the order given. */
export type ByFirstWord<R extends Worded> = ReadonlyMap<string, readonly R[]>

export function byFirstWord<R extends Worded>(rows: Iterable<R>): ByFirstWord<R> {
  const found = new Map<string, R[]>()
  for (const row of rows) {
    const [first = ''] = row.words
    const list = found.get(first)
    if (list === undefined) found.set(first, [row])
    else list.push(row)
  }
  for (const list of found.values()) list.sort((a, b) => b.words.length - a.words.length)
  return found
}

/** Phrases as a table writes them: between commas, over several lines. */
export function phraseList(list: string): readonly string[] {
  return list.split(',').map((phrase) => phrase.trim().replace(/\s+/g, ' '))
}

/** Words may be symbols too: `IS_IMPORTED =`. Time: the phrases that share the first word. */
export function phraseFinder(phrases: Iterable<string>): PhraseFinder {
  const byFirst = byFirstWord(Array.from(phrases, (text) => ({ text, words: text.split(' ') })))
  return (p, distance = 0) => {
    const first = p.peek(distance)
    if (first === undefined || !p.at(first.value, distance)) return undefined
    const possible = byFirst.get(first.value)
    return possible?.find(({ words }) => words.every((word, at) => p.at(word, distance + at)))?.text
  }
}

/** Consumes a phrase that a finder found at the cursor. */
export function takePhrase(p: Parser, phrase: string): void {
  p.expect(...phrase.split(' '))
}

/** Does the statement end here? Also inside a block, before `->>`, and in parentheses. */
export function atEnd(p: Parser, distance = 0): boolean {
  return (
    p.peek(distance) === undefined ||
    p.at(';', distance) ||
    p.at('->>', distance) ||
    p.at(')', distance)
  )
}
