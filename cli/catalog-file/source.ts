/** A catalogue file in place of Snowflake's own. */

import { isInformationSchema } from '../../sidecar/catalog/names.ts'
import type { CatalogSource } from '../../sidecar/catalog/source.ts'
import { systemRelation } from '../../sidecar/catalog/system-relations.ts'
import { relationKey } from '../../sidecar/catalog/types.ts'
import type { Catalogue } from './read.ts'

/** What the file does not name does not exist. `role` is for messages. */
export function catalogOf(relations: Catalogue, role: string): CatalogSource {
  return {
    role,
    relation: (name) =>
      Promise.resolve(
        isInformationSchema(name)
          ? systemRelation(name)
          : (relations.get(relationKey(name)) ?? null),
      ),
    lastDdl: (names) => Promise.resolve(names.map(() => null)),
  }
}
