/** A condition: its text parsed, type-checked and bounded once; evaluated as often as needed. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { Environment } from '@marcbachmann/cel-js'
import type { Cost, Size } from './cost.ts'
import { measure } from './cost.ts'
import type { ConditionEnvironment } from './environment.ts'
import { bindings, sizeOf } from './bindings.ts'

export interface Condition {
  readonly text: string
  /** `failed`: it could not be evaluated, or would cost too much. Never throws. */
  readonly holds: (environment: ConditionEnvironment) => boolean | 'failed'
}

export interface ConditionProblem {
  readonly message: string
  readonly advice: string
  /** From 1, in the condition's text. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

type Compiled = Condition | { readonly problem: ConditionProblem }

const maxText = 4_096
/** Some hundred milliseconds at worst, and far more than a condition over a large statement needs. */
const maxSteps = 2_000_000

const names = 'list<string>'

const environment = new Environment({
  limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 256, maxMapEntries: 64 },
})
  .registerVariable({
    name: 'principal',
    schema: {
      provider: 'string',
      issuer: 'string',
      subject: 'string',
      groups: names,
      claims: 'map<string, dyn>',
      run: 'string',
    },
  })
  .registerVariable({
    name: 'statement',
    schema: {
      kind: 'string',
      class: 'string',
      objects: names,
      columns: names,
      functions: names,
      masked: names,
    },
  })
  .registerVariable({
    name: 'session',
    schema: { role: 'string', warehouse: 'string', database: 'string', schema: 'string' },
  })
  .registerVariable('now', 'google.protobuf.Timestamp')

const cacheSize = 2_048
const cache = new Map<string, Compiled>()

/** Parsed and type-checked once per text: a second call with the same text costs a look-up. */
export function compileCondition(text: string): Compiled {
  const known = cache.get(text)
  if (known !== undefined) return known
  const compiled = compile(text)
  if (cache.size >= cacheSize) cache.clear()
  cache.set(text, compiled)
  return compiled
}

function compile(text: string): Compiled {
  const refuse = (message: string, advice: string, at = 0): Compiled => ({
    problem: { message, advice, ...placeOf(text, at) },
  })
  if (text.length > maxText) {
    return refuse(`it is longer than ${maxText} characters`, 'Split it into several rules.')
  }
  try {
    const parsed = environment.parse(text)
    const cost = measure(parsed.ast)
    if ('refused' in cost) return refuse(cost.refused, cost.advice, cost.at)
    const { valid, type, error } = parsed.check()
    if (!valid) return refuse(withoutStop(error?.summary ?? ''), helpTypes, error?.range?.start)
    if (type !== 'bool') {
      return refuse(`it is of type ${type ?? 'unknown'}, not bool`, 'Compare it, as in == true.')
    }
    return conditionOf(text, parsed, cost, operatorsIn(parsed.ast, '+'))
  } catch (error) {
    const { summary, range } = error as { summary?: unknown; range?: { start?: number } }
    const reason = typeof summary === 'string' ? summary : 'it cannot be read'
    return refuse(withoutStop(reason), 'Write a CEL expression; see docs/policy.md.', range?.start)
  }
}

const helpTypes =
  'Use principal, statement, session and now as docs/policy.md describes them; ints and doubles do not mix.'

function conditionOf(
  text: string,
  evaluate: (context: Record<string, unknown>) => unknown,
  { steps, nesting }: Cost,
  concatenations: number,
): Condition {
  // Each + may double a text or a list, and once more in each macro that it is inside of.
  const growth = (concatenations + 1) ** (nesting + 1)
  const own = concatenations === 0 ? 0 : text.length
  const grown = ({ values, longest }: Size): Size => ({
    values: (values + text.length) * growth,
    longest: (longest + own) * growth,
  })
  return {
    text,
    holds: (asked) => {
      try {
        if (steps(grown(sizeOf(asked))) > maxSteps) return 'failed'
        const result = evaluate(bindings(asked))
        return typeof result === 'boolean' ? result : 'failed'
      } catch {
        // Evaluation ends in errors of the library (a claim that is not there), of Intl (a time
        // zone that is not one) or of the language; each means that nothing is known.
        return 'failed'
      }
    },
  }
}

function operatorsIn(node: unknown, op: string): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, each) => sum + operatorsIn(each, op), 0)
  if (typeof node !== 'object' || node === null || !('op' in node)) return 0
  const { args } = node as ASTNode
  return (node.op === op ? 1 : 0) + operatorsIn(args, op)
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, '')
}
