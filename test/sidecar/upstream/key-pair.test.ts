import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'

import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'

import { accountName, keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'

test('the login token is what Snowflake asks of key-pair authentication', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const now = 1_800_000_000_500
  const signer = keyPairSigner({
    account: 'acme.eu-west-1',
    user: 'agents',
    privateKey,
    now: () => now,
  })
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const { authenticator, token } = await signer.sign()
  const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(privateKey), {
    currentDate: new Date(now),
  })
  expect(authenticator).toBe('SNOWFLAKE_JWT')
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT' })
  expect(payload).toEqual({
    iss: `ACME.AGENTS.SHA256:${createHash('sha256').update(der).digest('base64')}`,
    sub: 'ACME.AGENTS',
    iat: 1_800_000_000,
    exp: 1_800_000_060,
  })
})

test.each([
  ['acme-prod', 'ACME-PROD'],
  ['xy12345.eu-west-1.aws', 'XY12345'],
  ['acme-prod.global', 'ACME'],
])('account %s is named %s in the token', (account, name) => {
  expect(accountName(account)).toBe(name)
})
