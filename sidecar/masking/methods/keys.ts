/**
 * Keys of masks. What is written into a statement is never the Secret's key but two keys derived
 * from it for one purpose (HKDF-SHA256, RFC 5869), so one that QUERY_HISTORY shows tells nothing of
 * any other rule or domain.
 *
 * The digest is a nested MAC, SHA256(outer ‖ SHA256(inner ‖ label ‖ SHA256(value))): the envelope
 * that HMAC is made of (Bellare, Canetti, Krawczyk 1996), with two independent keys of 64 hexadecimal
 * characters, which fill one block each. HMAC itself needs SHA2 of bytes; Snowflake documents
 * SHA2_HEX for text only. The value is hashed first, because a key before a value of full length
 * would be too long a text, and an error.
 */

import { hkdfSync } from 'node:crypto'

import type { MaskKey, MaskKeys } from '../../control/bundle.ts'
import { quoteName } from '../../sql/names.ts'

/** A text that must not be shown, and the Secret it comes from. */
export interface KeyText {
  readonly text: string
  readonly secretName: string
}

export interface Keyring {
  readonly keys: MaskKeys
  has(secretName: string): boolean
  /** Two keys of 64 hexadecimal characters. Equal purposes give equal keys. */
  derive(secretName: string, purpose: readonly string[]): DerivedKey
  /** All that was derived so far. */
  readonly secrets: readonly KeyText[]
  /** What an earlier text holds of the same keys, and is written again. */
  note(secrets: readonly KeyText[]): void
}

export interface DerivedKey {
  readonly inner: string
  readonly outer: string
}

const leastBytes = 32

/** For one statement: it remembers what it gave out. Keys under 32 bytes count as missing. */
export function keyringOf(keys: MaskKeys): Keyring {
  return new OwnKeyring(keys)
}

class OwnKeyring implements Keyring {
  readonly keys: MaskKeys
  private readonly found = new Map<string, KeyText>()

  constructor(keys: MaskKeys) {
    this.keys = keys
  }

  has(secretName: string): boolean {
    return (this.keys.get(secretName)?.length ?? 0) >= leastBytes
  }

  derive(secretName: string, purpose: readonly string[]): DerivedKey {
    const key = this.keys.get(secretName)
    if (key === undefined || !this.has(secretName)) {
      throw new Error(`no key in Secret ${secretName}`)
    }
    const info = `frostgate mask 1 ${JSON.stringify(purpose)}`
    const text = Buffer.from(hkdfSync('sha256', key, '', info, 64)).toString('hex')
    const [inner, outer] = [text.slice(0, 64), text.slice(64)]
    this.note([inner, outer].map((half) => ({ text: half, secretName })))
    return { inner, outer }
  }

  get secrets(): readonly KeyText[] {
    return [...this.found.values()]
  }

  note(secrets: readonly KeyText[]): void {
    for (const secret of secrets) this.found.set(secret.text, secret)
  }
}

/** The SQL as it may be recorded, logged or shown. */
export function withoutKeys(sql: string, secrets: readonly KeyText[]): string {
  return secrets.reduce(
    (shown, { text, secretName }) => shown.replaceAll(text, () => `‹key of Secret ${secretName}›`),
    sql,
  )
}

/** 64 hexadecimal digits. `label`, one character, keeps digests of one key and value apart. */
export function digestSql(value: string, label: string, { inner, outer }: DerivedKey): string {
  return `SHA2_HEX('${outer}' || SHA2_HEX('${inner}${label}' || SHA2_HEX(${value})))`
}

/** A call of the account's own function, which holds the key itself. */
export function functionSql(key: MaskKey & { readonly kind: 'function' }, value: string): string {
  return `${quoteName([key.database, key.schema, key.name])}(${value})`
}

export function secretOf(key: MaskKey): string | null {
  return key.kind === 'inStatement' ? key.secretName : null
}
