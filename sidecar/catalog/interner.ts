/** One object for equal columns: large schemas repeat ID NUMBER(38,0) and a few hundred others. */

import type { CatalogColumn } from './types.ts'

/** Of so many different columns it starts anew, so that churn does not fill the memory. */
const mostColumns = 50_000

export function columnInterner(): (column: CatalogColumn) => CatalogColumn {
  const known = new Map<string, CatalogColumn>()
  return (column) => {
    const { name, type, nullable } = column
    const key = JSON.stringify([name, type.name, type.length, type.precision, type.scale, nullable])
    const shared = known.get(key)
    if (shared !== undefined) return shared
    if (known.size >= mostColumns) known.clear()
    known.set(key, column)
    return column
  }
}
