/** Words of options that are no `NAME = value`. */

import type { Parser } from '../parser/parser.ts'

/**
 * What follows the words: `nothing`, a `name`, a string (`text`), a string or stage (`place`), named
 * `arguments`; with or without `=` a `value`, a `number`, a parenthesised `list`, a bare list of
 * `names` or of `kinds` of objects; or the `triggers` of a resource monitor.
 */
export type PhraseShape =
  | 'nothing'
  | 'name'
  | 'text'
  | 'place'
  | 'arguments'
  | 'value'
  | 'number'
  | 'list'
  | 'names'
  | 'kinds'
  | 'triggers'

/** By the words, one space between. */
export type Phrases = Readonly<Record<string, PhraseShape>>

export interface Phrase<T = PhraseShape> {
  readonly words: readonly string[]
  readonly shape: T
}

/** By first word, those of more words first. */
type ByFirstWord<T> = ReadonlyMap<string, readonly Phrase<T>[]>

export function byFirstWord<T>(table: Readonly<Record<string, T>>): ByFirstWord<T> {
  const found = new Map<string, Phrase<T>[]>()
  for (const [phrase, shape] of Object.entries(table)) {
    const words = phrase.split(' ')
    const [first = ''] = words
    found.set(first, [...(found.get(first) ?? []), { words, shape }])
  }
  for (const list of found.values()) list.sort((a, b) => b.words.length - a.words.length)
  return found
}

/** The entry whose words stand at `distance`, the longest first. */
export function entryAt<T>(p: Parser, table: ByFirstWord<T>, distance = 0): Phrase<T> | undefined {
  if (p.type(distance) !== 'word') return undefined
  return table
    .get(p.peek(distance)?.value ?? '')
    ?.find(({ words }) => words.every((word, index) => p.at(word, distance + index)))
}

/** Tables are constants of the grammar, so each is sorted once. */
const sorted = new WeakMap<object, ByFirstWord<unknown>>()

export function sortedOnce<T>(table: Readonly<Record<string, T>>): ByFirstWord<T> {
  const known = sorted.get(table) as ByFirstWord<T> | undefined
  if (known !== undefined) return known
  const made = byFirstWord(table)
  sorted.set(table, made)
  return made
}

const assignable: ReadonlySet<PhraseShape> = new Set(['value', 'number', 'list', 'names', 'kinds'])

export function isAssignable(shape: PhraseShape): boolean {
  return assignable.has(shape)
}

/** A word that takes a name or a text without `=` may with one be an ordinary property. */
export function phraseAt(p: Parser, phrases: Phrases, distance = 0): Phrase | undefined {
  const found = entryAt(p, sortedOnce(phrases), distance)
  if (found === undefined || isAssignable(found.shape)) return found
  return p.at('=', distance + found.words.length) ? undefined : found
}
