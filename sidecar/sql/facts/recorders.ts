/** What each kind of node adds to the facts. Statements say so in their definitions. */

import type { Expression, Identifier, ObjectName } from '../ast.ts'
import type { TreeNode } from '../ast/child-keys.ts'
import { partsOf, printName } from '../names.ts'
import type { Node } from '../walk.ts'
import type { FactCollector } from './collector.ts'
import { namedBy } from './named-by.ts'
import { recordArguments } from './arguments.ts'
import { scopeOf } from './scope.ts'
import type { Surroundings } from './scope.ts'

type NodeKind = TreeNode['kind']
type NodeOf<K extends NodeKind> = Extract<TreeNode, { readonly kind: K }>
type RecorderOf<K extends NodeKind> = (
  node: NodeOf<K>,
  found: FactCollector,
  around: Surroundings,
) => void

/** As tables hold one: given only nodes of its own kind. */
export type Recorder = (node: Node, found: FactCollector, around: Surroundings) => void

export const recorders: { readonly [K in NodeKind]?: RecorderOf<K> } = {
  TableReference(node, found, { scope }) {
    const cte = scopeOf(node, scope)
    if (cte === undefined) {
      found.reads.push({ name: node.name, reference: node })
      if (node.timeTravel.length > 0) found.timeTravel.push(node.span)
    } else if (cte.undeclared === true) {
      const what = `${printName(partsOf(node.name))}, a table or the WITH that it stands in (qualify the table, or write WITH RECURSIVE),`
      found.dynamic.push({ what, span: node.span })
    }
  },
  /** Rows of a WITH, or a reference to a stored object, which no WITH is? */
  TableArgument({ source, span }, { dynamic }, { scope }) {
    if (source.kind !== 'TableReference' || scopeOf(source, scope) === undefined) return
    const what = `${printName(partsOf(source.name))}, a table or a part of the WITH (qualify the table, or write TABLE(SELECT …)),`
    dynamic.push({ what, span })
  },
  PriorResult({ span }, { priorResults }) {
    priorResults.push(span)
  },
  StageRelation({ options }, found) {
    for (const { name, value } of options) {
      if (name === 'FILE_FORMAT') found.use(namedBy(value), 'FILE FORMAT', 'USAGE')
    }
  },
  MethodCall({ object, method, span }, found) {
    found.use(object, 'MODEL', 'USAGE')
    found.functions.push({ name: [...partsOf(object), method.value], type: 'Method', span })
  },
  /** A list of allowed methods speaks of models, not of names for them: so the name is one, too. */
  ModelVersion({ model, span }, found) {
    found.use(model, 'MODEL', 'USAGE')
    found.functions.push({ name: [...partsOf(model), 'VERSION'], type: 'Method', span })
  },
  FunctionCall(node, found, { ownCall, block }) {
    recordArguments(node, found)
    const { name, span } = node
    const special = block.kind === 'Call' ? 'Procedure' : 'Table'
    const type = node === ownCall ? special : 'Scalar'
    found.functions.push({ name: partsOf(name), type, span })
    if (readsPriorResult(name)) found.priorResults.push(span)
  },
  ColumnReference({ parts, span }, found, { block }) {
    const name = partsOf({ parts })
    if (isSequence(parts)) found.functions.push({ name, type: 'Scalar', span })
    else found.columns.push({ name, span, scope: block })
  },
  /** Each names a column of both sides. */
  JoinStep({ using }, { columns }, { block }) {
    for (const { value, span } of using) columns.push({ name: [value], span, scope: block })
  },
  DynamicRelation({ argument, span }, { dynamic }) {
    dynamic.push({ what: `a table named by ${describe(argument)}`, span })
  },
  DynamicName({ argument, span }, { dynamic }) {
    dynamic.push({ what: `a name given by ${describe(argument)}`, span })
  },
  Attachment({ name, objectClass }, found) {
    found.use(name, objectClass, 'APPLY')
  },
  Constraint({ references }, found) {
    found.use(references?.table, 'TABLE', 'REFERENCES')
  },
  Source({ name, objectClass, timeTravel, span }, found) {
    found.use(name, objectClass, 'USAGE')
    if (timeTravel.length > 0) found.timeTravel.push(span)
  },
  Variable({ name }, { variables }) {
    variables.push(name)
  },
  Bind({ name }, { binds }) {
    binds.push(name)
  },
  Stage({ text, span }, found) {
    found.stages.push({ name: text, access: found.accessOf(span), span })
  },
  Literal({ type, value, span }, { urls }, { property }) {
    if (property && type === 'string' && isUrl(value)) urls.push({ url: value, span })
  },
}

/** Does a string name a place outside Snowflake? */
function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
}

const priorResultFunctions = new Set(['RESULT_SCAN', 'LAST_QUERY_ID'])

function readsPriorResult({ parts }: ObjectName): boolean {
  return priorResultFunctions.has(parts.at(-1)?.value.toUpperCase() ?? '')
}

/** `s.NEXTVAL` reads as a column, but draws from the sequence `s`, which need not be in FROM. */
function isSequence(parts: readonly Identifier[]): boolean {
  return parts.length > 1 && parts.at(-1)?.value.toUpperCase() === 'NEXTVAL'
}

function describe(argument: Expression): string {
  if (argument.kind === 'Variable') return `$${argument.name}`
  return argument.kind === 'Bind' ? `bind ${argument.name}` : 'an expression'
}
