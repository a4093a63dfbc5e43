/** A name is a CTE only where it is in scope. */

import type { Cte, Query, SetOperation, TableReference } from '../ast.ts'
import { statementKinds } from '../statements/table.ts'
import { appendChildren, children, reverseFrom } from '../walk.ts'
import type { Node } from '../walk.ts'

/** The common table expressions of one WITH that are visible, and those around it. */
export interface Scope {
  /** By name, where in its WITH it is defined. */
  readonly defined: ReadonlyMap<string, number>
  /** Only those before this one are visible. */
  readonly before: number
  readonly outer: Scope | undefined
  /** Its name may as well be a table's: Snowflake takes RECURSIVE as understood where it fits. */
  readonly undeclared?: boolean
}

/** A CTE inside its own body. */
interface Self {
  readonly name: string
  /** Under WITH RECURSIVE. */
  readonly declared: boolean
}

/** What a node can see; siblings mostly share one. */
export interface Surroundings {
  readonly scope: Scope | undefined
  /** The nearest query, SELECT or statement around the node; of a whole statement, itself. */
  readonly block: Node
  /** The CTE whose body this node is: only its later arms may name it. */
  readonly self: Self | undefined
  /** The call that a table function or CALL consists of: no ordinary call. */
  readonly ownCall: Node | undefined
  /** Inside a property of a statement. */
  readonly property: boolean
}

export function surroundings(block: Node, scope?: Scope, self?: Self): Surroundings {
  return { scope, block, self, ownCall: undefined, property: false }
}

/** A stack of nodes still to be visited, each with what it can see. */
export class Visits {
  private readonly nodes: Node[] = []
  private readonly around: Surroundings[] = []

  push(node: Node, around: Surroundings): void {
    this.nodes.push(node)
    this.around.push(around)
  }

  /** Pushes the children of a node, the first one last, so that they come in text order. */
  pushChildren(node: Node, around: Surroundings): void {
    const { nodes } = this
    const first = nodes.length
    appendChildren(node, nodes)
    reverseFrom(nodes, first)
    for (let index = first; index < nodes.length; index += 1) this.around.push(around)
  }

  /** Hands over one node after the other, until none is left. */
  each(visit: (node: Node, around: Surroundings) => void): void {
    for (let node = this.nodes.pop(); node !== undefined; node = this.nodes.pop()) {
      const around = this.around.pop()
      if (around !== undefined) visit(node, around)
    }
  }
}

/** Where a name is defined as a CTE, if it is one. Qualified names and those in time never are. */
export function scopeOf(
  { name, timeTravel }: TableReference,
  scope: Scope | undefined,
): Scope | undefined {
  const [only, ...rest] = name.parts
  if (rest.length > 0 || timeTravel.length > 0) return undefined
  for (let at = scope; at !== undefined; at = at.outer) {
    if ((at.defined.get(only?.value ?? '') ?? at.before) < at.before) return at
  }
  return undefined
}

/** Pushes the children of a node, each with what it can see. */
export function pushInside(node: Node, around: Surroundings, visits: Visits): void {
  if (node.kind === 'Query') {
    pushQuery(node, around, visits)
  } else if (node.kind === 'SetOperation' && around.self !== undefined) {
    pushRecursive(node, around, around.self, visits)
  } else if (node.kind === 'SemanticView') {
    // The view itself is none of the common table expressions around it.
    for (const child of children(node).toReversed()) {
      visits.push(child, child === node.view ? surroundings(around.block) : around)
    }
  } else {
    visits.pushChildren(node, surroundingsIn(node, around))
  }
}

const blocks: ReadonlySet<string> = new Set(['Select', ...statementKinds.map(({ kind }) => kind)])
const changing: ReadonlySet<string> = new Set([...blocks, 'Property', 'TableFunction'])

/** Most nodes change nothing: their children see what they see themselves. */
function surroundingsIn(node: Node, around: Surroundings): Surroundings {
  const inherited = around.self === undefined && around.ownCall === undefined
  if (inherited && !changing.has(node.kind)) return around
  return {
    scope: around.scope,
    block: blocks.has(node.kind) ? node : around.block,
    self: undefined,
    ownCall: node.kind === 'TableFunction' || node.kind === 'Call' ? node.call : undefined,
    property: around.property || node.kind === 'Property',
  }
}

function pushQuery(query: Query, { scope, self }: Surroundings, visits: Visits): void {
  const ctes = query.with?.ctes ?? []
  const defined = definitions(ctes)
  const visible = (before: number): Scope => ({ defined, before, outer: scope })
  const own = surroundings(query, ctes.length === 0 ? scope : visible(ctes.length))
  for (const child of children(query).toReversed()) {
    if (child.kind === 'With') continue
    visits.push(child, child === query.body && self !== undefined ? { ...own, self } : own)
  }
  for (const model of query.with?.models ?? []) visits.push(model, own)
  for (const [index, cte] of [...ctes.entries()].reverse()) {
    visits.push(cte.query, surroundings(query, visible(index), selfOf(query, cte)))
  }
}

const none: ReadonlyMap<string, number> = new Map()

function definitions(ctes: readonly Cte[]): ReadonlyMap<string, number> {
  if (ctes.length === 0) return none
  return new Map(ctes.map((cte, index) => [cte.name.value, index] as const))
}

/**
 * A CTE sees earlier siblings only, and itself if the WITH is RECURSIVE. That word is optional
 * (https://docs.snowflake.com/en/sql-reference/constructs/with), so without it its own name in an
 * arm that could recur is left open.
 */
function selfOf(query: Query, cte: Cte): Self {
  return { name: cte.name.value, declared: query.with?.recursive === true }
}

/** In the anchor arm, and where arms are not joined by UNION ALL, the name is the table's. */
function pushRecursive(
  node: SetOperation,
  { scope, block }: Surroundings,
  self: Self,
  visits: Visits,
): void {
  const repeats = node.operators.every((operator) => operator.type === 'UNION' && operator.all)
  const defined = new Map([[self.name, 0]])
  const recursive: Scope = { defined, before: 1, outer: scope, undeclared: !self.declared }
  for (const [index, arm] of [...node.arms.entries()].reverse()) {
    visits.push(arm, surroundings(block, repeats && index > 0 ? recursive : scope))
  }
}
