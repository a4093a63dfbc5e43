/** Who is asking, as an identity provider attested it. */
export interface Principal {
  /** The `name` of the identity provider in the SnowflakeConnection. */
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly groups: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  /** The CI run or job that the token was minted for, if a claim says so. */
  readonly run: string | undefined
  /** Seconds since the epoch. */
  readonly expiresAt: number
}
