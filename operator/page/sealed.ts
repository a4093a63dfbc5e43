/** Cookies that only the page can read and nobody can change: encrypted, authenticated, with an end. */

import { EncryptJWT, jwtDecrypt, type JWTPayload } from 'jose'

import type { PageKeys, Purpose } from './keys.ts'

export const cookieOptions = {
  httpOnly: true,
  secure: true,
  sameSite: 'Lax',
  path: '/',
} as const

/** `until` in milliseconds since the epoch. */
export function seal(
  keys: PageKeys,
  purpose: Purpose,
  content: JWTPayload,
  { now, until }: { readonly now: number; readonly until: number },
): Promise<string> {
  return new EncryptJWT(content)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: purpose })
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor(until / 1000))
    .encrypt(keys.key(purpose))
}

/** Undefined for one that is over, was made for something else, or was not made here. */
export async function unseal(
  keys: PageKeys,
  purpose: Purpose,
  text: string,
  now: number,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtDecrypt(text, keys.key(purpose), {
      typ: purpose,
      currentDate: new Date(now),
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      requiredClaims: ['exp', 'iat'],
    })
    return payload
  } catch {
    return undefined
  }
}
