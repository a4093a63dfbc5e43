/**
 * Proof, for each statement, that its tree accounts for its tokens: a token dropped or used twice
 * would let a part of the text escape policy.
 */

import { FrostgateError } from '../errors.ts'
import type { Pivot, SelectItem } from './ast.ts'
import { limits, tooLarge } from './lexer/limits.ts'
import type { Statement } from './statements.ts'
import { appendChildren } from './walk.ts'
import type { Node } from './walk.ts'

/** A use that no parser gives: the token is covered by a leaf. */
const LEAF = 255

/** Nodes that stand for their own tokens. */
const leaves = new Set<Node['kind']>([
  'Identifier',
  'Literal',
  'Variable',
  'Positional',
  'Bind',
  'Stage',
  'Body',
])
/** Relations' spans leave out what follows the alias; only their owner's span bounds it. */
const openEnded = new Set<Node['kind']>([
  ...(['TableReference', 'DerivedTable', 'TableFunction', 'DynamicRelation'] as const),
])

/** What the check meets on its way: who needs these need not walk the tree again. */
export interface Met {
  /** In text order, an outer one before those inside it. */
  readonly items: readonly SelectItem[]
  readonly pivots: readonly Pivot[]
}

/**
 * `uses` tells for each token whether the parser took it as a keyword or symbol, or kept it as text
 * of a node; all others must be covered by exactly one leaf. Throws SqlRoundTrip if the tree and
 * the tokens disagree, SqlTooLarge if the tree is too high to be walked by recursion.
 */
export function checkAccounting(statement: Statement, uses: Uint8Array): Met {
  const accounting = new Accounting(uses)
  accounting.check(statement, 0, uses.length, 1)
  accounting.close()
  return accounting
}

class Accounting {
  readonly items: SelectItem[] = []
  readonly pivots: Pivot[] = []
  private readonly covered: Uint8Array
  /** The children of all nodes between the root and the one at hand. */
  private readonly nodes: Node[] = []

  constructor(uses: Uint8Array) {
    this.covered = uses.slice()
  }

  /** `start` and `end` bound the node. The height that is checked for makes recursion safe. */
  check(node: Node, start: number, end: number, height: number): void {
    if (height > limits.treeHeight) throw tooLarge(`a tree higher than ${limits.treeHeight}`)
    const { kind, span } = node
    if (span.start < start || span.end > end || span.start > span.end) refuse()
    if (leaves.has(kind)) this.cover(kind === 'Positional' ? span.end - 1 : span.start, span.end)
    if (node.kind === 'SelectItem') this.items.push(node)
    else if (node.kind === 'Pivot') this.pivots.push(node)
    const { nodes } = this
    const first = nodes.length
    appendChildren(node, nodes)
    const last = nodes.length
    if (first === last) return
    if (!inOrder(nodes, first) && !inOrder(sorted(nodes.slice(first)), 0)) refuse()
    const bound = openEnded.has(kind) ? end : span.end
    for (let index = first; index < last; index += 1) {
      const child = nodes[index]
      if (child !== undefined) this.check(child, span.start, bound, height + 1)
    }
    while (nodes.length > first) nodes.pop()
  }

  /** Throws SqlRoundTrip if a token was left out. */
  close(): void {
    if (this.covered.includes(0)) refuse()
  }

  private cover(start: number, end: number): void {
    const { covered } = this
    for (let index = start; index < end; index += 1) {
      if (covered[index] === LEAF) refuse()
      if (covered[index] === 0) covered[index] = LEAF
    }
  }
}

/** Do the nodes from an index on follow one another in the text, as nearly all do? */
function inOrder(nodes: readonly Node[], from: number): boolean {
  let end = 0
  for (let index = from; index < nodes.length; index += 1) {
    const span = nodes[index]?.span
    if (span === undefined || span.start < end) return false
    end = span.end
  }
  return true
}

/** In text order; children that overlap, which would claim a token twice, are not in order then. */
function sorted(nodes: readonly Node[]): readonly Node[] {
  return nodes.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
}

function refuse(): never {
  throw FrostgateError.of('SqlRoundTrip', {})
}
