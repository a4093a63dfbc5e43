/** What the gateway shows Snowflake to log in, whatever kind of credential the connection has. */

/** Good for one login, and for seconds or minutes only. */
export interface LoginProof {
  readonly authenticator: 'SNOWFLAKE_JWT' | 'PROGRAMMATIC_ACCESS_TOKEN' | 'WORKLOAD_IDENTITY'
  readonly token: string
  /** With WORKLOAD_IDENTITY only: what kind of token it is. */
  readonly provider?: 'OIDC'
}

export interface LoginSigner {
  /**
   * A proof for one login. The secret behind it stays there: nothing else in the sidecar sees it.
   * Rejects with an error whose message is safe to show.
   */
  sign(): Promise<LoginProof>
}
