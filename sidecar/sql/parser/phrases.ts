/** Names of several words, such as classes of objects: found at the cursor, the longest first. */

import type { Parser } from './parser.ts'

/** The longest of the phrases that stands `distance` tokens ahead; nothing is consumed. */
export type PhraseFinder = (p: Parser, distance?: number) => string | undefined

interface Phrase {
  readonly text: string
  readonly words: readonly string[]
}

/** Words may be symbols too: `IS_IMPORTED =`. Time: the phrases that share the first word. */
export function phraseFinder(phrases: Iterable<string>): PhraseFinder {
  const byFirst = new Map<string, Phrase[]>()
  for (const text of phrases) {
    const words = text.split(' ')
    const [first = ''] = words
    byFirst.set(first, [...(byFirst.get(first) ?? []), { text, words }])
  }
  for (const list of byFirst.values()) list.sort((a, b) => b.words.length - a.words.length)
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
