/** Columns that a statement uses, as rules speak of them; worked out by `masking/column-uses.ts`. */

import type { QualifiedName } from '../catalog/types.ts'

export interface ColumnAccess {
  /** A table, or a view: a view's column is told as itself and as what it comes from. */
  readonly relation: QualifiedName
  /** Stored name. */
  readonly column: string
  /** SELECT: it is read, in whatever place. WRITE: it is given a value. */
  readonly privilege: 'SELECT' | 'WRITE'
  /** A masking rule that binds the principal speaks of it. */
  readonly protected: boolean
  /** Its mask is the same for the same value, by a key: new values would tell which mask is whose. */
  readonly keyed?: boolean
}
