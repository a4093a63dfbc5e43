/**
 * The bundle: what a sidecar is told to do, compiled from SnowflakeConnection, AgentPolicy and
 * MaskingRule objects. It holds no secret. The operator sends it; `frostgate up` compiles it from
 * a folder. Both are the same type and the same compiler (`operator/compile/`).
 */

import type { StatementClass } from '../sql/facts-types.ts'

export interface Bundle {
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** `sha256:<hex>` over the canonical JSON of everything else in the bundle. */
  readonly digest: string
  readonly connection: ConnectionSpec
  readonly policies: readonly CompiledPolicy[]
  readonly masks: readonly CompiledMask[]
}

export interface ConnectionSpec {
  readonly name: string
  readonly namespace: string
  /** Snowflake account name as the key-pair JWT needs it: upper case, without region. */
  readonly account: string
  /** Base URL of the account, no trailing slash. Plain http only to loopback. */
  readonly url: string
  readonly user: string
  /** As stored, here and in policies: folded or exact, never quoted. */
  readonly role: string
  readonly warehouse: string
  readonly credential: { readonly kind: 'keyPair'; readonly secretName: string }
  readonly identityProviders: readonly IdentityProviderSpec[]
  /** Seconds a session lasts whatever the client does. */
  readonly maxSessionAge: number
}

export interface IdentityProviderSpec {
  readonly name: string
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly groupsClaim: string
  /** JWS algorithms accepted. */
  readonly algorithms: readonly string[]
}

export interface CompiledPolicy {
  readonly name: string
  readonly namespace: string
  readonly mode: 'Enforce' | 'Observe'
  readonly subjects: readonly SubjectMatcher[]
  readonly session: {
    readonly role: string | undefined
    readonly warehouse: string | undefined
    readonly statementTimeoutSeconds: number | undefined
  }
  readonly rules: readonly CompiledRule[]
  readonly limits: {
    readonly rowsPerStatement: number | undefined
    readonly statementsPerMinute: number | undefined
  }
  readonly recording: RecordingMode
}

export type RecordingMode = 'Full' | 'Metadata' | 'None'

/** All fields given must match; `groups` matches if the principal is in any of them. */
export interface SubjectMatcher {
  readonly provider: string
  readonly groups: readonly string[] | undefined
  readonly subjects: readonly string[] | undefined
  readonly claims: Readonly<Record<string, string>> | undefined
}

export interface CompiledRule {
  readonly name: string
  readonly action: 'Allow' | 'Deny'
  /** Empty: any class. */
  readonly statements: readonly StatementClass[]
  /** Empty: any object, and also statements that touch none. */
  readonly objects: readonly ObjectPattern[]
  /** Empty: any column. Such a rule matches a statement that reads one of these columns. */
  readonly columns: readonly ColumnPattern[]
  /**
   * Functions this rule allows beyond the built-in list, folded: `DB.S.F` or `NAME`. A rule with
   * functions and no objects allows these calls only, and no object.
   */
  readonly functions: readonly string[]
  readonly message: string | undefined
}

/** One entry per name part; null is `*`. Exact stored names otherwise. */
export interface ObjectPattern {
  readonly database: string | null
  readonly schema: string | null
  readonly name: string | null
}

export interface ColumnPattern extends ObjectPattern {
  readonly column: string | null
}

export interface CompiledMask {
  readonly name: string
  readonly namespace: string
  readonly columns: readonly ColumnPattern[]
  /** Empty: everyone. */
  readonly subjects: readonly SubjectMatcher[]
  readonly exceptFor: readonly SubjectMatcher[]
  readonly method: MaskMethod
  readonly usage: 'Strict' | 'AtRead' | 'Joinable'
}

export type MaskMethod =
  | { readonly kind: 'redact' }
  | { readonly kind: 'null' }
  | { readonly kind: 'partial'; readonly keepFirst: number; readonly keepLast: number }
