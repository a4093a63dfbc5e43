/** Which keys of a node hold other nodes: one row per kind of node, statements aside. */

import type * as Ast from '../ast.ts'
import type { Statement } from '../statements/table.ts'

/** Every node but statements. */
export type TreeNode =
  | Ast.Identifier
  | Ast.ObjectName
  | Ast.Stage
  | Ast.Body
  | Ast.Property
  | Ast.PropertyList
  | Ast.ColumnDefinition
  | Ast.Constraint
  | Ast.Attachment
  | Ast.Parameter
  | Ast.Source
  | Ast.AlterAction
  | Ast.Query
  | Ast.With
  | Ast.Cte
  | Ast.ModelVersion
  | Ast.QueryBody
  | Ast.SelectItem
  | Ast.Star
  | Ast.GroupBy
  | Ast.OrderItem
  | Ast.Join
  | Ast.JoinStep
  | Ast.Relation
  | Ast.Transform
  | Ast.Expression
  | Ast.Argument
  | Ast.TableArgument
  | Ast.WindowSpecification
  | Ast.NestedProcedure
  | Exclude<Ast.ScriptStatement, Statement>

/** In the order in which they stand in the text, as far as the grammar fixes one. */
export const childKeys: {
  readonly [K in TreeNode['kind']]: readonly (keyof Extract<TreeNode, { readonly kind: K }>)[]
} = {
  Identifier: [],
  Stage: [],
  Body: [],
  Property: ['value'],
  PropertyList: ['items'],
  ColumnDefinition: ['name', 'value', 'constraints', 'properties', 'attachments'],
  Constraint: ['name', 'columns', 'references', 'check', 'include', 'properties'],
  Attachment: ['name', 'arguments', 'value'],
  Parameter: ['name', 'value'],
  Source: ['name', 'timeTravel', 'table', 'query'],
  AlterAction: [
    'target',
    'columns',
    'names',
    'constraints',
    'attachments',
    'expressions',
    'tables',
    'properties',
    'query',
    'body',
    'statement',
  ],
  ObjectName: ['parts'],
  Query: ['with', 'body', 'orderBy', 'limit', 'offset'],
  With: ['ctes', 'models'],
  ModelVersion: ['name', 'model', 'version'],
  Cte: ['name', 'columns', 'query'],
  SetOperation: ['arms'],
  Values: ['rows'],
  Select: ['top', 'items', 'into', 'from', 'connectBy', 'where', 'groupBy', 'having', 'qualify'],
  SelectItem: ['expression', 'alias'],
  Star: ['qualifier', 'exclude', 'replace', 'rename'],
  GroupBy: ['items'],
  OrderItem: ['expression'],
  Join: ['first', 'steps'],
  JoinStep: ['relation', 'conditions', 'using'],
  TableReference: ['name', 'timeTravel', 'alias', 'columnAliases', 'sample'],
  DerivedTable: ['query', 'alias', 'columnAliases', 'sample'],
  TableFunction: ['call', 'alias', 'columnAliases', 'sample'],
  ParenthesisedJoin: ['item', 'alias', 'columnAliases', 'sample'],
  DynamicRelation: ['argument', 'timeTravel', 'alias', 'columnAliases', 'sample'],
  StageRelation: ['stage', 'options', 'alias', 'columnAliases', 'sample'],
  PriorResult: ['link', 'alias', 'columnAliases', 'sample'],
  SemanticView: ['view', 'items', 'where', 'alias', 'columnAliases', 'sample'],
  TransformedRelation: ['relation', 'transforms', 'sample'],
  Pivot: [
    ...(['aggregates', 'column', 'values', 'orderBy', 'defaultOnNull'] as const),
    ...(['alias', 'columnAliases'] as const),
  ],
  Unpivot: ['value', 'name', 'columns', 'alias', 'columnAliases'],
  MatchRecognize: [
    ...(['partitionBy', 'orderBy', 'measures', 'skipTo', 'pattern'] as const),
    ...(['subsets', 'definitions', 'alias', 'columnAliases'] as const),
  ],
  Resample: ['using', 'increment', 'partitionBy', 'metadata', 'alias', 'columnAliases'],
  Literal: [],
  ColumnReference: ['parts'],
  Positional: ['qualifier'],
  Variable: [],
  Bind: [],
  FunctionCall: ['name', 'arguments', 'withinGroup', 'window'],
  MethodCall: ['object', 'version', 'method', 'arguments', 'window'],
  DynamicCall: ['name', 'arguments'],
  Argument: ['name', 'value'],
  TableArgument: ['source', 'partitionBy', 'orderBy'],
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
  Tuple: ['items', 'stars'],
  Path: ['base', 'subscripts'],
  Lambda: ['parameters', 'body'],
  DynamicName: ['argument'],
  ArrayLiteral: ['items'],
  ObjectLiteral: ['entries', 'spread'],
  NestedProcedure: ['name', 'parameters', 'body'],
  Declaration: ['name', 'values'],
  Assignment: ['name', 'value'],
  IfStatement: ['branches', 'otherwise'],
  CaseStatement: ['operand', 'branches', 'otherwise'],
  ForLoop: ['variable', 'range', 'rows', 'statements', 'label'],
  Loop: ['condition', 'statements', 'label'],
  Jump: ['label'],
  CursorStatement: ['cursor', 'using', 'into'],
  ReturnStatement: ['value', 'table'],
  Raise: ['exception'],
  NullStatement: [],
  JobStatement: ['resultSet'],
  AsyncStatement: ['statement'],
  SystemStatement: ['call'],
}
