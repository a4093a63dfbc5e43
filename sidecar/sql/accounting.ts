/**
 * Proof, for each statement, that its tree accounts for its tokens: a token dropped or used twice
 * would let a part of the text escape policy.
 */

import { FrostgateError } from '../errors.ts'
import type { Span } from './ast.ts'
import { limits, tooLarge } from './lexer/limits.ts'
import type { Statement } from './statements.ts'
import { children } from './walk.ts'
import type { Node } from './walk.ts'

/** Nodes that stand for their own tokens. */
const leaves = new Set<Node['kind']>(['Identifier', 'Literal', 'Variable', 'Positional', 'Bind'])
/** Relations' spans leave out what follows the alias; only their owner's span bounds it. */
const openEnded = new Set<Node['kind']>([
  ...(['TableReference', 'DerivedTable', 'TableFunction', 'DynamicRelation'] as const),
])

/**
 * `uses` tells for each token whether the parser took it as a keyword or symbol, or kept it as text
 * of a node; all others must be covered by exactly one leaf. Throws SqlRoundTrip if the tree and
 * the tokens disagree, SqlTooLarge if the tree is too high to be walked by recursion.
 */
export function checkAccounting(statement: Statement, uses: Uint8Array): void {
  const covered = uses.slice()
  const stack: { node: Node; bound: Span; height: number }[] = [
    { node: statement, bound: { start: 0, end: uses.length }, height: 1 },
  ]
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, bound, height } = entry
    if (height > limits.treeHeight) throw tooLarge(`a tree higher than ${limits.treeHeight}`)
    const { span } = node
    if (span.start < bound.start || span.end > bound.end || span.start > span.end) refuse()
    if (leaves.has(node.kind)) cover(ownTokens(node), uses, covered)
    const inner = openEnded.has(node.kind) ? { start: span.start, end: bound.end } : span
    const inside = children(node)
    checkDisjoint(inside)
    for (const child of inside) stack.push({ node: child, bound: inner, height: height + 1 })
  }
  if (covered.includes(0)) refuse()
}

/** The qualifier of `t.$1` is a node of its own. */
function ownTokens({ kind, span }: Node): Span {
  return kind === 'Positional' ? { start: span.end - 1, end: span.end } : span
}

function cover(span: Span, uses: Uint8Array, covered: Uint8Array): void {
  for (let index = span.start; index < span.end; index += 1) {
    if (uses[index] !== 0) continue
    if (covered[index] !== 0) refuse()
    covered[index] = 1
  }
}

/** Children that overlap would claim the same token twice. */
function checkDisjoint(nodes: readonly Node[]): void {
  const sorted = nodes.map((node) => node.span).sort((a, b) => a.start - b.start || a.end - b.end)
  let end = 0
  for (const span of sorted) {
    if (span.start < end) refuse()
    end = span.end
  }
}

function refuse(): never {
  throw FrostgateError.of('SqlRoundTrip', {})
}
