/** Columns and relations of which a statement sees masks. */

import type { CatalogColumn, CatalogRelation } from '../catalog/types.ts'
import type { CompiledMask, MaskMethod } from '../control/bundle.ts'

/** A column that reaches the statement only as its mask. Compared by identity. */
export interface MaskedColumn {
  /** The relation that the statement names: a view's column is the view's, whatever it carries. */
  readonly relation: CatalogRelation
  readonly column: CatalogColumn
  readonly method: MaskMethod
  readonly usage: CompiledMask['usage']
  /** The MaskingRule that decided the method. */
  readonly rule: string
  /** All that took part in the decision, by name, `rule` among them. */
  readonly rules: readonly string[]
  /** How they came to the method, in one sentence. */
  readonly why: string
}

/** What several rules on one column come to. */
export type Protection = Pick<MaskedColumn, 'method' | 'usage' | 'rule' | 'rules' | 'why'>

/** The protected columns in a value, each with the token where the statement first names it. */
export type Taint = ReadonlyMap<MaskedColumn, number>

export interface MaskedRelation {
  readonly relation: CatalogRelation
  /** By stored name. */
  readonly columns: ReadonlyMap<string, MaskedColumn>
  /** A protected relation is read, though perhaps none of its protected columns comes out. */
  readonly touchesProtected: boolean
  /** What the predicates of a view read. */
  readonly hidden: Taint
}
