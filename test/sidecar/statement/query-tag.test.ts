import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isObject } from '../../../sidecar/json.ts'
import { queryTag } from '../../../sidecar/statement/query-tag.ts'

function tag(subject: string, client: unknown, run?: string): string {
  const principal = {
    provider: 'idp', issuer: 'https://idp', subject, groups: [], claims: {}, run, expiresAt: 0,
  } // prettier-ignore
  return queryTag({
    session: { id: 's', principal },
    request: { parameters: { query_tag: client } },
    entry: { statement: 'q', parent: 'p' },
  })
}

test('the tag of a statement names who ran it, in which run, and the statement', () => {
  expect(JSON.parse(tag('agent-7', 'nightly', 'run-1'))).toEqual({
    frostgate: {
      session: 's',
      statement: 'q',
      parent: 'p',
      principal: 'idp:agent-7',
      run: 'run-1',
    },
    client: 'nightly',
  })
  expect(JSON.parse(tag('agent-7', undefined))).toEqual({
    frostgate: { session: 's', statement: 'q', parent: 'p', principal: 'idp:agent-7' },
  })
})

test('whatever client and identity are called, it is JSON of at most 2,000 characters', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.constantFrom(
      '"'.repeat(3_000),
      '\\'.repeat(3_000),
      '\u0000'.repeat(3_000),
      '😀'.repeat(999),
    ),
    fc.constant('","frostgate":{"principal":"somebody"}'),
  )
  fc.assert(
    fc.property(odd, odd, odd, (subject, client, run) => {
      const text = tag(subject, client, run)
      expect(text.length).toBeLessThanOrEqual(2_000)
      const read: unknown = JSON.parse(text)
      expect(isObject(read) && isObject(read['frostgate']) && read['frostgate']['statement']).toBe(
        'q',
      )
    }),
  )
})
