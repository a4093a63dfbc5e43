import { expect, test } from 'vitest'

import type { Bundle, IdentityProviderSpec } from '../../sidecar/control/bundle.ts'
import { govern, type Circumstances } from '../../sidecar/governance.ts'
import type { LoginSigner } from '../../sidecar/upstream/login-signer.ts'
import { numbered } from './governor-support.ts'

const circumstances: Circumstances = {
  keys: () => Promise.reject(new Error('no issuer is asked')),
  now: () => 0,
  steady: () => 0,
}
const signer: LoginSigner = { sign: () => Promise.reject(new Error('no login')) }
const maskKeys = new Map()
const bundle = numbered(1)
const first = govern(bundle, { signer, maskKeys }, circumstances)

const connection = (change: Partial<Bundle['connection']>): Bundle => ({
  ...bundle,
  connection: { ...bundle.connection, ...change },
})
const provider = (change: Partial<IdentityProviderSpec>): Bundle =>
  connection({
    identityProviders: bundle.connection.identityProviders.map((each) => ({ ...each, ...change })),
  })
const tag = { database: 'A', schema: 'B', name: 'PII', value: null }
const tagged: Bundle = {
  ...bundle,
  masks: [
    {
      name: 'm', namespace: 'n', columns: [], tags: [tag], subjects: [], exceptFor: [],
      method: { kind: 'redact' }, usage: 'Strict',
    },
  ],
} // prettier-ignore

const all = ['transport', 'catalogs', 'verify'] as const
type Part = (typeof all)[number]

test.each<[string, Bundle, readonly Part[]]>([
  ['other policies', { ...bundle, policies: [] }, []],
  ['another maxStale', connection({ maxStale: 1 }), []],
  ['another address', connection({ url: 'https://b.example' }), ['transport', 'catalogs']],
  ['other certificates', connection({ trust: 'PEM' }), ['transport', 'catalogs']],
  ['another user', connection({ user: 'B' }), ['catalogs']],
  ['another role', connection({ role: 'B' }), ['catalogs']],
  ['another credential', connection({ credential: { kind: 'workloadIdentity', serviceAccount: 's', audience: 'a' } }), ['catalogs']],
  ['another age of the catalogue', connection({ catalogMaxAge: 1 }), ['catalogs']],
  ['a first rule that goes by tags', tagged, ['catalogs']],
  ['other keys of an issuer', provider({ jwks: { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] } }), ['verify']],
  ['other audiences', provider({ audiences: ['b'] }), ['verify']],
])('a bundle with %s makes anew what it changes, and keeps the rest open', (_what, next, anew) => {
  const second = govern(next, { signer, maskKeys }, circumstances, first)
  expect(all.filter((part) => second[part] !== first[part])).toEqual(anew)
  expect(second.epoch).toBe(2)
}) // prettier-ignore

test('another signer reads the catalogue anew, so that no session of an old credential stays', () => {
  const other = { ...signer }
  const second = govern(bundle, { signer: other, maskKeys }, circumstances, first)
  expect(second.catalogs).not.toBe(first.catalogs)
})
