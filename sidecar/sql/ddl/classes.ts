/**
 * Every class of objects that Snowflake's DDL knows, and how it is created and altered: a new class
 * is a row in one of the tables below and, where its grammar is its own, a file in this folder.
 */

import type { Parser } from '../parser/parser.ts'
import { byFirstWord } from '../parser/phrases.ts'
import type { Actions } from './actions.ts'
import { accountClasses } from './classes/account.ts'
import { applicationClasses } from './classes/application.ts'
import { codeClasses } from './classes/code.ts'
import { computeClasses } from './classes/compute.ts'
import { integrationClasses } from './classes/integration.ts'
import { intelligenceClasses } from './classes/intelligence.ts'
import { pipelineClasses } from './classes/pipeline.ts'
import { policyClasses } from './classes/policy.ts'
import { projectClasses } from './classes/project.ts'
import { relationClasses } from './classes/relation.ts'
import { storageClasses } from './classes/storage.ts'
import { instance } from './code/instance.ts'
import type { CreateGrammar } from './create-tail.ts'
import type { DdlHead } from './head.ts'
import { entryAt } from './phrases.ts'
import type { Phrases } from './phrases.ts'
import type { AlterTail, CreateTail } from './tails.ts'

export type DdlVerb = 'CREATE' | 'DEFINE' | 'ALTER' | 'DROP' | 'UNDROP'

export interface ObjectClass extends CreateGrammar {
  /** Upper case, one space between words. */
  readonly name: string
  /** Without a list: CREATE, ALTER and DROP. */
  readonly verbs?: readonly DdlVerb[]
  /** Words that may stand between CREATE and the class, besides OR REPLACE and OR ALTER. */
  readonly modifiers?: readonly string[]
  /**
   * How ALTER and DROP name an object where that is not by its name alone: with the types of its
   * arguments, by a string, or (ALTER only) not at all, which means the current one.
   */
  readonly naming?: 'signature' | 'text' | 'optional'
  /** What ALTER may do besides SET, UNSET and RENAME TO. */
  readonly actions?: Actions
  /** What may follow the name in DROP, besides CASCADE and RESTRICT. */
  readonly drop?: Phrases
  /** What stands behind the name in CREATE. Without one: what this grammar says. */
  readonly create?: (p: Parser, head: DdlHead) => CreateTail
  /** What stands behind the name in ALTER. Without one: an action of `actions`. */
  readonly alter?: (p: Parser, head: DdlHead) => AlterTail
}

export const objectClasses: readonly ObjectClass[] = [
  ...accountClasses,
  ...applicationClasses,
  ...codeClasses,
  ...computeClasses,
  ...integrationClasses,
  ...intelligenceClasses,
  ...pipelineClasses,
  ...policyClasses,
  ...projectClasses,
  ...relationClasses,
  ...storageClasses,
]

/** Objects of a class that a schema holds: `CREATE SNOWFLAKE.ML.FORECAST f(…)`. */
export const instances: ObjectClass = { name: 'INSTANCE', create: instance }

const byWords = byFirstWord(
  objectClasses.map((row) => ({ words: row.name.split(' '), shape: row })),
)

/** The class whose words come next, the longest first; in `DROP DATABASE role` the last is a name. */
export function objectClassAt(p: Parser): ObjectClass | undefined {
  const entry = entryAt(p, byWords)
  if (entry === undefined || p.peek(entry.words.length) !== undefined) return entry?.shape
  const shorter = byWords.get(entry.words[0] ?? '')?.find(({ words }) => words.length === 1)
  return shorter?.shape ?? entry.shape
}
