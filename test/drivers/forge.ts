import { generateKeyPairSync } from 'node:crypto'

import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'

/** The same claims, and the same key id, under another key. */
export function forge(token: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { alg = 'RS256', kid = '' } = decodeProtectedHeader(token)
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, kid }).sign(privateKey)
}
