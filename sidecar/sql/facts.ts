/** What a statement reads, writes and calls. A name is a CTE only where it is in scope. */

import type {
  Cte,
  Expression,
  Identifier,
  Query,
  SetOperation,
  Span,
  TableReference,
} from './ast.ts'
import type { FunctionUse, RelationUse, StatementFacts } from './facts-types.ts'
import { partsOf, printName } from './names.ts'
import { classify } from './statement-kind.ts'
import type { Statement } from './statements.ts'
import { children } from './walk.ts'
import type { Node, NodeKind, NodeOf } from './walk.ts'

/** The common table expressions of one WITH that are visible, and those around it. */
interface Scope {
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

interface Visit {
  readonly node: Node
  readonly scope: Scope | undefined
  /** The CTE whose body this node is: only its later arms may name it. */
  readonly self?: Self
}

interface Collected {
  readonly reads: RelationUse[]
  readonly functions: FunctionUse[]
  readonly dynamic: { readonly what: string; readonly span: Span }[]
  readonly variables: string[]
  readonly binds: string[]
}

export function factsOf(statement: Statement): StatementFacts {
  const found: Collected = { reads: [], functions: [], dynamic: [], variables: [], binds: [] }
  const stack: Visit[] = [{ node: statement, scope: undefined }]
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    record(visit, found)
    stack.push(...inside(visit).toReversed())
  }
  const head = statement.kind === 'HeadStatement' ? statement : undefined
  return {
    ...classify(statement),
    structured: head === undefined,
    writes: head?.writes === true && head.name !== undefined ? [head.name] : [],
    stages: head?.stages ?? [],
    ...found,
  }
}

/** What each kind of node adds to the facts. */
const recorders: { readonly [K in NodeKind]?: (node: NodeOf<K>, found: Collected) => void } = {
  TableFunction({ call }, { functions }) {
    functions.push({ name: partsOf(call.name), table: true, span: call.span })
  },
  FunctionCall({ name, span }, { functions }) {
    functions.push({ name: partsOf(name), table: false, span })
  },
  ColumnReference({ parts, span }, { functions }) {
    if (isSequence(parts)) functions.push({ name: partsOf({ parts }), table: false, span })
  },
  DynamicRelation({ argument, span }, { dynamic }) {
    dynamic.push({ what: `a table named by ${describe(argument)}`, span })
  },
  DynamicName({ argument, span }, { dynamic }) {
    dynamic.push({ what: `a name given by ${describe(argument)}`, span })
  },
  Variable({ name }, { variables }) {
    variables.push(name)
  },
  Bind({ name }, { binds }) {
    binds.push(name)
  },
}

/** `s.NEXTVAL` reads as a column, but draws from the sequence `s`, which need not be in FROM. */
function isSequence(parts: readonly Identifier[]): boolean {
  return parts.length > 1 && parts.at(-1)?.value.toUpperCase() === 'NEXTVAL'
}

function record({ node, scope }: Visit, found: Collected): void {
  if (node.kind === 'TableReference') {
    const cte = scopeOf(node, scope)
    if (cte === undefined) found.reads.push({ name: node.name, reference: node })
    else if (cte.undeclared === true) found.dynamic.push(eitherOf(node))
    return
  }
  const recorder = recorders[node.kind] as ((node: Node, found: Collected) => void) | undefined
  recorder?.(node, found)
}

function describe(argument: Expression): string {
  if (argument.kind === 'Variable') return `$${argument.name}`
  return argument.kind === 'Bind' ? `bind ${argument.name}` : 'an expression'
}

function eitherOf({ name, span }: TableReference): Collected['dynamic'][number] {
  const what = `${printName(partsOf(name))}, a table or the WITH that it stands in (qualify the table, or write WITH RECURSIVE),`
  return { what, span }
}

/** Where a name is defined as a CTE, if it is one. Qualified names never are. */
function scopeOf({ name }: TableReference, scope: Scope | undefined): Scope | undefined {
  const [only, ...rest] = name.parts
  if (rest.length > 0) return undefined
  for (let at = scope; at !== undefined; at = at.outer) {
    if ((at.defined.get(only?.value ?? '') ?? at.before) < at.before) return at
  }
  return undefined
}

function inside(visit: Visit): readonly Visit[] {
  const { node, scope } = visit
  if (node.kind === 'Query') return insideQuery(node, visit)
  if (node.kind === 'SetOperation' && visit.self !== undefined) {
    return insideRecursive(node, scope, visit.self)
  }
  // The call itself is recorded with its table function.
  if (node.kind === 'TableFunction') {
    return children(node).flatMap((child) =>
      (child === node.call ? children(child) : [child]).map((inner) => ({ node: inner, scope })),
    )
  }
  return children(node).map((child) => ({ node: child, scope }))
}

function insideQuery(query: Query, { scope, self }: Visit): readonly Visit[] {
  const ctes = query.with?.ctes ?? []
  const defined = new Map(ctes.map((cte, index) => [cte.name.value, index] as const).toReversed())
  const visible = (before: number): Scope => ({ defined, before, outer: scope })
  const visits = ctes.map((cte, index) => cteBody(query, cte, visible(index)))
  for (const child of children(query)) {
    if (child.kind === 'With') continue
    const own = child === query.body && self !== undefined ? { self } : {}
    visits.push({ node: child, scope: visible(ctes.length), ...own })
  }
  return visits
}

/**
 * A CTE sees earlier siblings only, and itself if the WITH is RECURSIVE. That word is optional
 * (https://docs.snowflake.com/en/sql-reference/constructs/with), so without it its own name in an
 * arm that could recur is left open.
 */
function cteBody(query: Query, cte: Cte, scope: Scope): Visit {
  const self = { name: cte.name.value, declared: query.with?.recursive === true }
  return { node: cte.query, scope, self }
}

/** In the anchor arm, and where arms are not joined by UNION ALL, the name is the table's. */
function insideRecursive(node: SetOperation, scope: Scope | undefined, self: Self): Visit[] {
  const repeats = node.operators.every((operator) => operator.type === 'UNION' && operator.all)
  const defined = new Map([[self.name, 0]])
  const recursive: Scope = { defined, before: 1, outer: scope, undeclared: !self.declared }
  return node.arms.map((arm, index) => ({
    node: arm,
    scope: repeats && index > 0 ? recursive : scope,
  }))
}

/** Facts as lines of text with their place: two statements with the same lines mean the same. */
export function factLines(statement: Statement): readonly { text: string; span: Span }[] {
  const facts = factsOf(statement)
  // The kind is the whole statement's, which may grow at its end: an alias of its last item.
  const start = { start: 0, end: 0 }
  return [
    { text: `kind ${facts.kind} ${facts.class} ${facts.structured}`, span: start },
    ...facts.reads.map(({ name }) => ({
      text: `read ${printName(partsOf(name))}`,
      span: name.span,
    })),
    ...facts.functions.map(({ name, table, span }) => ({
      text: `call ${printName(name)} ${table}`,
      span,
    })),
    ...facts.dynamic.map(({ what, span }) => ({ text: `dynamic ${what}`, span })),
    ...facts.stages.map(({ name, span }) => ({ text: `stage ${name}`, span })),
    ...facts.writes.map((name) => ({ text: `write ${printName(partsOf(name))}`, span: name.span })),
  ]
}
