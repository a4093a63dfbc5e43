/**
 * A view of INFORMATION_SCHEMA is read by the columns that the statement names, so that one which
 * an account lacks does no harm where nobody asks for it.
 */

import type { Parsed } from '../sql/index.ts'
import { isInformationSchema } from './names.ts'
import { isLate } from './system-relations.ts'
import type { CatalogRelation, Resolution } from './types.ts'

/** Words by which a statement reaches columns that it does not name. */
const unnamed: ReadonlySet<string> = new Set([
  ...['*', 'NATURAL', 'PIVOT', 'UNPIVOT', 'MATCH_RECOGNIZE', 'RESAMPLE'],
])

/** Of what the statement names itself; what views behind it read is left whole. */
export function withNamedColumns(resolution: Resolution, parsed: Parsed): Resolution {
  const { objects } = resolution
  if (!objects.some(({ name }) => isInformationSchema(name))) return resolution
  const { tokens, spelled } = parsed
  // A name may be an alias or a keyword, too: then a column more is read than need be.
  const names = new Set(
    tokens.filter(({ type }) => type === 'word' || type === 'quoted').map(({ value }) => value),
  )
  const stars = tokens.some(({ type, keyword }) => type === 'positional' || unnamed.has(keyword))
  const all = spelled.length > 0
  const narrowed = (relation: CatalogRelation): CatalogRelation => {
    const columns = relation.columns.filter(
      (column) => all || names.has(column.name) || (stars && !isLate(column)),
    )
    return { ...relation, columns: columns.length > 0 ? columns : relation.columns.slice(0, 1) }
  }
  return {
    ...resolution,
    objects: objects.map((object) =>
      isInformationSchema(object.name)
        ? { ...object, relation: narrowed(object.relation) }
        : object,
    ),
  }
}
