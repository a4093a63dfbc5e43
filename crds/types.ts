// Generated from the YAML in this folder by generate.ts. Do not edit.

/** What every Kubernetes object carries; only what Frostgate reads. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly generation?: number
  readonly uid?: string
  readonly resourceVersion?: string
  /** RFC 3339, to the second; by the clock of whoever keeps the object. */
  readonly creationTimestamp?: string
  /** RFC 3339; set while somebody still holds what was deleted. */
  readonly deletionTimestamp?: string
}

/** Resources of the container. The operator's default for what is not given. */
export interface ResourceBounds {
  /** What the scheduler sets aside. */
  readonly requests?: {
    /** Cores, such as 100m. */
    readonly cpu?: string
    /** Bytes, such as 128Mi. */
    readonly memory?: string
  }
  /** What the container may use at most. */
  readonly limits?: {
    /** Cores, such as 500m. No limit, if not given. */
    readonly cpu?: string
    /** Bytes, such as 256Mi. */
    readonly memory?: string
  }
}

/** One aspect of the object's state. */
export interface Condition {
  /** Ready, Reconciling, Stalled, Accepted or Programmed. */
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
}

/**
 * The connection that this object is about. It cannot be changed: what held on
 * one connection would silently stop to.
 */
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
  /**
   * Matches a token of any of these Kubernetes service accounts, whose "sub"
   * claim is system:serviceaccount:NAMESPACE:NAME.
   */
  readonly serviceAccounts?: readonly {
    /** Namespace of the service account. */
    readonly namespace: string
    /** Name of the service account. */
    readonly name: string
  }[]
}

/**
 * Where the key is that the mask is made with. Without it nobody can tell which
 * value a mask stands for, or try all values.
 */
