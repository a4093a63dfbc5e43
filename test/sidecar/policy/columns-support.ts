/** Columns that a statement uses, as short as a test can say them. */

import type { Resolution } from '../../../sidecar/catalog/types.ts'
import type { ColumnAccess } from '../../../sidecar/policy/column-access.ts'
import { name } from '../catalog/support.ts'

/** `A.B.C.D`: read, and unprotected, unless told otherwise. */
export function columnUse(text: string, more: Partial<ColumnAccess> = {}): ColumnAccess {
  const column = text.split('.')[3] ?? ''
  return { relation: name(text), column, privilege: 'SELECT', protected: false, ...more }
}

/** As if every column of every relation that is reached were read. */
export function everyColumn(resolution: Resolution | undefined): readonly ColumnAccess[] {
  return [...(resolution?.relations.values() ?? [])].flatMap((relation) =>
    (relation?.columns ?? []).map(({ name: column }) => ({
      relation: relation?.name ?? name('..'),
      column,
      privilege: 'SELECT' as const,
      protected: false,
    })),
  )
}
