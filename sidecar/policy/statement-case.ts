/** One statement with everything that the steps of `decide.ts` look at. */

import type { NameContext, QualifiedName, Resolution } from '../catalog/types.ts'
import type { Bundle, CompiledPolicy } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import type { Statement } from '../sql/statements.ts'
import { accessesOf, headObjects, type Access, type PartialName } from './access.ts'
import { rulesOf, type RuleOf } from './authority.ts'
import type { RuleReference, SessionGrant } from './decision.ts'
import { isGoverned } from './governed.ts'

export interface DecideInput {
  readonly bundle: Bundle
  readonly principal: Principal
  readonly statement: Statement
  readonly facts: StatementFacts
  /** Undefined where the catalogue was not asked: see `screen`. */
  readonly resolution: Resolution | undefined
  readonly session: { readonly grant: SessionGrant; readonly context: NameContext }
  /** Where a token stands in the client's text, from 1. */
  readonly position: (token: number) => { readonly line: number; readonly column: number }
}

export interface StatementCase extends Omit<DecideInput, 'bundle' | 'principal'> {
  readonly policies: readonly CompiledPolicy[]
  readonly allowing: readonly RuleOf[]
  readonly denying: readonly RuleOf[]
  /** Otherwise it never runs: it has heads instead of accesses. */
  readonly governed: boolean
  readonly accesses: readonly Access[]
  readonly heads: readonly PartialName[]
  /** Set where a name could not be completed; `accesses` is empty then. */
  readonly unqualified: FrostgateError | undefined
  /** Every object read, also those behind views. */
  readonly reached: readonly QualifiedName[]
}

export function caseOf(input: DecideInput, policies: readonly CompiledPolicy[]): StatementCase {
  const named = namesOf(input)
  return {
    ...input,
    ...named,
    policies,
    allowing: rulesOf(policies, 'Allow'),
    denying: rulesOf(policies, 'Deny'),
    reached: [
      ...named.accesses.map((access) => access.object),
      ...[...(input.resolution?.relations.values() ?? [])].flatMap((relation) =>
        relation === null ? [] : [relation.name],
      ),
    ],
  }
}

function namesOf({
  statement,
  facts,
  session,
}: DecideInput): Pick<StatementCase, 'governed' | 'accesses' | 'heads' | 'unqualified'> {
  const governed = isGoverned(statement)
  try {
    return {
      governed,
      accesses: governed ? accessesOf(statement, facts, session.context) : [],
      heads: governed ? [] : headObjects(facts, session.context),
      unqualified: undefined,
    }
  } catch (thrown) {
    if (!(thrown instanceof FrostgateError)) throw thrown
    return { governed, accesses: [], heads: [], unqualified: thrown }
  }
}

/**
 * Why a statement does not run. `policy`: no rule gave it, or one took it; an Observe policy logs
 * that. `gateway`: what it would do cannot be judged, or would undo masks; that always holds.
 */
export interface Refusal {
  readonly ground: 'policy' | 'gateway'
  readonly rule: RuleReference | undefined
  readonly error: FrostgateError
}

export const byGateway = (error: FrostgateError): Refusal => ({
  ground: 'gateway',
  rule: undefined,
  error,
})

export const byPolicy = (error: FrostgateError, rule?: RuleOf): Refusal => ({
  ground: 'policy',
  rule: rule === undefined ? undefined : referenceTo(rule),
  error,
})

export function referenceTo({ policy, rule }: RuleOf): RuleReference {
  return { policy: policy.name, rule: rule.name }
}

/** What a step of `decide.ts` is: it refuses, or has nothing to say. */
export type Step = (statementCase: StatementCase) => Refusal | undefined