export interface MaskKeySource {
  /**
   * DATABASE.SCHEMA.NAME of a secure function with one text argument that makes
   * the keyed digest, and keeps the key in Snowflake. Agents cannot call it.
   */
  readonly function?: string
  /** Secret whose field "key" holds at least 32 random bytes. */
  readonly secretRef?: {
    /** Name of a Secret in the same namespace. */
    readonly name: string
  }
  /**
   * Allow lets the gateway write a key derived from the Secret's into the text of
   * statements, where Snowflake's query history shows it. Needed with secretRef.
   */
  readonly inStatements?: 'Allow'
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
     * The kill switch. What is named here is stopped within seconds, running and
     * held statements too, and stays so until it is taken away.
     */
    readonly suspend?: {
      /** Everybody who uses the connection. */
      readonly all: boolean
      /** Agents, each by the provider that vouches for it and its subject. */
      readonly principals?: readonly {
        /** Name of an identity provider of this connection. */
        readonly provider: string
        /** The token's "sub" claim. */
        readonly subject: string
      }[]
      /** Why; the agent is told. */
      readonly reason?: string
    }
    /**
     * Account identifier, as in the address of the account without
     * ".snowflakecomputing.com": organisation-account, or a locator with its
     * region.
     */
    readonly account?: string
    /**
     * Address instead of an account, for private connectivity: a name that ends in
     * .snowflakecomputing.com or .snowflakecomputing.cn; any other name, with a
     * port if it is not 443, together with tls.caSecretRef; or a loopback address
     * with a port, which is spoken to in plain http as account LOCALHOST (for
     * tests).
     */
    readonly host?: string
    /** How the account's certificate is checked. By public roots, if not given. */
    readonly tls?: {
      /**
       * Secret that holds "ca.crt" (PEM), the only certificates that may sign the
       * account's: for a private endpoint or a proxy that re-encrypts.
       */
      readonly caSecretRef: {
        /** Name of a Secret in the same namespace. */
        readonly name: string
      }
    }
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
    /**
     * How long the gateway believes what Snowflake said of a table or view, such as
     * 60s; up to 1h, and 0s asks each time. Before a result with protected data is
     * released, that its tables are unchanged is always checked.
     */
    readonly catalogMaxAge: string
    /**
     * How long sidecars go on with the last bundle when they cannot reach the
     * operator, such as 10m; up to 24h. After that they refuse every statement; 0s
     * refuses at once.
     */
    readonly maxStale: string
    /**
     * Made-up values that you put into protected columns. A result in which one
     * comes by unmasked is withheld and reported as an incident.
     */
    readonly canaries?: readonly string[]
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
      /**
       * A programmatic access token. Weaker than the others: enrolled sidecars hold
       * the token itself, in memory, for as long as Snowflake accepts it.
       */
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
       * Snowflake workload identity federation, without any stored secret: the
       * operator mints a token of a service account of the connection's namespace.
       */
      readonly workloadIdentity?: {
        /**
         * Service account in the same namespace. frostgate- and the name of the
         * connection, if not given.
         */
        readonly serviceAccountName?: string
        /** Audience of the token that Snowflake is given. */
        readonly audience: string
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
      /**
       * The service account issuer of this cluster, for tokens of audience
       * frostgate.dev/agent that were projected into the sidecar's own pod. In a
       * cluster only.
       */
      readonly kubernetes?: Readonly<Record<string, never>>
    }[]
    /** Namespaces whose pods may use this connection. Its own only, if not given. */
    readonly allowedNamespaces: {
      /**
       * Same is the connection's own namespace, Selector those that the selector
       * matches, All every namespace of the cluster.
       */
      readonly from: 'Same' | 'Selector' | 'All'
      /** Labels of the namespaces, for Selector. */
      readonly selector?: {
        /** Labels that a namespace must all have. */
        readonly matchLabels: Readonly<Record<string, string>>
      }
    }
    /** The container that is put into pods that use this connection. */
    readonly sidecar: {
      /** Resources of the container. The operator's default for what is not given. */
      readonly resources?: ResourceBounds
      /** The most that annotations of a pod may ask for. Resources, if not given. */
      readonly maxResources?: ResourceBounds
      /**
       * What becomes of a pod whose containers set a driver's variable, such as
       * SNOWFLAKE_HOST, to another value than the gateway's. Deny refuses the pod;
       * Warn lets the pod's value stand, and says so.
       */
      readonly conflictingEnv: 'Deny' | 'Warn'
    }
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: {
    /** The metadata.generation that the conditions speak of. */
    readonly observedGeneration?: number
    /**
     * Ready says whether the connection is open to agents; Reconciling and Stalled
     * are there only while work is under way or cannot go on.
     */
    readonly conditions?: readonly Condition[]
    /** Which of spec.credential is used. */
    readonly auth?: 'keyPair' | 'programmaticAccessToken' | 'oauthClient' | 'workloadIdentity'
    /**
     * Digest of the bundle in force: of the connection with all policies and
     * masking rules that refer to it. Not there while the connection is closed.
     */
    readonly bundle?: string
    /** Sidecars that use the connection. */
    readonly sidecars?: {
      /** How many are connected to the operator. */
      readonly connected?: number
      /** How many of these enforce the bundle in force. */
      readonly inSync?: number
    }
    /** The last thing that a sidecar or a login reported. */
    readonly lastError?: {
      /** What went wrong, without any secret. */
      readonly message: string
      /** When it was reported. */
      readonly time: string
    }
  }
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
    /**
     * The connection that this object is about. It cannot be changed: what held on
     * one connection would silently stop to.
     */
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
      /** Warehouses that USE WAREHOUSE may pick beside the session's own. */
      readonly warehouses?: readonly string[]
      /**
       * Session parameters that are set at login and that agents cannot change, by
       * name; of those that agents may set otherwise, such as TIMEZONE.
       */
      readonly parameters?: Readonly<Record<string, string>>
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
       * Allow; Deny, which wins over any other rule; or RequireApproval, which covers
       * what it matches as Allow does, once people have approved it. In this version
       * such a statement is refused with the id of its request.
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
       * Columns. Deny and RequireApproval match a statement that uses any of them;
       * Allow covers an access that uses no other column of the object.
       */
      readonly columns?: readonly string[]
      /** Functions that an Allow rule lets agents call beyond the built-in list. */
      readonly functions?: readonly string[]
      /**
       * Stages that COPY INTO may load from and unload to under an Allow or
       * RequireApproval rule. User stages and table stages cannot be named.
       */
      readonly stages?: readonly string[]
      /**
       * CEL condition over principal, statement, session and now that must hold for
       * the rule to match, such as principal.claims.ref == 'refs/heads/main'. If it
       * cannot be evaluated, Allow does not match, and the others do.
       */
      readonly when?: string
      /** Who decides, and until when; for RequireApproval. */
      readonly approval?: {
        /** Who may decide. A person needs to be in one of the lists. */
        readonly approvers: {
          /**
           * Groups, as the cluster or the identity provider of the approvals page tells
           * them; a member of any may decide.
           */
          readonly groups?: readonly string[]
          /**
           * User names, as the cluster tells them, or as the approvals page has them:
           * ISSUER#SUBJECT, if it is not set otherwise. A ServiceAccount
           * (system:serviceaccount:NAMESPACE:NAME) may decide only if it is named here.
           */
          readonly users?: readonly string[]
        }
        /** How many must approve. */
        readonly count: number
        /** How long the request stays open, such as 15m; one minute to 168h. */
        readonly expiresAfter: string
        /**
         * Wait holds the statement inside the client's own call until people have
         * decided. Retry refuses it at once with the request's id; the same statement
         * passes when it is sent again after the approval.
         */
        readonly delivery: 'Wait' | 'Retry'
        /**
         * Whether the agent must say why it wants the statement: by a leading comment
         * /* reason: … * / or the session variable FROSTGATE_REASON. People see it as
         * the agent's own words.
         */
        readonly reason: 'Required' | 'Optional'
        /** How often the statement may run by one approval. */
        readonly uses: number
        /**
         * From the approval on, how long it can be used, such as 1h; one minute to
         * 168h.
         */
        readonly validFor: string
      }
      /** What a refused agent is told to do instead. */
      readonly message?: string
    }[]
    /** Of several policies that match, the smallest limit holds. */
    readonly limits?: {
      /** A result with more rows is refused. */
      readonly rowsPerStatement?: number
      /** A larger result is refused; counted before compression. */
      readonly bytesPerStatement?: number
      /** Statements that one agent may run in a minute. */
      readonly statementsPerMinute?: number
      /** Statements of one agent that may run at a time, over all its sessions. */
      readonly concurrentStatements?: number
      /**
       * Rows that one agent may get in any hour, over all its sessions, which catches
       * reading a table page by page.
       */
      readonly rowsPerHour?: number
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
  readonly status?: {
    /** The metadata.generation that the conditions speak of. */
    readonly observedGeneration?: number
    /**
     * Ready says whether this object is in force; Reconciling and Stalled are there
     * only while work is under way or cannot go on. A policy or masking rule also
     * has Accepted, whether it is valid and its connection is there, and
     * Programmed, whether sidecars enforce it.
     */
    readonly conditions?: readonly Condition[]
  }
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
    /**
     * The connection that this object is about. It cannot be changed: what held on
     * one connection would silently stop to.
     */
    readonly connectionRef: ConnectionReference
    /** The protected columns. */
    readonly columns?: readonly string[]
    /**
     * Snowflake tags of the protected columns. A column has the tags of its table,
     * schema and database too. Where tags cannot be read, the statement is refused.
     */
    readonly tags?: readonly {
      /** DATABASE.SCHEMA.NAME of the tag. */
      readonly name: string
      /** Value of the tag, compared exactly. Any value, if not given. */
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
      /**
       * Stars for the part before the @; the domain stays. For text. What is not an
       * address is starred as a whole.
       */
      readonly email?: Readonly<Record<string, never>>
      /**
       * A keyed digest, 64 hexadecimal characters, equal for equal values; for text
       * that has room for it.
       */
      readonly hash?: {
        /**
         * Where the key is that the mask is made with. Without it nobody can tell which
         * value a mask stands for, or try all values.
         */
        readonly key: MaskKeySource
      }
      /** A keyed token, equal for equal values of one domain; for text. */
      readonly token?: {
        /**
         * Where the key is that the mask is made with. Without it nobody can tell which
         * value a mask stands for, or try all values.
         */
        readonly key: MaskKeySource
        /**
         * Opaque is tok_ and hexadecimal digits. Digits puts other digits in the place
         * of digits and keeps everything else.
         */
        readonly format: 'Opaque' | 'Digits'
        /**
         * Rules of one domain and one key give equal tokens for equal values, so that
         * their columns can be joined. The rule's name, if not given.
         */
        readonly domain?: string
      }
      /** The first day of the period; for dates and timestamps. */
      readonly dateTruncate?: {
        /** The period whose start is shown. */
        readonly to: 'Month' | 'Quarter' | 'Year'
      }
      /**
       * The lower bound of the bucket that the number is in; for numbers. Of size 10,
       * 37 shows as 30 and -3 as -10.
       */
      readonly bucket?: {
        /** Width of a bucket. */
        readonly size: number
      }
      /** The value with every match replaced; for text. */
      readonly regex?: {
        /**
         * What to replace, in the part of regular expressions that Snowflake, RE2 and
         * JavaScript read the same way.
         */
        readonly pattern: string
        /** What to put there; \1 to \9 are groups of the pattern. */
        readonly replacement: string
        /**
         * What becomes of a value in which nothing matches. Redact shows ***, Keep the
         * value itself.
         */
        readonly unmatched: 'Redact' | 'Keep'
      }
    }
    /**
     * Strict lets agents select the column only. Joinable, for hash and Opaque
     * tokens, also lets them compare, join, group and count on it as a whole.
     * AtRead lets them use its masks in any way.
     */
    readonly usage: 'Strict' | 'AtRead' | 'Joinable'
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: {
    /** The metadata.generation that the conditions speak of. */
    readonly observedGeneration?: number
    /**
     * Ready says whether this object is in force; Reconciling and Stalled are there
     * only while work is under way or cannot go on. A policy or masking rule also
     * has Accepted, whether it is valid and its connection is there, and
     * Programmed, whether sidecars enforce it.
     */
    readonly conditions?: readonly Condition[]
  }
}

