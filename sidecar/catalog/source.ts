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
}
