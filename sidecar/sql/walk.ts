/** The tree without knowing its shapes: one table of which keys of a node hold other nodes. */

import type * as Ast from './ast.ts'
import type * as Statements from './statements.ts'

export type Node =
  | Statements.Statement
  | Ast.Identifier
  | Ast.ObjectName
  | Ast.Query
  | Ast.With
  | Ast.Cte
  | Ast.QueryBody
  | Ast.SelectItem
  | Ast.Star
  | Ast.GroupBy
  | Ast.OrderItem
  | Ast.Join
  | Ast.JoinStep
  | Ast.Relation
  | Ast.Expression
  | Ast.Argument
  | Ast.WindowSpecification

export type NodeKind = Node['kind']
export type NodeOf<K extends NodeKind> = Extract<Node, { readonly kind: K }>

/** In the order in which they stand in the text, as far as the grammar fixes one. */
const childKeys: { readonly [K in NodeKind]: readonly (keyof NodeOf<K>)[] } = {
  QueryStatement: ['query'],
  Use: ['name'],
  AlterSession: ['parameters'],
  Transaction: ['name'],
  Show: ['in'],
  Describe: ['name'],
  HeadStatement: ['name'],
  Identifier: [],
  ObjectName: ['parts'],
  Query: ['with', 'body', 'orderBy', 'limit', 'offset'],
  With: ['ctes'],
  Cte: ['name', 'columns', 'query'],
  SetOperation: ['arms'],
  Values: ['rows'],
  Select: ['top', 'items', 'from', 'where', 'groupBy', 'having', 'qualify'],
  SelectItem: ['expression', 'alias'],
  Star: ['qualifier', 'exclude', 'replace', 'rename'],
  GroupBy: ['items'],
  OrderItem: ['expression'],
  Join: ['first', 'steps'],
  JoinStep: ['relation', 'conditions', 'using'],
  TableReference: ['name', 'timeTravel', 'alias', 'columnAliases', 'sample'],
  DerivedTable: ['query', 'alias', 'columnAliases', 'sample'],
  TableFunction: ['call', 'alias', 'columnAliases'],
  ParenthesisedJoin: ['item'],
  DynamicRelation: ['argument', 'alias', 'columnAliases'],
  Literal: [],
  ColumnReference: ['parts'],
  Positional: ['qualifier'],
  Variable: [],
  Bind: [],
  FunctionCall: ['name', 'arguments', 'withinGroup', 'window'],
  Argument: ['name', 'value'],
  WindowSpecification: ['partitionBy', 'orderBy', 'frame'],
  Cast: ['expression'],
  Case: ['operand', 'whens', 'else'],
  Unary: ['operand'],
  Chain: ['operands'],
  Between: ['expression', 'low', 'high'],
  InList: ['expression', 'items'],
  InQuery: ['expression', 'query'],
  Like: ['expression', 'patterns', 'escape'],
  IsTest: ['expression', 'other'],
  Exists: ['query'],
  ScalarSubquery: ['query'],
  Tuple: ['items'],
  Path: ['base', 'subscripts'],
  Lambda: ['parameters', 'body'],
  DynamicName: ['argument'],
  ArrayLiteral: ['items'],
  ObjectLiteral: ['entries'],
}

/** The direct children of a node, in text order except for `x COLLATE y`. */
export function children(node: Node): readonly Node[] {
  const found: Node[] = []
  // childKeys names only keys of this kind of node, which a mapped type cannot tell here.
  const values = node as unknown as Readonly<Record<string, unknown>>
  for (const key of childKeys[node.kind]) collect(values[key], found)
  return found
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

function isNode(value: object): value is Node {
  return 'kind' in value && typeof value.kind === 'string' && Object.hasOwn(childKeys, value.kind)
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
    stack.push(...children(node).toReversed())
  }
}

function visit(node: Node, visitor: Visitor): undefined | boolean {
  const handler = visitor[node.kind] as ((node: Node) => undefined | boolean) | undefined
  return handler?.(node)
}
