import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseAs, principalFrom } from '../../../cli/explain/identity.ts'
import { claims } from '../../../cli/explain/options.ts'
import { wrapSql } from '../../../cli/explain/wrap.ts'
import type { ConnectionSpec } from '../../../sidecar/control/bundle.ts'

const connection = {
  name: 'acme',
  identityProviders: [
    { name: 'okta', issuer: 'https://okta', audiences: [], groupsClaim: 'grp', algorithms: [] },
    { name: 'github', issuer: 'https://gh', audiences: [], groupsClaim: 'owner', algorithms: [] },
  ],
} as unknown as ConnectionSpec

describe('an identity as it is written', () => {
  test('is a provider and a subject, which may have colons of its own', () => {
    expect(parseAs('github:repo:acme/etl:ref:main', connection)).toEqual({
      provider: 'github',
      subject: 'repo:acme/etl:ref:main',
    })
  })

  test('is what its token would give: groups are in the claim that the provider names', () => {
    const written = { provider: 'okta', subject: 'a', groups: ['g'], claims: { team: 'x' } }
    expect(principalFrom(written, connection)).toMatchObject({
      provider: 'okta',
      issuer: 'https://okta',
      subject: 'a',
      groups: ['g'],
      claims: { iss: 'https://okta', sub: 'a', grp: ['g'], team: 'x' },
    })
  })

  test('may have its groups from a claim too', () => {
    const written = { provider: 'github', subject: 'a', groups: ['h'], claims: { owner: 'acme' } }
    expect(principalFrom(written, connection).groups).toEqual(['h', 'acme'])
  })

  test('a claim that is given twice is a list', () => {
    expect(claims(['a=1', 'b=x=y', 'a=2'])).toEqual({ a: ['1', '2'], b: 'x=y' })
  })
})

test('wrapped SQL is the same SQL, and no line ends inside a literal', () => {
  const word = fc.oneof(
    fc.constantFrom('SELECT', 'a,', "'it''s  two'", '"a ""b"" c"', '(', ')', "x||'y z'"),
    fc.stringMatching(/^[a-z]{1,30}$/),
  )
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1 }),
      fc.integer({ min: 1, max: 60 }),
      (words, width) => {
        const sql = words.join(' ')
        expect(wrapSql(sql, width).join(' ')).toBe(sql)
      },
    ),
    { numRuns: 300 },
  )
})
