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
  readonly credential: CredentialSpec
  /** Certificates that alone may sign the account's, PEM; null is the public roots. */
  readonly trust: string | null
  readonly identityProviders: readonly IdentityProviderSpec[]
  /** Seconds a session lasts whatever the client does. */
  readonly maxSessionAge: number
  /** Seconds that a sidecar goes on with this bundle when it cannot reach the operator. */
  readonly maxStale: number
  /** Seconds that what the catalogue said of an object is believed. */
  readonly catalogMaxAge: number
  /** Made-up values planted among protected ones: one that comes by is an incident. */
  readonly canaries: readonly string[]
  /** Absent: nobody is suspended. */
  readonly suspend?: Suspension
}

/** How the gateway proves who it is. The bundle never holds the secret itself. */
export type CredentialSpec =
  | { readonly kind: 'keyPair'; readonly secretName: string }
  | { readonly kind: 'programmaticAccessToken'; readonly secretName: string }
  /** Snowflake workload identity federation: a token of this ServiceAccount, minted by the operator. */
  | {
      readonly kind: 'workloadIdentity'
      readonly serviceAccount: string
      readonly audience: string
    }

export interface IdentityProviderSpec {
  readonly name: string
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly groupsClaim: string
  /** JWS algorithms accepted. */
  readonly algorithms: readonly string[]
  /** The issuer's keys where it cannot be asked (a cluster's own); null is found by discovery. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null
  /** A token counts only if it was projected into this gateway's own pod. */
  readonly podBound: boolean
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
    /** Warehouses that USE WAREHOUSE may pick beside the session's own, as stored. */
    readonly warehouses: readonly string[]
    /** Session parameters that are set at login and stay, by upper-case name. */
    readonly parameters: Readonly<Record<string, string | number | boolean>>
  }
  readonly rules: readonly CompiledRule[]
  readonly limits: Limits
  readonly recording: RecordingMode
}

/** Undefined is no limit. Of several policies the smallest holds. */
export interface Limits {
  readonly rowsPerStatement: number | undefined
  /** Of a result, as the chunks' sizes and inline cells tell, uncompressed. */
  readonly bytesPerStatement: number | undefined
  readonly statementsPerMinute: number | undefined
  /** Statements of one principal that run at a time, over all its sessions. */
  readonly concurrentStatements: number | undefined
  /** Rows that one principal gets in any hour, over all its sessions: catches paging. */
  readonly rowsPerHour: number | undefined
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
  readonly action: 'Allow' | 'Deny' | 'RequireApproval'
  /** Empty: any class. */
  readonly statements: readonly StatementClass[]
  /** Empty: any object, and also statements that touch none. */
  readonly objects: readonly ObjectPattern[]
  /**
   * Empty: any column. A Deny or RequireApproval rule matches a statement that uses one of these
   * columns; an Allow rule covers an access that uses no others of the object.
   */
  readonly columns: readonly ColumnPattern[]
  /**
   * Functions this rule allows beyond the built-in list, folded: `DB.S.F` or `NAME`. A rule with
   * functions and no objects allows these calls only, and no object.
   */
  readonly functions: readonly string[]
  /** Stages by name, for COPY INTO; the user stage and table stages cannot be named. */
  readonly stages: readonly ObjectPattern[]
  /** A CEL expression over `principal`, `statement`, `session` and `now`; type-checked. */
  readonly when: string | undefined
  /** Set where the action is RequireApproval. */
  readonly approval: ApprovalSpec | undefined
  readonly message: string | undefined
}

export interface ApprovalSpec {
  /** Groups whose members may decide. */
  readonly approvers: readonly string[]
  /** Users who may decide, by name, beside those groups. */
  readonly users?: readonly string[] | undefined
  /** How many must approve. */
  readonly count: number
  /** Seconds that a request stays open. */
  readonly expiresAfter: number
  /** `Retry`: refused at once; passes when it is sent again after the approval. Absent: `Wait`. */
  readonly delivery?: 'Wait' | 'Retry' | undefined
  /** Whether the agent must say why. Absent: `Optional`. */
  readonly reason?: 'Required' | 'Optional' | undefined
  /** How often the statement may run by one approval. Absent: once. */
  readonly uses?: number | undefined
  /** Seconds from the approval on in which it can be used. Absent: 900. */
  readonly validFor?: number | undefined
}

/** Who is stopped by `spec.suspend` of the connection. */
export interface Suspension {
  readonly all: boolean
  readonly principals: readonly { readonly provider: string; readonly subject: string }[]
  readonly reason: string | undefined
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

export interface TagPattern {
  readonly database: string
  readonly schema: string
  readonly name: string
  /** Null: any value. */
  readonly value: string | null
}

export interface CompiledMask {
  readonly name: string
  readonly namespace: string
  /** Empty where `tags` says which. */
  readonly columns: readonly ColumnPattern[]
  /** Columns that carry any of these tags, also through their table or schema. */
  readonly tags: readonly TagPattern[]
  /** Empty: everyone. */
  readonly subjects: readonly SubjectMatcher[]
  readonly exceptFor: readonly SubjectMatcher[]
  readonly method: MaskMethod
  readonly usage: 'Strict' | 'AtRead' | 'Joinable'
}

export type MaskMethod =
  | { readonly kind: 'redact' }
  | { readonly kind: 'null' }
  | {
      readonly kind: 'partial'
      readonly keepFirst: number
      readonly keepLast: number
      /** Of several rules on one column: what one of them hides wholly for being short stays so. */
      readonly hiddenBelow?: number
    }
  | { readonly kind: 'email' }
  | { readonly kind: 'hash'; readonly key: MaskKey }
  | {
      readonly kind: 'token'
      readonly key: MaskKey
      /** Digits: digits become other digits, separators stay. Opaque: `tok_` and hexadecimal. */
      readonly format: 'Opaque' | 'Digits'
      /** Columns of one domain get equal tokens for equal values. */
      readonly domain: string
    }
  | { readonly kind: 'dateTruncate'; readonly to: 'Month' | 'Quarter' | 'Year' }
  | { readonly kind: 'bucket'; readonly size: number }
  | {
      readonly kind: 'regex'
      readonly pattern: string
      readonly replacement: string
      /** What becomes of a value in which nothing matches. */
      readonly unmatched: 'Redact' | 'Keep'
    }

/** Where the key of a keyed mask is. The bundle never holds it. */
export type MaskKey =
  /** A secure function of the account's, with one text argument, that holds the key itself. */
  | {
      readonly kind: 'function'
      readonly database: string
      readonly schema: string
      readonly name: string
    }
  /** Written into the statements, where QUERY_HISTORY shows it: the operator opted in. */
  | {
      readonly kind: 'inStatement'
      readonly secretName: string
      /** Which key it is (`maskKeyId`), so that another is another bundle; not given where the key is not known yet. */
      readonly keyId?: string | undefined
    }

/** Keys of masks by Secret name, 32 bytes or more each; held in memory only. */
export type MaskKeys = ReadonlyMap<string, Uint8Array>
