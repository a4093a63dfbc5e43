/** What whoever decides is told at once. */

import { describe, expect, test } from 'vitest'

import type { ApprovalDecision, ApprovalRequest } from '../../../../crds/types.ts'
import { authorOf, isAuthors } from '../../../../operator/admission/approval/author.ts'
import {
  decisionRefusal,
  namesConnection,
  type VerifyContext,
} from '../../../../operator/admission/approval/verify.ts'
import { dana, now, onPage, operator, request, rule, written } from './support.ts'

const byOperator = { username: operator, uid: undefined, groups: [] }

function refusal(decision: ApprovalDecision, more: Partial<VerifyContext> = {}): string {
  const context = {
    author: dana,
    operatorUser: operator,
    request,
    decisions: [],
    rule,
    now,
    ...more,
  }
  return decisionRefusal(decision, context) ?? ''
}

const stamped = (spec: object = {}, metadata: object = {}) =>
  written({ decidedBy: dana, ...spec }, metadata)
const by = (username: string, groups: readonly string[] = ['data-stewards']) => {
  const author = { username, uid: undefined, groups }
  return { author, decision: written({ decidedBy: { username, groups } }) }
}

describe('A decision', () => {
  test('of an approver about what waits is let in, approval or denial', () => {
    expect(refusal(stamped())).toBe('')
    expect(refusal(stamped({ verdict: 'Deny', reason: 'no' }))).toBe('')
    expect(refusal(written(onPage), { author: byOperator })).toBe('')
  })

  test.each([
    ['without stamp', written(), 'not who you are'],
    [
      'with another’s name',
      stamped({ decidedBy: { ...dana, username: 'root' } }),
      'not who you are',
    ],
    [
      'with a group too many',
      stamped({ decidedBy: { ...dana, groups: ['dba'] } }),
      'not who you are',
    ],
    ['with an issuer', stamped({ decidedBy: { ...dana, issuer: 'x' } }), 'not who you are'],
    ['via Slack', stamped({ via: 'Slack' }), 'Slack are Frostgate’s own'],
    [
      'for another connection',
      stamped({}, { annotations: { 'frostgate.dev/connection': 'dev' } }),
      'is not the connection of the request',
    ],
    [
      'of another statement',
      stamped({ statementDigest: `sha256:${'b'.repeat(64)}` }),
      'DigestDiffers',
    ],
    ['of another request', stamped({ requestRef: { name: 'other' } }), 'OtherRequest'],
    ['that denies without a word', stamped({ verdict: 'Deny' }), 'ReasonMissing'],
  ])('%s is refused', (_, decision, told) => {
    expect(refusal(decision)).toContain(told)
  })

  test.each([
    ['of somebody who is no approver', by('mallory', ['staff']), 'NotApprover'],
    ['of whoever asks, under another name', by('oidc:erin@example.com'), 'OwnStatement'],
    ['of the principal', by('system:serviceaccount:ci:runner'), 'OwnStatement'],
    ['of a service account', by('system:serviceaccount:ci:robot'), 'ServiceAccountNotListed'],
  ])('%s is refused', (_, { author, decision }, told) => {
    expect(refusal(decision, { author })).toContain(told)
  })

  test('of an approver by the request who is none by the rule any more is refused', () => {
    expect(refusal(stamped(), { rule: { ...rule, approvers: ['dba'] } })).toContain(
      'NotApproverAnyMore',
    )
    expect(refusal(stamped(), { rule: undefined })).toContain('RuleGone')
    expect(refusal(stamped(), { rule: 'Closed' })).toContain('ConnectionClosed')
  })

  test.each(['Denied', 'Expired', 'Used', 'Withdrawn', 'Void'] as const)(
    'about a request that ended as %s is refused',
    (phase) => {
      const about: ApprovalRequest = { ...request, status: { phase } }
      expect(refusal(stamped(), { request: about })).toContain('RequestEnded')
    },
  )

  test('that comes too late is refused, by the time at which it is made', () => {
    const last = Date.parse(request.spec.expiresAt)
    expect(refusal(stamped(), { now: last - 1000 })).toBe('')
    expect(refusal(stamped(), { now: last })).toContain('TooLate')
  })

  test('of somebody who has decided is refused', () => {
    const before = written(
      { decidedBy: dana },
      { name: 'before', creationTimestamp: '2026-03-01T11:59:30Z' },
    )
    expect(refusal(stamped(), { decisions: [before] })).toContain('DecidedBefore')
  })

  test('of the operator’s carries a verified person', () => {
    const { decidedBy } = onPage
    for (const spec of [
      { ...onPage, decidedBy: { username: decidedBy.username } },
      { ...onPage, decidedBy: { ...decidedBy, subject: '' } },
      { ...onPage, decidedBy: { ...decidedBy, slack: { team: 'T', user: 'U' } } },
      { ...onPage, via: 'Slack' },
    ])
      expect(refusal(written(spec), { author: byOperator })).toContain('fault of the operator')
  })
})

describe('The author', () => {
  test('is read from what the API server says, and nothing of another form', () => {
    const userInfo = { username: 'a', uid: 7, groups: ['x', 7, null] } as never
    expect(authorOf({ userInfo } as never)).toEqual({
      username: 'a',
      uid: undefined,
      groups: ['x'],
    })
    expect(authorOf({ userInfo: null } as never)).toEqual({
      username: '',
      uid: undefined,
      groups: [],
    })
  })

  test('is not who has a member more', () => {
    expect(isAuthors(dana, dana)).toBe(true)
    expect(isAuthors({ username: dana.username }, dana)).toBe(true)
    for (const more of [{ issuer: 'x' }, { slack: {} }, { groups: 'data-stewards' }, { uid: '' }])
      expect(isAuthors({ ...dana, ...more }, dana)).toBe(false)
  })

  test('decides on the connection of the request, or had the right on all', () => {
    expect(namesConnection(undefined, request)).toBe(true)
    expect(namesConnection({ 'frostgate.dev/connection': 'acme' }, request)).toBe(true)
    expect(namesConnection({ 'frostgate.dev/connection': 'dev' }, request)).toBe(false)
    expect(namesConnection({ 'frostgate.dev/connection': 7 }, request)).toBe(false)
  })
})
