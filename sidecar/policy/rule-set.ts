/** The rules of a set of policies, so ordered that a decision asks only those that may speak. */

import type {
  Bundle,
  CompiledPolicy,
  CompiledRule,
  MaskMethod,
  ObjectPattern,
} from '../control/bundle.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import { compileCondition, type Condition } from './conditions/index.ts'
import { PatternIndex } from './pattern-index.ts'

export interface RuleOf {
  readonly policy: CompiledPolicy
  readonly rule: CompiledRule
}

export interface RankedRule extends RuleOf {
  /** Of several that match, the first in the policies' order is the one that is named. */
  readonly rank: number
  readonly condition: Condition | undefined
}

/** Rules of one kind, by what they speak of. */
export interface RuleIndex {
  readonly all: readonly RankedRule[]
  /** By their objects; where they name none but columns, by the columns' relations. */
  readonly byObject: PatternIndex<RankedRule>
  /** Those that name neither. */
  readonly anywhere: readonly RankedRule[]
}

export interface RuleSet {
  readonly policies: readonly CompiledPolicy[]
  /** Allow and RequireApproval: what covers an access. */
  readonly covering: RuleIndex
  readonly denying: RuleIndex
  /** RequireApproval. */
  readonly holding: RuleIndex
  /** Rules that cover, by a function that they list. */
  readonly byFunction: ReadonlyMap<string, readonly RankedRule[]>
  /** Rules that cover queries: what is listed is what may be queried. */
  readonly querying: readonly RankedRule[]
  /** What makes masks: functions that hold a key. */
  readonly keyFunctions: readonly (readonly string[])[]
  /** Keys of masks stand in statements, so who reads those of others reads keys. */
  readonly keysInStatements: boolean
  /** Some rule goes by columns, or by what else only the catalogue tells. */
  readonly asksColumns: boolean
}

const compiled = new WeakMap<Bundle, Map<string, RuleSet>>()

/** Compiled once for every subset of a bundle's policies that some principal has. */
export function ruleSetOf(bundle: Bundle, policies: readonly CompiledPolicy[]): RuleSet {
  const key = policies.map((policy) => bundle.policies.indexOf(policy)).join(' ')
  let sets = compiled.get(bundle)
  if (sets === undefined) compiled.set(bundle, (sets = new Map<string, RuleSet>()))
  let set = sets.get(key)
  if (set === undefined) sets.set(key, (set = compile(bundle, policies)))
  return set
}

function compile({ masks }: Bundle, policies: readonly CompiledPolicy[]): RuleSet {
  const rules = policies
    .flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })))
    .map((each, rank) => ({ ...each, rank, condition: conditionOf(each.rule) }))
  const acting = (...actions: readonly CompiledRule['action'][]): readonly RankedRule[] =>
    rules.filter(({ rule }) => actions.includes(rule.action))
  const covering = acting('Allow', 'RequireApproval')
  const byFunction = new Map<string, RankedRule[]>()
  for (const ranked of covering) {
    for (const name of ranked.rule.functions) {
      const listing = byFunction.get(name)
      if (listing === undefined) byFunction.set(name, [ranked])
      else listing.push(ranked)
    }
  }
  return {
    policies,
    covering: indexed(covering, coveredBy),
    denying: indexed(acting('Deny'), namedBy),
    holding: indexed(acting('RequireApproval'), namedBy),
    byFunction,
    querying: covering.filter(({ rule }) => speaksOfClass(rule, 'Query')),
    keyFunctions: masks.flatMap(({ method }) => keyFunction(method)),
    keysInStatements: masks.some(
      ({ method }) => 'key' in method && method.key.kind === 'inStatement',
    ),
    asksColumns: rules.some(({ rule }) => rule.columns.length > 0 || asksStatement(rule)),
  }
}

function keyFunction(method: MaskMethod): readonly (readonly string[])[] {
  const key = method.kind === 'hash' || method.kind === 'token' ? method.key : undefined
  return key?.kind === 'function' ? [[key.database, key.schema, key.name]] : []
}

/** Parts of `statement` are known only once the catalogue was asked; its name alone decides here. */
export function asksStatement({ when }: CompiledRule): boolean {
  return when !== undefined && /\bstatement\b/.test(when)
}

export function speaksOfClass({ statements }: CompiledRule, ofClass: StatementClass): boolean {
  return statements.length === 0 || statements.includes(ofClass)
}

/** The compiler refuses a condition that does not compile; one that slips by counts as failing. */
function conditionOf({ when }: CompiledRule): Condition | undefined {
  if (when === undefined) return undefined
  const condition = compileCondition(when)
  return 'problem' in condition ? { text: when, holds: () => 'failed' } : condition
}

function indexed(
  rules: readonly RankedRule[],
  patternsOf: (rule: CompiledRule) => readonly ObjectPattern[],
): RuleIndex {
  const byObject = new PatternIndex<RankedRule>()
  const anywhere: RankedRule[] = []
  for (const ranked of rules) {
    const patterns = patternsOf(ranked.rule)
    for (const pattern of patterns) byObject.add(pattern, ranked)
    if (patterns.length === 0) anywhere.push(ranked)
  }
  return { all: rules, byObject, anywhere }
}

function namedBy(rule: CompiledRule): readonly ObjectPattern[] {
  return rule.objects.length > 0 ? rule.objects : rule.columns
}

export const anyObject: ObjectPattern = { database: null, schema: null, name: null }

/**
 * What a rule gives. One that only lists functions or stages gives no object: reading it as "any
 * object" would open everything.
 */
export function coveredBy(rule: CompiledRule): readonly ObjectPattern[] {
  const named = namedBy(rule)
  if (named.length > 0) return named
  return rule.functions.length > 0 || rule.stages.length > 0 ? [] : [anyObject]
}
