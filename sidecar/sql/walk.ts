/** The tree without knowing its shapes: which keys of a node hold other nodes. */

import { childKeys } from './ast/child-keys.ts'
import type { TreeNode } from './ast/child-keys.ts'
import { statementKinds } from './statements/table.ts'
import type { Statement } from './statements/table.ts'

export type Node = Statement | TreeNode
export type NodeKind = Node['kind']
export type NodeOf<K extends NodeKind> = Extract<Node, { readonly kind: K }>

const keys: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(childKeys),
  ...statementKinds.map(({ kind, children }) => [kind, children] as const),
])

/** The direct children of a node, in text order except for `x COLLATE y`. */
export function children(node: Node): readonly Node[] {
  const found: Node[] = []
  appendChildren(node, found)
  return found
}

/** As `children`, onto a list that is there: who walks whole trees makes no list for each node. */
export function appendChildren(node: Node, found: Node[]): void {
  const own = keys.get(node.kind)
  if (own === undefined) return
  const values = node as unknown as Readonly<Record<string, unknown>>
  for (const key of own) collect(values[key], found)
}

/** A value may be a node, a list, or a plain record such as one WHEN of a CASE. */
function collect(value: unknown, found: Node[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found)
  } else if (isNode(value)) {
    found.push(value)
  } else {
    for (const item of Object.values(value)) collect(item, found)
  }
}

function isNode(value: { readonly kind?: unknown }): value is Node {
  const { kind } = value
  return typeof kind === 'string' && keys.has(kind)
}

/** Handlers by node kind. Returning `false` leaves the node's children out. */
export type Visitor = {
  readonly [K in NodeKind]?: (node: NodeOf<K>) => undefined | boolean
}

/** Visits the tree in text order, each node before its children, without recursion. */
export function walk(root: Node, visitor: Visitor): void {
  const stack: Node[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (visit(node, visitor) === false) continue
    const first = stack.length
    appendChildren(node, stack)
    reverseFrom(stack, first)
  }
}

/** Turns a list round from an index on: on a stack, the first of several must be the last. */
export function reverseFrom(list: Node[], from: number): void {
  for (let low = from, high = list.length - 1; low < high; low += 1, high -= 1) {
    const [first, last] = [list[low], list[high]]
    if (first === undefined || last === undefined) return
    list[low] = last
    list[high] = first
  }
}

function visit(node: Node, visitor: Visitor): undefined | boolean {
  const handler = visitor[node.kind] as ((node: Node) => undefined | boolean) | undefined
  return handler?.(node)
}
