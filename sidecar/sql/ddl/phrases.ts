/** Words of options that are no `NAME = value`. */

import type { Parser } from '../parser/parser.ts'
import { byFirstWord } from '../parser/phrases.ts'
import type { ByFirstWord, Worded } from '../parser/phrases.ts'

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

export interface Phrase<T = PhraseShape> extends Worded {
  readonly shape: T
}

type Table<T> = ByFirstWord<Phrase<T>>

/** The entry whose words stand at `distance`, the longest first. */
export function entryAt<T>(p: Parser, table: Table<T>, distance = 0): Phrase<T> | undefined {
  if (p.type(distance) !== 'word') return undefined
  return table
    .get(p.peek(distance)?.value ?? '')
    ?.find(({ words }) => words.every((word, index) => p.at(word, distance + index)))
}

/** Tables are constants of the grammar, so each is sorted once. */
const sorted = new WeakMap<object, Table<unknown>>()

export function sortedOnce<T>(table: Readonly<Record<string, T>>): Table<T> {
  const known = sorted.get(table) as Table<T> | undefined
  if (known !== undefined) return known
  const rows = Object.entries(table).map(([words, shape]) => ({ words: words.split(' '), shape }))
  const made = byFirstWord(rows)
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
