/** The translator's syntax tree is plain JSON; these are the few shapes this warehouse relies on. */
export type Tree = string | number | boolean | null | undefined | readonly Tree[] | TreeNode
export interface TreeNode {
  readonly [key: string]: Tree
}

export function isNode(tree: Tree): tree is TreeNode {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree)
}

export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree)
}

/** The child node under `key`, when there is one. */
export function child(tree: Tree, key: string): TreeNode | undefined {
  const found = isNode(tree) ? tree[key] : undefined
  return isNode(found) ? found : undefined
}

/** The list under `key`; empty when absent. */
export function list(tree: Tree, key: string): readonly Tree[] {
  const found = isNode(tree) ? tree[key] : undefined
  return isList(found) ? found : []
}

/** The string under `key`. */
export function string(tree: Tree, key: string): string | undefined {
  const found = isNode(tree) ? tree[key] : undefined
  return typeof found === 'string' ? found : undefined
}

/** The identifier's text under `key`: `{name: {name: "ID", quoted}}` → `ID`. */
export function identifier(tree: Tree, key: string): string | undefined {
  return string(child(tree, key), 'name')
}

/** Expressions are objects with one key, their kind: `{kind, body}`. */
export function expression(tree: Tree): { kind: string; body: TreeNode } | undefined {
  if (!isNode(tree)) return undefined
  const keys = Object.keys(tree)
  const kind = keys[0]
  if (kind === undefined || keys.length !== 1) return undefined
  const body = tree[kind]
  return { kind, body: isNode(body) ? body : {} }
}

/** Rebuilds the tree bottom-up; `change` sees each node after its children. */
export function mapTree(tree: Tree, change: (node: TreeNode) => Tree): Tree {
  if (isList(tree)) return tree.map((item) => mapTree(item, change))
  if (!isNode(tree)) return tree
  const copy: Record<string, Tree> = {}
  for (const [key, value] of Object.entries(tree)) copy[key] = mapTree(value, change)
  return change(copy)
}

/** Visits every node, parents first. */
export function visitTree(tree: Tree, visit: (node: TreeNode) => void): void {
  if (isList(tree)) for (const item of tree) visitTree(item, visit)
  else if (isNode(tree)) {
    visit(tree)
    for (const value of Object.values(tree)) visitTree(value, visit)
  }
}

export const literal = (value: string | number): TreeNode => ({
  literal: { literal_type: typeof value === 'number' ? 'number' : 'string', value: String(value) },
})
export const nullTree: TreeNode = { null: null }
export const name = (text: string): TreeNode => ({ name: text, quoted: true })
export const call = (func: string, ...args: readonly Tree[]): TreeNode => ({
  function: { name: func, args, distinct: false, trailing_comments: [] },
})