/**
 * A statement that waits for people to approve it. Made by the operator; people
 * answer with an ApprovalDecision that names it. To read what would run:
 * kubectl get apr NAME -o yaml.
 */
export interface ApprovalRequest {
  /** Version of the schema of this object, frostgate.dev/v1alpha1. */
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** Kind of this object, ApprovalRequest. */
  readonly kind: 'ApprovalRequest'
  /** Name, namespace, labels and annotations. */
  readonly metadata: ObjectMeta
  /**
   * What is asked, as it was when it was asked. It never changes: an approval is
   * of exactly this.
   */
  readonly spec: {
    /** The connection that the statement is for. */
    readonly connectionRef: ConnectionReference
    /** Who wants to run the statement. */
    readonly principal: {
      /** Name of the connection's identity provider that vouches for it. */
      readonly provider: string
      /** The token's "iss" claim. */
      readonly issuer: string
      /** The token's "sub" claim. */
      readonly subject: string
      /** Groups that the token names. */
      readonly groups?: readonly string[]
      /** The run of the agent, such as the id of a CI job. */
      readonly run?: string
      /**
       * Other names of the same person or workload that the token tells, such as an
       * e-mail address. Nobody approves their own statement under any of them.
       */
      readonly aliases?: readonly string[]
    }
    /** The pod whose sidecar holds the statement, if it is one of a cluster's. */
    readonly pod?: {
      /** Namespace of the pod. */
      readonly namespace: string
      /** Name of the pod. */
      readonly name: string
      /** UID of the pod. */
      readonly uid: string
      /** Service account that the pod runs as. It cannot approve this. */
      readonly serviceAccountName?: string
    }
    /**
     * Digest of everything that the approval is bound to: the resolved statement
     * with its binds and session variables, parameters that change its meaning,
     * role, objects with their last DDL, and the principal. A decision repeats it.
     */
    readonly statementDigest: string
    /**
     * The statement as the agent wrote it, without its comments; characters that
     * cannot be seen by their code. When it runs, masked columns are replaced by
     * their masks.
     */
    readonly statement: string
    /** The statement is longer than is shown here; the digest is of all of it. */
    readonly truncated: boolean
    /** Class of the statement, such as Query or DML. */
    readonly class?: string
    /** Values that are bound to the statement, in order; protected ones withheld. */
    readonly binds?: readonly {
      /** Number or name of the placeholder. */
      readonly name: string
      /** Snowflake's type of the bind, such as FIXED or TEXT. */
      readonly type: string
      /** The value as text. Absent for NULL, and where it is withheld. */
      readonly value?: string
      /** Null, Withheld, or Truncated. */
      readonly note?: 'Null' | 'Withheld' | 'Truncated'
    }[]
    /** Session variables that the statement reads. */
    readonly variables?: readonly {
      /** Name of the variable. */
      readonly name: string
      /** Its value, as a literal. */
      readonly value: string
    }[]
    /** Snowflake role that it would run as. */
    readonly role: string
    /** Snowflake warehouse that it would use. */
    readonly warehouse?: string
    /** Database that names are completed by. */
    readonly database?: string
    /** Schema that names are completed by. */
    readonly schema?: string
    /** What it would change and read, also behind views; what it changes first. */
    readonly objects?: readonly {
      /** DATABASE.SCHEMA.NAME of the object. */
      readonly name: string
      /** Query where it is only read; else the class of the statement, such as DML. */
      readonly access: string
      /** When the object was last altered. If it is again, the approval is void. */
      readonly lastDDL?: string
    }[]
    /** Columns that stay masked; an approval never unmasks. */
    readonly maskedColumns?: readonly string[]
    /** Rules that ask for the approval. */
    readonly rules: readonly {
      /** Name of an AgentPolicy in the same namespace. */
      readonly policy: string
      /** Name of the rule in that policy. */
      readonly rule: string
    }[]
    /**
     * Digest of all rules and masks that bear on the statement. If one of them
     * changes, the approval is void.
     */
    readonly rulesDigest: string
    /** Why people are asked, in a sentence. */
    readonly reason: string
    /** Why the agent wants it, in its own words. Nobody has checked them. */
    readonly agentReason?: string
    /** Rows of the largest object that it reads or changes, where Snowflake tells. */
    readonly estimatedRows?: number
    /** Who may decide, and how many must agree. */
    readonly approvers: {
      /** Groups; a member of any may decide. */
      readonly groups?: readonly string[]
      /** User names that may decide. */
      readonly users?: readonly string[]
      /** How many different people must approve. */
      readonly count: number
    }
    /** Wait if a client waits for the answer; Retry if it was told to come again. */
    readonly delivery: 'Wait' | 'Retry'
    /** How often the statement may run by the approval. */
    readonly uses: number
    /** From the approval on, how long it can be used, such as 1h. */
    readonly validFor: string
    /** Until when it can be approved. After that it counts as denied. */
    readonly expiresAt: string
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: {
    /** The metadata.generation that the conditions speak of. */
    readonly observedGeneration?: number
    /**
     * Ready says whether the request is decided; Reconciling and Stalled are there
     * only while work is under way or cannot go on.
     */
    readonly conditions?: readonly Condition[]
    /**
     * Pending waits for people. Approved may run, Used did as often as it may.
     * Denied, Expired, Withdrawn (nobody waits any more) and Void (something that
     * it is bound to has changed) never will.
     */
    readonly phase?: 'Pending' | 'Approved' | 'Denied' | 'Expired' | 'Used' | 'Withdrawn' | 'Void'
    /** When the last approval that was needed came. */
    readonly approvedAt?: string
    /** Until when the approval can be used. */
    readonly usableUntil?: string
    /** When the phase became one that never changes again. */
    readonly endedAt?: string
    /** The runs that were let through, in order. */
    readonly uses?: readonly {
      /** Of this one use, as the recording names it. */
      readonly id: string
      /** When it was let through. */
      readonly time: string
    }[]
    /** How many different people have approved. */
    readonly approvals?: number
    /** Decisions that counted, in the order in which they came. */
    readonly decisions?: readonly {
      /** Name of the ApprovalDecision. */
      readonly name: string
      /** Who decided. */
      readonly username: string
      /** How it was made. */
      readonly via?: 'Kubernetes' | 'Oidc' | 'Slack' | 'Key'
      /** Why, in the words of whoever decided. */
      readonly reason?: string
      /** Approve or Deny. */
      readonly verdict: 'Approve' | 'Deny'
      /** When the decision was made. */
      readonly time: string
    }[]
    /** Who was told of the request, and who could not be. */
    readonly notifications?: readonly {
      /** Name of a webhook or Slack channel, as the settings name it. */
      readonly target: string
      /** The phase that it was told of. */
      readonly phase: 'Pending' | 'Approved' | 'Denied' | 'Expired' | 'Used' | 'Withdrawn' | 'Void'
      /** Sent if there is nothing more to do, Failed while it could not be. */
      readonly state: 'Sent' | 'Failed'
      /** When it was sent, or when it first failed in this way. */
      readonly time: string
      /** Why it failed, and what to do; or why there was nothing to send. */
      readonly message?: string
      /** The message that was posted, so that it can be brought up to date. */
      readonly reference?: string
    }[]
  }
}

/**
 * One person's answer to an ApprovalRequest; several people make one object
 * each. Whoever creates it is who decides, and needs the verb "approve" on the
 * connection.
 */
export interface ApprovalDecision {
  /** Version of the schema of this object, frostgate.dev/v1alpha1. */
  readonly apiVersion: 'frostgate.dev/v1alpha1'
  /** Kind of this object, ApprovalDecision. */
  readonly kind: 'ApprovalDecision'
  /** Name, namespace, labels and annotations. */
  readonly metadata: ObjectMeta
  /** What is decided. It never changes; delete the object to take it back in time. */
  readonly spec: {
    /** The request that is answered. */
    readonly requestRef: {
      /** Name of an ApprovalRequest in the same namespace. */
      readonly name: string
    }
    /**
     * The digest that the request says, as it was read: so that nobody approves
     * what they have not seen.
     */
    readonly statementDigest: string
    /** Approve counts towards the number that is needed; one Deny ends it. */
    readonly verdict: 'Approve' | 'Deny'
    /** Why. Required to deny; shown to the agent and recorded. */
    readonly reason?: string
    /**
     * How it was made: Kubernetes by creating this object, Oidc on the approvals
     * page, Slack by a button, Key by a signature where there is no cluster. A
     * cluster takes all but Kubernetes from the operator alone.
     */
    readonly via: 'Kubernetes' | 'Oidc' | 'Slack' | 'Key'
    /**
     * Who decided, stamped by Frostgate from the API server's own record of who
     * made this object. What an author writes here is overwritten.
     */
    readonly decidedBy?: {
      /**
       * User name as the API server authenticated it, or as the approvals page and
       * Slack have it.
       */
      readonly username: string
      /** UID of the user, if the authenticator gives one. */
      readonly uid?: string
      /** Groups of the user. */
      readonly groups?: readonly string[]
      /** The identity provider that vouched, for Oidc and Slack. */
      readonly issuer?: string
      /** The "sub" claim there. */
      readonly subject?: string
      /**
       * Other names of the same person that the identity provider told, such as an
       * e-mail address: for Oidc and Slack. Nobody counts twice under two of them.
       */
      readonly aliases?: readonly string[]
      /** The Slack user that pressed the button. */
      readonly slack?: {
        /** Id of the workspace. */
        readonly team: string
        /** Id of the user there. */
        readonly user: string
      }
    }
    /**
     * For Key: a compact JWS over the rest of this spec by a key of the person,
     * which the folder's configuration names.
     */
    readonly signature?: string
  }
  /** What the operator found. Written by Frostgate only. */
  readonly status?: {
    /** The metadata.generation that the conditions speak of. */
    readonly observedGeneration?: number
    /**
     * Ready says whether the decision counts, and if not, why; Reconciling and
     * Stalled are there only while work is under way or cannot go on.
     */
    readonly conditions?: readonly Condition[]
  }
}
