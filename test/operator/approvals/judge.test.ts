import { describe, expect, test } from 'vitest'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { judgeDecision, nextStatus, type RuleInForce } from '../../../operator/approvals/decide.ts'
import { requestFrom } from '../../../operator/approvals/request-object.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'
import { asked, decisionOf, stewards } from './asked.ts'

const start = Date.parse('2026-11-22T10:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString().replace('.000', '')

function requestOf(
  approval: ApprovalSpec = stewards,
  status?: ApprovalRequest['status'],
): ApprovalRequest {
  const made = requestFrom(asked({ approval }), 'abc', start)
  const metadata = { ...made.metadata, uid: 'u', generation: 1, creationTimestamp: at(0) }
  return { ...made, metadata, ...(status === undefined ? {} : { status }) }
}

const made = (
  request: ApprovalRequest,
  who: string,
  spec: Partial<ApprovalDecision['spec']> = {},
  seconds = 5,
) => decisionOf(request, who, spec, { creationTimestamp: at(seconds) })

const why = (
  request: ApprovalRequest,
  decision: ApprovalDecision,
  ...rules: readonly RuleInForce[]
) => {
  const rule = rules.length === 0 ? stewards : rules[0]
  const judged = judgeDecision(request, decision, rule, start + 10_000)
  return judged.counts ? 'counts' : judged.reason
}

const by = (username: string, more = {}) => ({
  decidedBy: { username, groups: ['stewards'], ...more },
})

describe('a decision', () => {
  const request = requestOf()

  test('of an approver counts', () => {
    expect(why(request, made(request, 'alice'))).toBe('counts')
  })

  test('of somebody whom the page names by another claim than the subject counts', () => {
    const known = { issuer: 'https://i', subject: '00u1', aliases: ['alice@corp.example'] }
    const onPage = made(request, 'x', { via: 'Oidc', ...by('oidc:alice@corp.example', known) })
    expect(why(request, onPage)).toBe('counts')
    const bySubject = made(request, 'y', { via: 'Oidc', ...by('oidc:00u1', known) })
    expect(why(request, bySubject)).toBe('counts')
  })

  test.each([
    ['OtherRequest', { requestRef: { name: 'xyz' } }],
    ['DigestDiffers', { statementDigest: `sha256:${'0'.repeat(64)}` }],
    ['ReasonMissing', { verdict: 'Deny', reason: ' ' }],
    ['NotStamped', { decidedBy: undefined }],
    ['ViaNotTaken', { via: 'Key', signature: 'x' }],
    ['ViaInconsistent', { via: 'Oidc' }],
    ['ViaInconsistent', { via: 'Oidc', ...by('bob', { issuer: 'https://i', subject: 'alice' }) }],
    [
      'ViaInconsistent',
      { via: 'Slack', ...by('https://i#a', { issuer: 'https://i', subject: 'a' }) },
    ],
    ['ViaInconsistent', by('alice', { issuer: 'https://i', subject: 'alice' })],
    ['ViaInconsistent', by('alice', { aliases: ['ann@corp.example'] })],
    [
      'ViaInconsistent',
      {
        via: 'Oidc',
        ...by('oidc:bob', { issuer: 'https://i', subject: '00u1', aliases: ['alice'] }),
      },
    ],
    [
      'OwnStatement',
      {
        via: 'Oidc',
        ...by('https://i#00u1', {
          ...{ issuer: 'https://i', subject: '00u1', aliases: ['Owner@example.com'] },
        }),
      },
    ],
    ['OwnStatement', by('agent-7')],
    ['OwnStatement', by('https://idp.example#agent-7')],
    ['OwnStatement', by('oidc:agent-7')],
    ['OwnStatement', by('owner@example.com')],
    ['OwnStatement', by('corp:OWNER@example.com')],
    ['ServiceAccountOfPod', by('system:serviceaccount:ci:runner')],
    ['ServiceAccountNotListed', by('system:serviceaccount:ci:other')],
    ['NotApprover', { decidedBy: { username: 'mallory', groups: ['devs'] } }],
    ['NotApprover', { decidedBy: { username: 'mallory' } }],
  ] as [string, Partial<ApprovalDecision['spec']>][])('does not count: %s %j', (reason, spec) => {
    expect(why(request, made(request, 'alice', spec))).toBe(reason)
  })

  test('counts by its own time alone', () => {
    expect(why(request, made(request, 'alice', {}, -1))).toBe('MadeBeforeRequest')
    expect(why(request, made(request, 'alice', {}, 0))).toBe('counts')
    expect(why(request, made(request, 'alice', {}, 599))).toBe('counts')
    expect(why(request, made(request, 'alice', {}, 600))).toBe('TooLate')
    expect(why(request, decisionOf(request, 'alice'))).toBe('TimeUnknown')
  })

  test('counts by the rule as it is now, too', () => {
    expect(why(request, made(request, 'alice'), undefined)).toBe('RuleGone')
    expect(why(request, made(request, 'alice'), 'Closed')).toBe('ConnectionClosed')
    expect(why(request, made(request, 'alice'), { ...stewards, approvers: ['dba'] })).toBe(
      'NotApproverAnyMore',
    )
  })

  test('of a service account counts where both name it, and never that of the pod', () => {
    const bot = 'system:serviceaccount:ops:bot'
    const own = 'system:serviceaccount:ci:runner'
    const rule = { ...stewards, users: [bot, own] }
    const listed = requestOf(rule)
    expect(why(listed, made(listed, bot), rule)).toBe('counts')
    expect(why(listed, made(listed, bot), stewards)).toBe('NotApproverAnyMore')
    expect(why(listed, made(listed, own), rule)).toBe('ServiceAccountOfPod')
  })

  test('of a group that only an API server hands out counts from there alone', () => {
    const rule = { ...stewards, approvers: ['system:masters'] }
    const masters = requestOf(rule)
    const person = { username: 'https://i#a', groups: ['system:masters'] }
    const spec = {
      via: 'Oidc',
      decidedBy: { ...person, issuer: 'https://i', subject: 'a' },
    } as const
    expect(why(masters, made(masters, 'a', spec), rule)).toBe('NotApprover')
    expect(why(masters, made(masters, 'a', { decidedBy: person }), rule)).toBe('counts')
  })

  test('without a cluster is signed, never just written', () => {
    const asLocal = requestFrom(asked({ pod: undefined }), 'abc', start)
    const local = { ...request, spec: asLocal.spec }
    expect(why(local, made(local, 'alice'))).toBe('ViaNotTaken')
    expect(why(local, made(local, 'alice', { via: 'Key', signature: 'jws' }))).toBe('counts')
    expect(why(local, made(local, 'alice', { via: 'Key' }))).toBe('ViaInconsistent')
  })

  test('after the end changes nothing', () => {
    for (const phase of ['Denied', 'Expired', 'Used', 'Withdrawn', 'Void'] as const) {
      const over = requestOf(stewards, { phase, endedAt: at(1) })
      expect(why(over, made(over, 'alice'))).toBe('RequestEnded')
      expect(nextStatus(over, [made(over, 'alice')], stewards, start)).toBe(over.status)
    }
  })
})

describe('what becomes of a request', () => {
  const two: ApprovalSpec = { ...stewards, count: 2 }
  const phase = (
    request: ApprovalRequest,
    decisions: readonly ApprovalDecision[],
    rule: RuleInForce,
    seconds = 10,
  ) => nextStatus(request, decisions, rule, start + seconds * 1000)

  test('takes as many different people as the larger of both counts', () => {
    const request = requestOf(stewards)
    const [alice, bob] = [made(request, 'alice'), made(request, 'bob', {}, 7)]
    expect(phase(request, [alice], stewards)).toMatchObject({ phase: 'Approved', approvals: 1 })
    expect(phase(request, [alice], two)).toMatchObject({ phase: 'Pending', approvals: 1 })
    expect(phase(request, [alice, bob], two)).toMatchObject({
      phase: 'Approved',
      approvedAt: at(7),
      usableUntil: new Date(start + 907_000).toISOString(),
    })
  })

  test('takes nobody for two, by whatever name they come', () => {
    const request = requestOf(two)
    const again = made(request, 'alice', {}, 6)
    const twice = { ...again, metadata: { ...again.metadata, name: 'again' } }
    const issuer = 'https://idp.example'
    const page = made(request, 'x', {
      via: 'Oidc',
      ...by(`${issuer}#Alice`, { issuer, subject: 'Alice' }),
    })
    const alice = made(request, 'alice')
    expect(phase(request, [alice, twice, page], two)).toMatchObject({
      phase: 'Pending',
      approvals: 1,
    })
  })

  test('takes nobody for two whose provider tells the other name', () => {
    const request = requestOf(two)
    const issuer = 'https://idp.example'
    const here = made(request, 'oidc:ann@corp.example', {}, 6)
    const onPage = (aliases: readonly string[], subject = '00u1') =>
      made(request, subject, {
        via: 'Oidc',
        ...by(`${issuer}#${subject}`, { issuer, subject, aliases }),
      })
    const after = (...decisions: readonly ApprovalDecision[]) =>
      phase(request, decisions, two).phase
    expect(after(here, onPage(['Ann@Corp.example']))).toBe('Pending')
    expect(after(here, onPage(['bob@corp.example']))).toBe('Approved')
    // Nor who comes by another claim of the same token, or once in Slack.
    const byMail = made(request, 'z', {
      via: 'Oidc',
      ...by('ann@corp.example', { issuer, subject: '00u1', aliases: ['ann@corp.example'] }),
    })
    const inSlack = made(request, 's', {
      via: 'Slack',
      ...by(`${issuer}#00u1`, { issuer, subject: '00u1', slack: { team: 'T1', user: 'U1' } }),
    })
    expect(after(byMail, inSlack)).toBe('Pending')
    expect(after(byMail, made(request, 'oidc:00u1'))).toBe('Pending')
    // Nor whose alias is told with the prefix that the API server puts before it.
    expect(after(here, onPage(['oidc:ann@corp.example']))).toBe('Pending')
    expect(after(made(request, 'oidc:joann@corp.example'), onPage(['ann@corp.example']))).toBe(
      'Approved',
    )
    // Guests of an Entra tenant end alike, and are many.
    const guest = (name: string) => `${name}_mail.example#EXT#@corp.example`
    const [ann, bob] = [guest('ann'), guest('bob')].map((name) => made(request, `oidc:${name}`))
    expect(after(ann as ApprovalDecision, bob as ApprovalDecision)).toBe('Approved')
    expect(after(ann as ApprovalDecision, onPage([guest('ann')]))).toBe('Pending')
    // Nor by two subjects of one provider.
    expect(after(onPage(['ann@corp.example']), onPage(['ann@corp.example'], '00u2'))).toBe(
      'Pending',
    )
  })

  test('one denial ends it, also after an approval that is not used', () => {
    const request = requestOf(stewards)
    const [alice, no] = [
      made(request, 'alice'),
      made(request, 'bob', { verdict: 'Deny', reason: 'no' }),
    ]
    expect(phase(request, [alice, no], stewards)).toMatchObject({ phase: 'Denied' })
    const approved = { ...request, status: phase(request, [alice], stewards) }
    const late = made(request, 'bob', { verdict: 'Deny', reason: 'no' }, 700)
    expect(phase(approved, [alice, late], stewards, 710).phase).toBe('Denied')
    const own = made(request, 'alice', { verdict: 'Deny', reason: 'a mistake' }, 8)
    expect(
      phase(approved, [alice, { ...own, metadata: { ...own.metadata, name: 'b' } }], stewards)
        .phase,
    ).toBe('Denied')
  })

  test('an approver who is removed, or takes it back, makes an approval void', () => {
    const request = requestOf(stewards)
    const alice = made(request, 'alice')
    const approved = { ...request, status: phase(request, [alice], stewards) }
    expect(phase(approved, [alice], { ...stewards, approvers: ['dba'] }).phase).toBe('Void')
    expect(phase(approved, [], stewards)).toMatchObject({ phase: 'Void', approvedAt: at(5) })
    expect(phase(approved, [alice], undefined).phase).toBe('Void')
    expect(phase(approved, [alice], 'Closed')).toBe(approved.status)
  })

  test('time ends it', () => {
    const request = requestOf(stewards)
    expect(phase(request, [], stewards, 599).phase).toBe('Pending')
    expect(phase(request, [], stewards, 600)).toMatchObject({
      phase: 'Expired',
      endedAt: expect.any(String) as string,
    })
    const alice = made(request, 'alice')
    const approved = { ...request, status: phase(request, [alice], stewards) }
    expect(phase(approved, [alice], stewards, 904)).toBe(approved.status)
    expect(phase(approved, [alice], stewards, 905).phase).toBe('Expired')
    // An approval that came in time, and was seen late, is one.
    expect(phase(request, [alice], stewards, 700).phase).toBe('Approved')
  })

  test('what others keep in the status stays', () => {
    const request = requestOf(stewards, {
      phase: 'Pending',
      notifications: [{ target: 'slack', phase: 'Pending', state: 'Sent', time: at(1) }],
    })
    expect(phase(request, [made(request, 'alice')], stewards).notifications).toHaveLength(1)
  })
})
