import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isObject } from '../../../sidecar/json.ts'
import { parseStatement } from '../../../sidecar/sql/index.ts'
import { queryTag, tagSet } from '../../../sidecar/statement/query-tag.ts'

function tag(subject: string, client: unknown, run?: string, own?: string): string {
  const principal = {
    provider: 'idp', issuer: 'https://idp', subject, groups: [], claims: {}, run, expiresAt: 0,
  } // prettier-ignore
  return queryTag({
    session: { id: 's', principal, state: { tag: own } },
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

test("the session's own tag stands where a statement brings none", () => {
  const clientOf = (text: string): unknown =>
    (JSON.parse(text) as Record<string, unknown>)['client']
  expect(clientOf(tag('agent-7', undefined, undefined, 'dbt'))).toBe('dbt')
  expect(clientOf(tag('agent-7', 'nightly', undefined, 'dbt'))).toBe('nightly')
  expect(clientOf(tag('agent-7', undefined, undefined, ''))).toBeUndefined()
})

test.each([
  ["ALTER SESSION SET QUERY_TAG = 'it''s'", {}, "it's"],
  ["alter session set query_tag = ''", {}, ''],
  ['ALTER SESSION UNSET QUERY_TAG', {}, ''],
  ["ALTER SESSION SET QUERY_TAG = 'x' TIMEZONE = 'UTC'", {}, undefined],
  ['ALTER SESSION SET QUERY_TAG = 1', {}, undefined],
  ['ALTER SESSION SET QUERY_TAG = $x', {}, undefined],
  [`ALTER SESSION SET QUERY_TAG = '${'x'.repeat(2_001)}'`, {}, undefined],
  ["ALTER SESSION SET TIMEZONE = 'UTC'", {}, undefined],
  ["ALTER SESSION SET QUERY_TAG = 'x'", { query_tag: 'fixed' }, undefined],
  ["SET QUERY_TAG = 'x'", {}, undefined],
])('%s sets the tag of the session', (sql, parameters, expected) => {
  expect(tagSet(parseStatement(sql).statement, { parameters })).toBe(expected)
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
    fc.property(odd, odd, odd, fc.boolean(), (subject, client, run, inSession) => {
      const text = inSession ? tag(subject, undefined, run, client) : tag(subject, client, run)
      expect(text.length).toBeLessThanOrEqual(2_000)
      const read: unknown = JSON.parse(text)
      expect(isObject(read) && isObject(read['frostgate']) && read['frostgate']['statement']).toBe(
        'q',
      )
    }),
  )
})
