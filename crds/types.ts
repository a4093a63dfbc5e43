// Generated from the YAML in this folder by generate.ts. Do not edit.

/** What every Kubernetes object carries; only what Frostgate reads. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly generation?: number
}

/** What the operator found. Written by Frostgate only. */
export interface ObjectStatus {
  /** The metadata.generation that the conditions speak of. */
  readonly observedGeneration?: number
  /**
   * Ready says whether this object is in force; Reconciling and Stalled are there
   * only while work is under way or cannot go on.
   */
  readonly conditions?: readonly {
    /** Ready, Reconciling or Stalled. */
    readonly type: string
    /** Whether the condition holds. */
    readonly status: 'True' | 'False' | 'Unknown'
    /** The metadata.generation that this condition was set for. */
    readonly observedGeneration?: number
    /** When the status last changed. */
    readonly lastTransitionTime: string
    /** The cause of the last change, in one CamelCase word. */
    readonly reason: string
    /** What happened, why, and what to do next. */
    readonly message: string
  }[]
}

/** The connection that this object is about. */
export interface ConnectionReference {
  /** Name of a SnowflakeConnection in the same namespace. */
  readonly name: string
}

/**
 * Who: an identity provider, and what its token must say. All fields given must
 * match.
 */
export interface SubjectSelector {
  /** Name of an identity provider of the connection. */
  readonly provider: string
  /** Matches who is in any of these groups. */
  readonly groups?: readonly string[]
  /** Matches the token's "sub" claim, if it is any of these. */
  readonly subjects?: readonly string[]
  /** Claims of the token that must all have these values. */
  readonly claims?: Readonly<Record<string, string>>
  /** Kubernetes service accounts. Not served by this version. */
  readonly serviceAccounts?: readonly {
    /** Namespace of the service account. */
    readonly namespace: string
    /** Name of the service account. */
    readonly name: string
  }[]
}

/**
 * A Snowflake account as agents see it: where it is, which user the gateway
 * logs in as, where its credential is, and which identity providers vouch for
 * agents.
 */
