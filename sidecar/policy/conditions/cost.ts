/**
 * What a condition may contain, and a bound on the steps that it takes. The library evaluates
 * without a budget, so both are settled before: by an allow-list, and by an estimate that grows
 * with the size of what the condition is asked about.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import { readPattern } from '../../masking/portable-pattern.ts'

export interface Size {
  /** Texts, numbers, lists and their entries in the environment. */
  readonly values: number
  /** Characters of the longest text. */
  readonly longest: number
}

/** An upper bound of the steps, and how many macros are inside each other. */
export interface Cost {
  readonly steps: (size: Size) => number
  readonly nesting: number
}

export interface Refusal {
  readonly refused: string
  readonly advice: string
  /** Character offset. */
  readonly at: number
}

export const maxNesting = 3

type Measure = Cost | Refusal

const calls: ReadonlySet<string> = new Set([
  'has', 'size', 'int', 'uint', 'double', 'string', 'bool', 'timestamp', 'duration', 'type',
]) // prettier-ignore

const methods: ReadonlySet<string> = new Set([
  'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'matches',
  'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getFullYear', 'getHours',
  'getMilliseconds', 'getMinutes', 'getMonth', 'getSeconds',
]) // prettier-ignore

const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

/** Operators that look at each entry of a list or each character of a text. */
const linear: ReadonlySet<string> = new Set(['in', '+'])

/** Of lists too, unless one side is a literal. */
const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])

const constantSteps: ReadonlySet<string> = new Set([
  '&&',
  '||',
  '!_',
  '-_',
  '-',
  '*',
  '/',
  '%',
  '?:',
  '.',
  '[]',
])

const one = (): number => 1

/** The cost of an expression, or the first thing in it that is not allowed. */
export function measure(node: ASTNode): Measure {
  const { op, args } = node as { readonly op: string; readonly args: unknown }
  if (op === 'value' || op === 'id') return { steps: one, nesting: 0 }
  if (op === 'call') return measureCall(node, args as readonly [string, readonly ASTNode[]])
  if (op === 'rcall') {
    return measureMethod(node, args as readonly [string, ASTNode, readonly ASTNode[]])
  }
  if (op === 'list' || op === 'map') return sum((args as readonly unknown[]).flat(2), one)
  const operands = Array.isArray(args) ? args : [args]
  if (linear.has(op)) return sum(operands, entries)
  if (comparisons.has(op)) return sum(operands, operands.some(isLiteral) ? one : entries)
  if (constantSteps.has(op)) return sum(operands, one)
  return refuse(node, `the operator ${op} is not served`)
}

function measureCall(node: ASTNode, [name, given]: readonly [string, readonly ASTNode[]]): Measure {
  return calls.has(name) ? sum(given, one) : refuse(node, `there is no function ${name}`)
}

function measureMethod(
  node: ASTNode,
  [name, receiver, given]: readonly [string, ASTNode, readonly ASTNode[]],
): Measure {
  if (macros.has(name)) return measureMacro(node, receiver, given)
  if (name === 'matches') return measureMatches(node, receiver, given)
  if (methods.has(name)) return sum([receiver, ...given], one)
  return refuse(node, `there is no method ${name}`)
}

function measureMacro(node: ASTNode, receiver: ASTNode, given: readonly ASTNode[]): Measure {
  const list = measure(receiver)
  const body = sum(given, one)
  if ('refused' in list) return list
  if ('refused' in body) return body
  const nesting = Math.max(list.nesting, body.nesting + 1)
  if (nesting > maxNesting) {
    return refuse(node, `more than ${maxNesting} macros are inside each other`)
  }
  return { nesting, steps: (size) => list.steps(size) + size.values * body.steps(size) }
}

function measureMatches(node: ASTNode, receiver: ASTNode, given: readonly ASTNode[]): Measure {
  const [pattern] = given
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    return refuse(node, 'the pattern of matches is not a text in quotes')
  }
  const read = readPattern(pattern.args)
  if ('problem' in read) {
    const { message, advice } = read.problem
    return { refused: `the pattern of matches is refused: ${message}`, advice, at: node.start }
  }
  return sum([receiver], ({ longest }) => (longest + 1) ** (read.variable + 1))
}

const isLiteral = (node: unknown): boolean => (node as ASTNode).op === 'value'

const entries = ({ values }: Size): number => values

function sum(nodes: readonly unknown[], own: (size: Size) => number): Measure {
  const costs: Cost[] = []
  for (const node of nodes) {
    // Names of members are plain texts.
    if (typeof node === 'string') continue
    const cost = measure(node as ASTNode)
    if ('refused' in cost) return cost
    costs.push(cost)
  }
  return {
    nesting: Math.max(0, ...costs.map(({ nesting }) => nesting)),
    steps: (size) => costs.reduce((total, { steps }) => total + steps(size), own(size)),
  }
}

function refuse({ start }: ASTNode, refused: string): Refusal {
  return { refused, advice: 'docs/policy.md lists what conditions may use.', at: start }
}
