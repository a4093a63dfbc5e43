/**
 * What a sidecar and the operator's broker say to each other, over TLS whose certificate chains to
 * the operator's own CA. Every call but the first carries a DPoP-bound access token (RFC 9449): a
 * copied token is worthless without the sidecar's key, which never leaves its memory volume.
 *
 * | call | does |
 * |---|---|
 * | `POST /v1/enrol` | projected token + key → access token; also how it is renewed |
 * | `GET /v1/stream` | notices, one JSON object a line, until either side ends it |
 * | `GET /v1/bundle` | the bundle; `If-None-Match` by digest answers 304 |
 * | `POST /v1/ack` | what became of a bundle here |
 * | `POST /v1/credential` | one Snowflake login's credential |
 * | `GET /v1/mask-keys` | keys of masks, by Secret name, base64 |
 * | `POST /v1/recording` | the next bytes of the recording |
 * | `POST /v1/approvals` | asks people about one statement; the same question again joins it |
 * | `POST /v1/approvals/use` | takes one use of an approval: only then may the statement run |
 * | `POST /v1/approvals/withdraw` | nobody waits for the answer any more |
 *
 * How calls prove themselves. Enrolment: an EnrolRequest and a `DPoP` header. All others:
 * `Authorization: DPoP <access token>` and a `DPoP` header whose proof has `ath`. A proof is ES256
 * with `typ: dpop+jwt` and `jwk`; its `htu` is FROSTGATE_BROKER_URL with the path and without the
 * query, its `jti` new for each call, its `iat` within 60 s of the broker's clock.
 *
 * A stream that ends without `revoked` or `goodbye` has outlived its access token, or its replica:
 * connect again with a token that is current.
 */

import type { ApprovalQuestion } from '../approvals/approvals.ts'

export const protocolVersion = 'v1'

/** Audience of the token that only the sidecar's container mounts. */
export function enrolAudience(clusterUid: string): string {
  return `frostgate.dev/enrol/${clusterUid}`
}

/** Audience of the token that application containers mount; accepted at login. */
export const agentAudience = 'frostgate.dev/agent'

/**
 * Body of `POST /v1/enrol`. Its DPoP proof carries the public key as `jwk` and no `ath`; the proofs
 * of the other calls carry `ath`, beside `Authorization: DPoP <access token>`. `htu` is the URL as
 * the sidecar reaches the broker, without query.
 */
export interface EnrolRequest {
  readonly protocol: typeof protocolVersion
  /** The projected token, audience `enrolAudience`. */
  readonly token: string
}

/** Answer to `POST /v1/enrol`. */
export interface Enrolment {
  /** JWT of the operator, `cnf.jkt` bound to the sidecar's key. */
  readonly accessToken: string
  readonly tokenType: 'DPoP'
  /** Seconds; 600 at most. */
  readonly expiresIn: number
  readonly pod: PodIdentity
  readonly connection: { readonly namespace: string; readonly name: string }
  /** CA certificates of the operator, PEM, to trust from now on. */
  readonly trust: string
}

export interface PodIdentity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly serviceAccount: string
}

/** One line of `GET /v1/stream`. A sidecar ignores no kind that it does not know: it reconnects. */
export type Notice =
  /** The bundle in force has this digest: fetch it. Sent first, and after each change. */
  | { readonly type: 'bundle'; readonly digest: string }
  /** The connection is closed: its objects do not compile, or are gone. Nothing runs. */
  | { readonly type: 'closed'; readonly reason: string }
  /** This pod may not go on: end sessions here and at Snowflake at once. */
  | { readonly type: 'revoked'; readonly reason: string }
  /** CA certificates to trust from now on, PEM. */
  | { readonly type: 'trust'; readonly pem: string }
  /** A request that this pod has asked for is in another phase. */
  | { readonly type: 'approval'; readonly standing: ApprovalStanding }
  /** Nothing new; every 15 s, so that a half-open connection is noticed. */
  | { readonly type: 'ping' }
  /** The replica stops: connect again, with jitter. */
  | { readonly type: 'goodbye' }

export interface Acknowledgement {
  readonly digest: string
  readonly accepted: boolean
  /** Why not, for the connection's status. */
  readonly reason?: string
}

/** Answer to `POST /v1/credential`: good for one login. `expiresAt` is in seconds since the epoch. */
export type SnowflakeCredential =
  | {
      readonly authenticator: 'SNOWFLAKE_JWT'
      readonly token: string
      readonly expiresAt: number
    }
  | {
      readonly authenticator: 'PROGRAMMATIC_ACCESS_TOKEN'
      readonly token: string
      readonly expiresAt: number
    }
  | {
      readonly authenticator: 'WORKLOAD_IDENTITY'
      readonly provider: 'OIDC'
      readonly token: string
      readonly expiresAt: number
    }

/** Answer to `GET /v1/mask-keys`: base64 of the keys that the bundle in force needs, by Secret name. */
export interface MaskKeysAnswer {
  readonly keys: Readonly<Record<string, string>>
}

/** Answer to `POST /v1/recording?offset=N`, with 200, or with 409 where N is not the length. */
export interface RecordingLength {
  /** Bytes of this pod's recording that are on the operator's disk. */
  readonly length: number
}

/**
 * Body of `POST /v1/approvals`. Who may decide, how many, and until when are the operator's own word
 * about the rule; so are pod and connection. Asking the same `digest` again is the same request.
 */
export interface ApprovalAsk {
  /** New for each process: what another one of this pod has asked is withdrawn, but for `Retry`. */
  readonly instance: string
  readonly question: ApprovalQuestion
}

export type ApprovalPhase =
  'Pending' | 'Approved' | 'Denied' | 'Expired' | 'Used' | 'Withdrawn' | 'Void'

/** Answer to `POST /v1/approvals`. */
export interface ApprovalStanding {
  /** Name of the ApprovalRequest. */
  readonly name: string
  /** `ApprovalQuestion.digest`. */
  readonly digest: string
  readonly phase: ApprovalPhase
  /** Who decided. */
  readonly by: readonly string[]
  /** In the words of whoever decided. */
  readonly note: string
}

/** Body of `POST /v1/approvals/use` and `POST /v1/approvals/withdraw`. */
export interface ApprovalReference {
  readonly name: string
  readonly digest: string
  readonly instance: string
}

/**
 * Answer to `POST /v1/approvals/use`: `id` of this one use if it was given, and the phase that says
 * why if not. The operator looks at everything once more before it gives one.
 */
export interface ApprovalUse extends ApprovalStanding {
  readonly id?: string
}

/** Body of every answer that is not 2xx. */
export interface Refusal {
  /** Name in the broker's error catalogue, such as `PodNotLive`. */
  readonly error: string
  /** What, why and what to do, safe to log. */
  readonly message: string
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly transient: boolean
}