export interface SnowflakeConnection {
  /** Version of the schema of this object, frostgate.dev/v1alpha1. */
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** Kind of this object, SnowflakeConnection. */
  readonly kind: 'SnowflakeConnection'
  /** Name, namespace, labels and annotations. */
  readonly metadata: ObjectMeta
  /** What to connect to, as whom, and whose tokens to accept. */
  readonly spec: {
    /**
     * Account identifier, as in the address of the account without
     * ".snowflakecomputing.com": organisation-account, or a locator with its
     * region.
     */
    readonly account?: string
    /**
     * Address instead of an account, for private connectivity: a name that ends in
     * .snowflakecomputing.com or .snowflakecomputing.cn, or a loopback address with
     * a port, which is spoken to in plain http as account LOCALHOST (for tests).
     */
    readonly host?: string
    /** LOGIN_NAME of the Snowflake user that the gateway logs in as. */
    readonly user: string
    /**
     * Role of a session whose policies name none. An identifier: folded to upper
     * case unless quoted.
     */
    readonly role: string
    /**
     * Warehouse of a session whose policies name none. An identifier: folded to
     * upper case unless quoted.
     */
    readonly warehouse: string
    /**
     * How long a session lasts whatever the client does, such as 8h or 90m; one
     * minute to one day.
     */
    readonly maxSessionAge: string
    /** How the gateway proves who it is. Exactly one kind. */
    readonly credential: {
      /** A private key whose public half is registered with the user. */
      readonly keyPair?: {
        /**
         * Secret that holds "privateKey" (PKCS#8, PEM) and, if the key is encrypted,
         * "passphrase".
         */
        readonly secretRef: {
          /** Name of a Secret in the same namespace. */
          readonly name: string
        }
      }
      /** A programmatic access token. Not served by this version. */
      readonly programmaticAccessToken?: {
        /** Secret that holds "token". */
        readonly secretRef: {
          /** Name of a Secret in the same namespace. */
          readonly name: string
        }
      }
      /** OAuth client credentials. Not served by this version. */
      readonly oauthClient?: {
        /** Token endpoint of the authorisation server. */
        readonly tokenUrl: string
        /** Scope to ask for, such as session:role:AGENT_READER. */
        readonly scope?: string
        /** Secret that holds "clientId" and "clientSecret". */
        readonly secretRef: {
          /** Name of a Secret in the same namespace. */
          readonly name: string
        }
      }
      /**
       * Snowflake workload identity federation, without any stored secret. Not served
       * by this version.
       */
      readonly workloadIdentity?: {
        /** Audience of the token that Snowflake is given. */
        readonly audience?: string
      }
    }
    /** Who vouches for agents. A login token of any other issuer is refused. */
    readonly identityProviders: readonly {
      /** What policies call this provider. */
      readonly name: string
      /** An OpenID Connect issuer, read by discovery. */
      readonly oidc?: {
        /**
         * The issuer, exactly as tokens spell it in "iss". https, or http on a loopback
         * address.
         */
        readonly issuer: string
        /** A token must be meant for one of these. */
        readonly audiences: readonly string[]
        /** The claim that holds a token's groups, a string or a list. */
        readonly groupsClaim: string
        /** Signature algorithms accepted from this issuer. */
        readonly algorithms: readonly (
          | 'RS256'
          | 'RS384'
          | 'RS512'
          | 'PS256'
          | 'PS384'
          | 'PS512'
          | 'ES256'
          | 'ES384'
          | 'ES512'
          | 'EdDSA'
        )[]
      }
      /** The service account issuer of this cluster. Not served by this version. */
      readonly kubernetes?: Readonly<Record<string, never>>
    }[]
    /** Namespaces whose pods may use this connection. Not served by this version. */
    readonly allowedNamespaces?: {
      /** Same namespace only, those that the selector matches, or All. */
      readonly from: 'Same' | 'Selector' | 'All'
      /** Labels of the namespaces, for Selector. */
      readonly selector?: {
        /** Labels that a namespace must all have. */
        readonly matchLabels?: Readonly<Record<string, string>>
      }
    }
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: ObjectStatus
}

/**
 * What some agents may do on a connection. All policies whose subjects match an
 * agent apply together: a Deny rule that matches wins, and what no rule allows
 * is denied.
 */
export interface AgentPolicy {
  /** Version of the schema of this object, frostgate.dev/v1alpha1. */
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** Kind of this object, AgentPolicy. */
  readonly kind: 'AgentPolicy'
  /** Name, namespace, labels and annotations. */
  readonly metadata: ObjectMeta
  /** Whom the policy is about, and what they may do. */
  readonly spec: {
    /** The connection that this object is about. */
    readonly connectionRef: ConnectionReference
    /** Whom the policy is about. Matches who matches any entry. */
    readonly subjects: readonly SubjectSelector[]
    /** What sessions of these agents are like. */
    readonly session?: {
      /**
       * Snowflake role. Policies that match the same agent must agree, or the agent's
       * driver picks one of theirs.
       */
      readonly role?: string
      /** Snowflake warehouse, by the same rule as the role. */
      readonly warehouse?: string
      /** Seconds after which Snowflake cancels a statement. */
      readonly statementTimeoutSeconds?: number
    }
    /**
     * What is allowed and what is denied. Order does not matter. Without any rule
     * everything is denied.
     */
    readonly rules?: readonly {
      /** Shown to the agent and in the recording. */
      readonly name: string
      /**
       * Allow, Deny, or RequireApproval (hold the statement until a person decides;
       * not served by this version).
       */
      readonly action: 'Allow' | 'Deny' | 'RequireApproval'
      /** Classes of statements. Any class, if not given. */
      readonly statements?: readonly (
        | 'Query'
        | 'DML'
        | 'DDL'
        | 'Drop'
        | 'Truncate'
        | 'Load'
        | 'Unload'
        | 'FileTransfer'
        | 'Grant'
        | 'Session'
        | 'Meta'
        | 'Procedure'
        | 'Script'
        | 'Transaction'
        | 'Other'
      )[]
      /** Tables and views. Any object, if not given. */
      readonly objects?: readonly string[]
      /**
       * Columns that a statement must read for the rule to match; for Deny and
       * RequireApproval.
       */
      readonly columns?: readonly string[]
      /** Functions that an Allow rule lets agents call beyond the built-in list. */
      readonly functions?: readonly string[]
      /**
       * CEL condition on principal and statement that must hold for the rule to
       * match. Not served by this version.
       */
      readonly when?: string
      /** Who decides, for RequireApproval. Not served by this version. */
      readonly approval?: {
        /** Who may decide. */
        readonly approvers: {
          /** Kubernetes groups; a member of any may decide. */
          readonly groups: readonly string[]
        }
        /** How many must approve. */
        readonly count: number
        /** How long the request stays open, such as 15m. */
        readonly expiresAfter: string
      }
      /** What a refused agent is told to do instead. */
      readonly message?: string
    }[]
    /** Of several policies that match, the smallest limit holds. */
    readonly limits?: {
      /** A result with more rows is refused. */
      readonly rowsPerStatement?: number
      /** Statements that one agent may run in a minute. */
      readonly statementsPerMinute?: number
    }
    /** Of several policies that match, the fullest recording holds. */
    readonly recording: {
      /**
       * Full keeps the rows as the agent got them, Metadata their number, names and
       * digest, None the statement only.
       */
      readonly results: 'Full' | 'Metadata' | 'None'
    }
    /**
     * Enforce decides. Observe only records what it would have decided, and grants
     * nothing where another policy enforces.
     */
    readonly mode: 'Enforce' | 'Observe'
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: ObjectStatus
}

/**
 * Columns of which agents see only masks. Snowflake itself computes the mask
 * where the column is read, so that filters, joins and errors see masks too.
 */
export interface MaskingRule {
  /** Version of the schema of this object, frostgate.dev/v1alpha1. */
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** Kind of this object, MaskingRule. */
  readonly kind: 'MaskingRule'
  /** Name, namespace, labels and annotations. */
  readonly metadata: ObjectMeta
  /** Which columns, from whom, and how. */
  readonly spec: {
    /** The connection that this object is about. */
    readonly connectionRef: ConnectionReference
    /** The protected columns. */
    readonly columns?: readonly string[]
    /** Snowflake tags of the protected columns. Not served by this version. */
    readonly tags?: readonly {
      /** DATABASE.SCHEMA.NAME of the tag. */
      readonly name: string
      /** Value of the tag. Any value, if not given. */
      readonly value?: string
    }[]
    /** From whom the columns are masked. Everyone, if not given. */
    readonly subjects?: readonly SubjectSelector[]
    /** Who sees the columns as they are. Nobody, if not given. */
    readonly exceptFor?: readonly SubjectSelector[]
    /** What is shown instead of the value. Exactly one method. */
    readonly mask: {
      /** A constant of the column's type, such as *** or 0 or 1900-01-01. */
      readonly redact?: Readonly<Record<string, never>>
      /**
       * NULL, which fits every type. Quote the key in YAML, where a plain null is not
       * a string.
       */
      readonly null?: Readonly<Record<string, never>>
      /**
       * Stars for all but some characters at the ends; for text. At most eight
       * characters stay, and a short value is starred as a whole.
       */
      readonly partial?: {
        /** Characters that stay at the start. */
        readonly keepFirst?: number
        /** Characters that stay at the end. */
        readonly keepLast?: number
      }
      /** Stars for the part before the @. Not served by this version. */
      readonly email?: Readonly<Record<string, never>>
      /** A keyed digest. Not served by this version. */
      readonly hash?: Readonly<Record<string, never>>
      /** A keyed token, equal for equal values. Not served by this version. */
      readonly token?: Readonly<Record<string, never>>
      /** The start of the period. Not served by this version. */
      readonly dateTruncate?: {
        /** The period whose start is shown. */
        readonly to: 'Month' | 'Quarter' | 'Year'
      }
      /** The lower bound of the bucket. Not served by this version. */
      readonly bucket?: {
        /** Width of a bucket. */
        readonly size: number
      }
      /** The value with what matches replaced. Not served by this version. */
      readonly regex?: {
        /** What to replace, as REGEXP_REPLACE takes it. */
        readonly pattern: string
        /** What to put there. */
        readonly replacement: string
      }
    }
    /**
     * Strict lets agents select the column only. AtRead also lets them filter, join
     * and group on its masks. Joinable is for keyed tokens, and not served by this
     * version.
     */
    readonly usage: 'Strict' | 'AtRead' | 'Joinable'
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: ObjectStatus
}
