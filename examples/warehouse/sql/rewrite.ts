import { duckDateFormat } from './date-formats.ts'
import type { SnowType } from '../engine/types.ts'
import { castType } from './infer.ts'
import {
  call,
  child,
  expression,
  list,
  literal,
  mapTree,
  string,
  type Tree,
  type TreeNode,
} from './tree.ts'

type Rule = (body: TreeNode, node: TreeNode) => Tree

/** CAST targets that DuckDB spells otherwise. */
function duckTarget(type: SnowType): TreeNode {
  if (type.kind === 'fixed') {
    return { data_type: 'custom', name: `DECIMAL(${type.precision}, ${type.scale})` }
  }
  if (type.kind === 'time') return { data_type: 'time', precision: null, timezone: false }
  if (type.kind === 'text') return { data_type: 'text' }
  return { data_type: 'timestamp', timezone: type.kind === 'timestamp_ltz', precision: null }
}

function rewriteCast(kind: 'cast' | 'try_cast'): Rule {
  return (body, node) => {
    const type = castType(body)
    const value = body['this']
    if (type === undefined) return node
    if (type.kind === 'variant' || type.kind === 'object') return call('SF_TO_VARIANT', value)
    if (type.kind === 'array') return call('SF_TO_ARRAY', value)
    if (type.kind === 'timestamp_tz') return call('SF_TO_TIMESTAMP_TZ', value)
    if (type.kind === 'binary') return call('SF_TO_BINARY', value)
    if (type.kind === 'real')
      return { [kind]: { ...body, this: call('SF_PLAIN', value), to: { data_type: 'double' } } }
    if (type.kind === 'boolean' || type.kind === 'date') return { [kind]: body }
    const limited =
      kind === 'cast' && type.kind === 'text' && string(child(body, 'to'), 'data_type') !== 'text'
    const hasLimit = limited && type.length < 16_777_216
    const asText = hasLimit
      ? call('SF_TEXT_MAX', value, literal(type.length))
      : call('SF_TEXT', value)
    const instant = type.kind === 'timestamp_ltz' ? call('SF_INSTANT', value) : value
    const inner = type.kind === 'text' ? asText : instant
    return { [kind]: { ...body, this: inner, to: duckTarget(type) } }
  }
}

function flattenInput(args: readonly Tree[]): Tree {
  const named = args.map((arg) => child(arg, 'named_argument')).filter((arg) => arg !== undefined)
  const input = named.find((arg) => string(child(arg, 'name'), 'name')?.toUpperCase() === 'INPUT')
  const path = named.find((arg) => string(child(arg, 'name'), 'name')?.toUpperCase() === 'PATH')
  const value = input === undefined ? args[0] : input['value']
  return path === undefined ? value : call('SF_GET_PATH', value, path['value'])
}

const instant = { data_type: 'timestamp', timezone: false, precision: null }
const cast = (value: Tree, to: TreeNode): TreeNode => ({
  cast: {
    this: value,
    to,
    trailing_comments: [],
    double_colon_syntax: false,
    format: null,
    default: null,
  },
})

/** Conversions with a format: DuckDB wants it as a constant, so no macro can hold these. */
const withFormat: Readonly<Record<string, (value: Tree, format: TreeNode) => TreeNode>> = {
  SF_TO_VARCHAR: (value, format) =>
    call('STRFTIME', cast(call('SF_PLAIN', value), instant), format),
  SF_TO_CHAR: (value, format) => call('STRFTIME', cast(call('SF_PLAIN', value), instant), format),
  SF_TO_DATE: (value, format) =>
    cast(call('STRPTIME', call('SF_PLAIN', value), format), { data_type: 'date' }),
  SF_TO_TIMESTAMP: (value, format) => call('STRPTIME', call('SF_PLAIN', value), format),
  SF_TO_TIMESTAMP_NTZ: (value, format) => call('STRPTIME', call('SF_PLAIN', value), format),
}

/** A string literal, or several put together by `||`. */
function constantText(tree: Tree): string | undefined {
  const found = expression(tree)
  if (found?.kind === 'literal') return string(found.body, 'value')
  if (found?.kind !== 'concat') return undefined
  const [left, right] = [constantText(found.body['left']), constantText(found.body['right'])]
  return left === undefined || right === undefined ? undefined : left + right
}

function rewriteFunction(
  body: TreeNode,
  node: TreeNode,
  constants: ReadonlyMap<string, TreeNode>,
): Tree {
  const name = (string(body, 'name') ?? '').toUpperCase()
  const args = list(body, 'args')
  if (args.length === 0) return constants.get(name) ?? node
  const formatted = args.length === 2 ? withFormat[name] : undefined
  const format = constantText(args[1])
  if (formatted !== undefined && format !== undefined)
    return formatted(args[0], literal(duckDateFormat(format)))
  if (name === 'FLATTEN') return call('SF_FLATTEN', flattenInput(args))
  // TABLE(FLATTEN(…)) in FROM: the inner call has been rewritten already.
  if (name === 'TABLE' && string(child(args[0], 'function'), 'name') === 'SF_FLATTEN')
    return args[0]
  return node
}

const rules: Readonly<Record<string, Rule>> = {
  div: (body) => call('SF_DIV', body['left'], body['right']),
  cast: rewriteCast('cast'),
  try_cast: rewriteCast('try_cast'),
  subscript: (body) => call('SF_GET', body['this'], body['index']),
  j_s_o_n_extract: (body) => call('SF_GET_PATH', body['this'], body['expression']),
  array_func: (body, node) =>
    list(body, 'expressions').length === 0
      ? node
      : call('SF_ARRAY_CONSTRUCT', ...list(body, 'expressions')),
}

/** The changes of meaning that are made on the tree, after names are settled. */
export function rewrite(tree: Tree, constants: ReadonlyMap<string, TreeNode>): Tree {
  return mapTree(tree, (node) => {
    const found = expression(node)
    if (found === undefined) return node
    if (found.kind === 'function') return rewriteFunction(found.body, node, constants)
    return rules[found.kind]?.(found.body, node) ?? node
  })
}
