/** The SQL front end: text to facts, and the same statement as text again. */

import type { Parsed } from './parsed.ts'
import { positionAt } from './position.ts'
import type { Position } from './position.ts'

export type * from './ast.ts'
export type * from './facts-types.ts'
export type * from './statements.ts'
export type { Parsed } from './parsed.ts'
export type { Position } from './position.ts'
export type { Replacement } from './emit.ts'
export type { Token } from './token.ts'
export type { Node, NodeKind, NodeOf, Visitor } from './walk.ts'
export { statementClasses } from './facts-types.ts'
export { emit, sourceText } from './emit.ts'
export { factsOf } from './facts.ts'
export {
  foldIdentifier,
  partsOf,
  printFunction,
  printName,
  quoteIdentifier,
  quoteName,
} from './names.ts'
export { parseQuery, parseStatement, parseStatements } from './parse.ts'
export { verifyEmitted, verifyRoundTrip } from './round-trip.ts'
export { children, walk } from './walk.ts'
export { wholeQuery } from './whole-query.ts'
export type { WholeQuery } from './whole-query.ts'

/** Where a token stands in the client's text, both from 1; past the end, where the text ends. */
export function positionOf(parsed: Parsed, tokenIndex: number): Position {
  return positionAt(parsed.text, parsed.tokens[tokenIndex]?.start ?? parsed.text.length)
}
