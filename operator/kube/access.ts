/** Where the API server is and how to prove who asks. */

/** What `node:tls` takes, as far as API servers need it. */
export interface TlsSettings {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface Access {
  /** `https://10.0.0.1:443`, without a path's last slash. */
  readonly server: string
  readonly tls: TlsSettings
  /** HTTP proxy to go through. */
  readonly proxy: string | undefined
  /** Such as `authorization`. */
  readonly headers: Readonly<Record<string, string>>
}

export interface AccessSource {
  /** As of now; cheap enough to be asked for each request. Rejects with a KubeError. */
  current(): Promise<Access>
  /** The server did not accept the credentials: whatever was kept is read again. */
  renew(): void
}
