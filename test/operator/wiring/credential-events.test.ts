import { generateKeyPairSync } from 'node:crypto'

import { beforeEach, describe, expect, test } from 'vitest'

import type { Events } from '../../../operator/kube/events.ts'
import { credentialEvents } from '../../../operator/wiring/credential-events.ts'
import { connection, secret, snapshotOf } from '../compile/objects.ts'

const pem = (): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
const [first, second] = [pem(), pem()]

let told: unknown[][]
let leads: boolean
let tell: (privateKey?: string) => void

beforeEach(() => {
  told = []
  leads = true
  const record: Events['record'] = ({ kind, name, uid }, reason, parameters) => {
    told.push([`${kind}/${name}/${uid ?? ''}`, reason, parameters])
  }
  const events = credentialEvents({ record }, () => leads)
  tell = (privateKey) => {
    const secrets = privateKey === undefined ? [] : [secret('acme-key', { privateKey })]
    events(snapshotOf(connection('acme'), ...secrets).objects)
  }
})

const acme = 'SnowflakeConnection/acme/uid-SnowflakeConnection-acme'
const rotated = [acme, 'CredentialRotated', { secret: 'acme-key' }]

describe('The connection of a credential', () => {
  test('is told that the Secret holds another key, once', () => {
    for (const key of [first, first, second, second]) tell(key)
    expect(told).toEqual([rotated])
  })

  test('is told once of a key that is none, and of what it is missing', () => {
    for (const key of [undefined, 'no key', 'no key']) tell(key)
    expect(told).toMatchObject([
      [acme, 'CredentialInvalid', { message: expect.stringContaining('no Secret') as string }],
      [acme, 'CredentialInvalid', { secret: 'acme-key', advice: expect.any(String) as string }],
    ])
    expect(JSON.stringify(told)).not.toContain('no key')
  })

  test('is told that a key which was none was replaced by one', () => {
    for (const key of ['no key', second]) tell(key)
    expect(told.slice(1)).toEqual([rotated])
  })

  test('is told by the leader only, which knows what was before it led', () => {
    leads = false
    for (const key of [first, second, 'no key']) tell(key)
    expect(told).toEqual([])
    leads = true
    tell('no key')
    expect(told).toMatchObject([[acme, 'CredentialInvalid', {}]])
    tell(first)
    expect(told.slice(1)).toEqual([rotated])
  })
})
