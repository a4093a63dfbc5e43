/** One Secret of the operator's namespace, changed only by who has seen its newest version. */

export interface StoredSecret {
  readonly resourceVersion: string
  /** Base64. */
  readonly data: Readonly<Record<string, string>>
}

/** All three reject if the API server cannot be asked; that says nothing about the Secret. */
export interface SecretAccess {
  /** Undefined only if the API server said that there is none. */
  get(): Promise<StoredSecret | undefined>
  /** `conflict` if there is one already (409). */
  create(data: StoredSecret['data']): Promise<'written' | 'conflict'>
  /** `conflict` if it has changed since, or is gone (409, 404). */
  update(data: StoredSecret['data'], resourceVersion: string): Promise<'written' | 'conflict'>
}
