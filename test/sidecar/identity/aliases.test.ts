import fc from 'fast-check'
import { expect, test } from 'vitest'

import { accountNamesOf, aliasesOf } from '../../../sidecar/identity/aliases.ts'

test('names of a token are told, each once, and not the subject', () => {
  const claims = {
    sub: 'u-1',
    email: 'ada@example.com',
    upn: 'ada@example.com',
    preferred_username: 'u-1',
    name: 'Ada',
    actor: 'ada-gh',
    groups: ['x'],
    nonce: 'n',
  }
  expect(aliasesOf({ claims, subject: 'u-1' })).toEqual(['ada@example.com', 'ada-gh', 'Ada'])
  // Two people may be called Ada.
  expect(accountNamesOf({ claims, subject: 'u-1' })).toEqual(['ada@example.com', 'ada-gh'])
})

test('whatever the claims hold, they are a few texts', () => {
  const claims = fc.dictionary(
    fc.constantFrom('email', 'name', 'upn', 'login', 'actor', '__proto__', 'oid'),
    fc.anything(),
  )
  fc.assert(
    fc.property(claims, (held) => {
      const names = aliasesOf({ claims: held, subject: 's' })
      expect(names.length).toBeLessThanOrEqual(16)
      for (const name of names) expect(name.trim()).not.toBe('')
    }),
  )
  expect(
    aliasesOf({ claims: { email: 'x'.repeat(1_025), name: ' ', upn: 7 }, subject: '' }),
  ).toEqual([])
})
