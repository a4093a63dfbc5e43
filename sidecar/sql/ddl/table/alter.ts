/** How ALTER of tables and views finds a change by its words. */

import type { AlterAction } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { action } from '../actions.ts'
import type { ActionParts } from '../actions.ts'
import type { DdlHead } from '../head.ts'
import { entryAt, sortedOnce } from '../phrases.ts'
import type { AlterTail } from '../tails.ts'

/** Reads a change that began at token `start` with `words`, which are behind the cursor. */
export type ReadChange = (p: Parser, start: number, words: string) => readonly AlterAction[]

/** By the words that begin them; of those that fit, the longest wins. */
export type Changes = Readonly<Record<string, ReadChange>>

/** The changes of a class as its ALTER. */
export function alterBy(changes: Changes): (p: Parser, head: DdlHead) => AlterTail {
  return (p, { objectClass }) => {
    const start = p.index
    const entry = entryAt(p, sortedOnce(changes))
    if (entry === undefined) {
      return p.fail(`a change that ALTER ${objectClass.name} knows, such as SET`)
    }
    p.keywords(entry.words.length)
    return { actions: entry.shape(p, start, entry.words.join(' ')) }
  }
}

/** A change of one action. */
export function one(read: (p: Parser) => ActionParts): ReadChange {
  return (p, start, words) => {
    const parts = read(p)
    return [action(p, start, words, parts)]
  }
}

/** A change that is its words and no more. */
export const bare: ReadChange = one(() => ({}))
