import { describe, expect, test } from 'vitest'

import { readPageSettings } from '../../../operator/page/settings.ts'

const least = {
  url: 'https://approvals.example.com',
  issuer: 'https://id.example.com/realms/one',
  clientId: 'frostgate',
}

function read(more: Readonly<Record<string, unknown>>) {
  return readPageSettings(JSON.stringify({ ...least, ...more }))
}

test('what is not set', () => {
  expect(read({})).toEqual({
    ...least,
    clientSecretFile: undefined,
    clientAuthentication: 'client_secret_basic',
    scopes: ['openid', 'profile', 'email'],
    usernameClaim: 'sub',
    usernamePrefix: 'https://id.example.com/realms/one#',
    groupsClaim: 'groups',
    groupsPrefix: '',
    issuerCaFile: undefined,
    viewers: [],
    sessionMs: 3_600_000,
    endWithIdToken: false,
  })
})

test('YAML, with all of it', () => {
  const text = `
url: https://approvals.example.com:8444/
issuer: http://127.0.0.1:3000
clientId: frostgate
clientSecretFile: /etc/frostgate/oidc/secret
clientAuthentication: client_secret_post
scopes: [openid, groups]
usernameClaim: email
usernamePrefix: '-'
groupsPrefix: 'oidc:'
viewers: [auditors]
session: 8h
endWithIdToken: true
`
  expect(readPageSettings(text)).toMatchObject({
    url: 'https://approvals.example.com:8444',
    usernamePrefix: '',
    groupsPrefix: 'oidc:',
    sessionMs: 8 * 3_600_000,
  })
})

describe('what is refused, by name', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['issuer', { issuer: 'http://id.example.com' }],
    ['issuer', { issuer: 'https://id.example.com/?a=b' }],
    ['issuer', { issuer: 'http://localhost.example.com' }],
    ['url', { url: 'http://approvals.example.com' }],
    ['url', { url: 'https://approvals.example.com/path' }],
    ['url', { url: 'https://a@approvals.example.com' }],
    ['clientId', { clientId: '' }],
    ['clientSecret', { clientSecret: 'in the file itself' }],
    ['scopes', { scopes: ['groups'] }],
    ['scopes', { scopes: ['openid', 'a b'] }],
    ['session', { session: '9h' }],
    ['session', { session: '30s' }],
    ['session', { session: 'long' }],
    ['viewers', { viewers: 'auditors' }],
    ['endWithIdToken', { endWithIdToken: 'yes' }],
    ['usernameClaim', { usernameClaim: 7 }],
    ['clientAuthentication', { clientAuthentication: 'none' }],
  ]

  test.each(wrong)('%s %j', (field, more) => {
    expect(() => read(more)).toThrow(`"${field}"`)
  })

  test('what is no settings, without a word of it', () => {
    for (const text of ['[a-secret', '- a-secret', 'a: &x a-secret\nb: *x'])
      expect(() => readPageSettings(text)).toThrow(/^(?!.*a-secret)/)
  })
})
