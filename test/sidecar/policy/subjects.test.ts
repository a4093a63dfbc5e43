import { expect, test } from 'vitest'
import type { SubjectMatcher } from '../../../sidecar/control/bundle.ts'
import { matchesSubject } from '../../../sidecar/policy/subjects.ts'
import { principal } from './support.ts'

const matcher = (more: Partial<SubjectMatcher>): SubjectMatcher => ({
  provider: 'okta',
  groups: undefined,
  subjects: undefined,
  claims: undefined,
  ...more,
})

test.each<[string, Partial<SubjectMatcher>, boolean]>([
  ['the provider alone', {}, true],
  ['another provider', { provider: 'github' }, false],
  ['one of its groups', { groups: ['dba', 'everyone'] }, true],
  ['no group of its', { groups: ['dba'] }, false],
  ['an empty list of groups', { groups: [] }, false],
  ['its subject', { subjects: ['agent-7'] }, true],
  ['another subject', { subjects: ['agent-8'] }, false],
  ['a claim', { claims: { repository: 'acme/etl' } }, true],
  ['another value of a claim', { claims: { repository: 'acme/web' } }, false],
  ['an item of a list claim', { claims: { aud: 'other' } }, true],
  ['a claim it lacks', { claims: { ref: 'main' } }, false],
  ['a claim that is not a text', { claims: { admin: 'true' } }, false],
  ['a name that every object has', { claims: { constructor: 'x' } }, false],
  ['its group but another claim', { groups: ['everyone'], claims: { repository: 'x' } }, false],
])('a matcher with %s', (_what, more, matches) => {
  expect(matchesSubject(principal, [matcher(more)])).toBe(matches)
})

test('any matcher of a list is enough, and none of an empty list', () => {
  expect(matchesSubject(principal, [matcher({ provider: 'x' }), matcher({})])).toBe(true)
  expect(matchesSubject(principal, [])).toBe(false)
})
