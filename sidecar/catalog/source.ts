import type { CatalogRelation, QualifiedName } from './types.ts'

/** Where relations are looked up, by object, as one Snowflake role sees them. */
export interface CatalogSource {
  /** The role that looks; messages name it. */
  readonly role: string
  /**
   * Null: missing, or not visible to the role.
   * @throws FrostgateError where Snowflake could not be asked: then nothing is known.
   */
  relation(name: QualifiedName): Promise<CatalogRelation | null>
  /**
   * LAST_DDL of each object as it is now, never from a cache, in the order asked for; null where
   * there is no such object or Snowflake does not tell.
   * @throws FrostgateError as `relation`
   */
  lastDdl(names: readonly QualifiedName[]): Promise<readonly (string | null)[]>
}
