/** What became of one statement that was judged and not run. Plain data: it is JSON as it stands. */

import type { ApprovalSpec, CompiledMask, MaskMethod } from '../control/bundle.ts'
import type { ColumnAccess } from '../policy/column-access.ts'
import type { RuleReference, SessionGrant } from '../policy/decision.ts'

/**
 * `noLogin`: no session would be opened. `undecided`: policy does not refuse it by its text alone,
 * and the rest takes a catalogue, which there is none of.
 */
export type JudgedVerdict = 'allow' | 'deny' | 'hold' | 'noLogin' | 'undecided'

export interface Judgement {
  readonly verdict: JudgedVerdict
  /** As the client would see it; null where it would run, and where that is not known. */
  readonly error: JudgedError | null
  /** Null where there is no login. */
  readonly grant: SessionGrant | null
  /** Null where the text could not be read. */
  readonly statement: { readonly kind: string; readonly class: string } | null
  /** Allowed: the rules that cover it. Denied or held: the rule that did. */
  readonly rules: readonly RuleReference[]
  readonly approval: ApprovalSpec | null
  /** What it names; behind views too, as far as the catalogue was asked. */
  readonly objects: readonly JudgedObject[]
  /** Columns it uses, each with whether a masking rule protects it. */
  readonly columns: readonly ColumnAccess[]
  readonly functions: readonly string[]
  readonly masks: readonly JudgedMask[]
  /** What would run upstream; null where nothing would. */
  readonly emitted: string | null
  /** Columns of the result; null where they cannot be told beforehand. */
  readonly outputs: readonly JudgedOutput[] | null
  /** What Observe policies would have said. */
  readonly observed: readonly string[]
  /** Objects that the catalogue would have to be asked for, where there is none. */
  readonly missing: readonly string[]
}

export interface JudgedError {
  /** Entry of docs/errors.md. */
  readonly name: string
  readonly code: string
  readonly message: string
  /** From 1. */
  readonly line: number | null
  readonly column: number | null
}

export interface JudgedObject {
  /** As a person would write it. */
  readonly name: string
  readonly kind: 'table' | 'view' | 'unknown'
  readonly access: 'read' | 'written' | 'behind a view'
  /** The rules, of those that decided, that speak of it. */
  readonly rules: readonly RuleReference[]
}

export interface JudgedMask {
  /** `DB.S.T.COLUMN` */
  readonly column: string
  readonly method: MaskMethod
  readonly usage: CompiledMask['usage']
  /** The MaskingRule that decided. */
  readonly rule: string
  /** All that speak of the column and bind the principal. */
  readonly rules: readonly string[]
  /** How they came to the method, in a sentence. */
  readonly why: string
}

export interface JudgedOutput {
  /** Null for a column that Snowflake names by its text. */
  readonly name: string | null
  /** It carries a protected column's mask unchanged. */
  readonly masked: boolean
}
