/** Aliases without AS, where the word that stands there may as well begin a clause. */

import type { Identifier } from '../ast.ts'
import { isImplicitAlias } from './keywords.ts'
import type { Parser } from './parser.ts'

/**
 * Words that are names unless one of these follows. All other words that could begin something are
 * refused as aliases without AS: taking one for a name could hide a clause.
 */
const clauses: ReadonlyMap<string, readonly string[]> = new Map([
  // Time travel is looked for before an alias is, so here they are names: `t AT (c)`.
  ['AT', []],
  ['BEFORE', []],
  ['CHANGES', ['(']],
  ['MATCH_RECOGNIZE', ['(']],
  ['PIVOT', ['(']],
  ['UNPIVOT', ['(', 'INCLUDE', 'EXCLUDE']],
  ['RESAMPLE', ['(']],
  ['SEMANTIC_VIEW', ['(']],
  ['MATCH_CONDITION', ['(']],
  ['ASOF', ['JOIN']],
  ['DIRECTED', ['JOIN']],
])

export function atImplicitAlias(p: Parser, distance = 0): boolean {
  const token = p.peek(distance)
  if (token?.type === 'quoted') return true
  if (token?.type !== 'word') return false
  const followers = clauses.get(token.value)
  if (followers === undefined) return isImplicitAlias(token.value)
  return !followers.some((follower) => p.at(follower, distance + 1))
}

/** `AS x` or `x`. */
export function optionalAlias(p: Parser): Identifier | undefined {
  return p.accept('AS') || atImplicitAlias(p) ? p.identifier('an alias') : undefined
}

/** As `optionalAlias`, for outputs: behind AS stands nothing but a name, so any word may be one. */
export function outputAlias(p: Parser): Identifier | undefined {
  if (p.accept('AS')) return p.anyIdentifier('an alias')
  return atImplicitAlias(p) ? p.identifier('an alias') : undefined
}
