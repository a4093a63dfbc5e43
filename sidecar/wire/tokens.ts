/** The gateway's own tokens: opaque, random, worthless anywhere else. */

import { hash, randomBytes } from 'node:crypto'

/** 256 random bits. The prefix lets secret scanners and log redaction know it. */
export function mintToken(kind: 'session' | 'master' | 'chunk'): string {
  return `fg-${kind}-${randomBytes(32).toString('base64url')}`
}

/** Maps are keyed by digest, so that a lookup's timing says nothing of a token. */
export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** A text for a log or a recording: a chunk's address, for one, is a capability. */
export function withoutTokens(text: string): string {
  return text.replace(/fg-(session|master|chunk)-[\w-]+/g, 'fg-$1-…')
}

/** The token in `Authorization: Snowflake Token="…"`; undefined if there is none. */
export function authorizationToken(header: string | undefined): string | undefined {
  const token = /^Snowflake Token="([^"\s]{1,200})"$/.exec(header?.trim() ?? '')?.[1]
  // Python sends the literal word before it has a token.
  return token === 'None' ? undefined : token
}
