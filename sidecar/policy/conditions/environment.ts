/** What a condition may speak of: the environment of `when`, as docs/policy.md documents it. */

export interface ConditionEnvironment {
  readonly principal: {
    /** Name of the identity provider in the SnowflakeConnection. */
    readonly provider: string
    readonly issuer: string
    readonly subject: string
    readonly groups: readonly string[]
    /** As the token has them: texts, numbers, booleans, lists and objects. */
    readonly claims: Readonly<Record<string, unknown>>
    /** The CI run or job; empty if no claim says so. */
    readonly run: string
  }
  readonly statement: {
    /** Its kind, such as `select` or `create-table`. */
    readonly kind: string
    /** Its class, as in a rule's `statements`. */
    readonly class: string
    /** Objects read and written, `DATABASE.SCHEMA.NAME`. */
    readonly objects: readonly string[]
    /** Columns used, `DATABASE.SCHEMA.NAME.COLUMN`. */
    readonly columns: readonly string[]
    readonly functions: readonly string[]
    /** Those of `columns` of which the principal sees masks. */
    readonly masked: readonly string[]
  }
  /** Names as stored; empty where the session has none. */
  readonly session: {
    readonly role: string
    readonly warehouse: string
    readonly database: string
    readonly schema: string
  }
  /** Milliseconds since the epoch; a condition sees a timestamp. */
  readonly now: number
}
