/** What the API server's own policies refuse, while no webhook of the operator's is asked. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ApprovalDecision } from '../../../../crds/types.ts'
import { refusalsBy, type PolicyRequest } from '../support/admission-policy.ts'
import { dana, onPage, operator, request, written } from './support.ts'

const byOperator = { username: operator }
const rights = ['approve snowflakeconnections *']
const onAcme = { annotations: { 'frostgate.dev/connection': 'acme' } }
const stamped = (spec: object = {}, metadata: object = onAcme) =>
  written({ decidedBy: dana, ...spec }, metadata)

function refusals(given: Partial<PolicyRequest>): string {
  const base = {
    operation: 'CREATE',
    resource: 'approvaldecisions',
    namespace: 'frostgate',
    user: dana,
    rights,
  } as const
  return refusalsBy('approvals.yaml', { ...base, ...given }).join('\n')
}

describe('The policy of new decisions', () => {
  test('lets in what the webhook has stamped, of those with the right', () => {
    expect(refusals({ object: stamped() })).toBe('')
    expect(refusals({ object: stamped(), rights: ['approve snowflakeconnections acme'] })).toBe('')
  })

  test.each([
    ['nobody in it', written({}, onAcme), /not who you are/],
    ['another’s name', stamped({ decidedBy: { ...dana, username: 'root' } }), /not who you are/],
    ['the operator’s name', stamped({ decidedBy: { username: operator } }), /not who you are/],
    ['another uid', stamped({ decidedBy: { ...dana, uid: 'u-2' } }), /does not know you by/],
    [
      'a group too many',
      stamped({ decidedBy: { ...dana, groups: [...dana.groups, 'dba'] } }),
      /does not know you by/,
    ],
    [
      'an issuer',
      stamped({ decidedBy: { ...dana, issuer: 'https://x', subject: 'y' } }),
      /does not know you by/,
    ],
    [
      'a Slack user',
      stamped({ decidedBy: { ...dana, slack: { team: 'T', user: 'U' } } }),
      /does not know you by/,
    ],
    ['aliases', stamped({ decidedBy: { ...dana, aliases: ['root'] } }), /does not know you by/],
    ['via Oidc', stamped({ via: 'Oidc' }), /Frostgate's own/],
    ['via Oidc, whole', written(onPage, onAcme), /Frostgate's own/],
    ['via Slack', stamped({ via: 'Slack' }), /Frostgate's own/],
    ['via Key', stamped({ via: 'Key', signature: 'x' }), /via is Key/],
  ])('refuses one with %s', (_, object, told) => {
    expect(refusals({ object })).toMatch(told)
  })

  test('refuses who may not approve there, and names what is missing', () => {
    for (const others of [[], ['get snowflakeconnections *'], ['approve approvalrequests *']])
      expect(refusals({ object: stamped(), rights: others })).toMatch(
        /dana@example.com may not approve on snowflakeconnections acme in namespace frostgate/,
      )
  })

  test('asks for the right on that connection, or on all where none is named', () => {
    const onDev = ['approve snowflakeconnections dev']
    expect(refusals({ object: stamped(), rights: onDev })).toMatch(/may not approve/)
    expect(refusals({ object: stamped({}, {}), rights: onDev })).toMatch(/may not approve/)
    expect(refusals({ object: stamped({}, {}) })).toBe('')
  })

  test('takes from the operator what it verified, and nothing else', () => {
    const of = (spec: object) =>
      refusals({ object: written(spec, onAcme), user: byOperator, rights: [] })
    expect(of(onPage)).toBe('')
    const slack = { team: 'T0123456789', user: 'U0123456789' }
    const inSlack = { via: 'Slack', decidedBy: { ...onPage.decidedBy, slack } }
    expect(of(inSlack)).toBe('')
    expect(of({ ...onPage, via: 'Slack' })).toMatch(/fault of the operator/)
    expect(of({ ...inSlack, via: 'Oidc' })).toMatch(/fault of the operator/)
    expect(of({ via: 'Oidc', decidedBy: { username: 'dana' } })).toMatch(/fault of the operator/)
    expect(of({ ...onPage, via: 'Kubernetes' })).toMatch(/Frostgate's own/)
    expect(of({ ...onPage, via: 'Key' })).toMatch(/via is Key/)
    expect(of({})).toMatch(/Frostgate's own/)
  })

  test('takes no decidedBy that is not the user’s, whatever else is written', () => {
    const names = fc.constantFrom('dana@example.com', 'root', operator, '', 'Dana@example.com')
    const groups = fc.array(fc.constantFrom('data-stewards', 'staff', 'dba'), { maxLength: 3 })
    fc.assert(
      fc.property(
        names,
        groups,
        fc.constantFrom('Kubernetes', 'Oidc', 'Slack', 'Key'),
        (username, had, via) => {
          const isTrue = username === dana.username && via === 'Kubernetes' && !had.includes('dba')
          const object = stamped({ via, decidedBy: { username, groups: had } })
          expect(refusals({ object }) === '').toBe(isTrue)
        },
      ),
    )
  })
})

describe('The policy of decisions that are there', () => {
  const update = (object: ApprovalDecision, user: PolicyRequest['user'] = dana) =>
    refusals({ operation: 'UPDATE', oldObject: stamped(), object, user })

  test('lets nobody change them, the operator neither', () => {
    expect(update(stamped({ verdict: 'Deny', reason: 'x' }))).toMatch(/cannot be changed/)
    expect(update(stamped({ verdict: 'Deny', reason: 'x' }), byOperator)).toMatch(
      /cannot be changed/,
    )
    expect(update(stamped({}, { annotations: { 'frostgate.dev/connection': 'dev' } }))).toMatch(
      /Annotations/,
    )
    expect(update(stamped({}, {}))).toMatch(/Annotations/)
    expect(
      update(stamped({}, { annotations: { ...onAcme.annotations, 'frostgate.dev/x': '' } })),
    ).toMatch(/Annotations/)
    expect(
      update(stamped({}, { annotations: { ...onAcme.annotations, 'example.com/x': '' } })),
    ).toBe('')
  })

  test('lets those take them back who made them, and who may end the request', () => {
    const remove = (user: PolicyRequest['user'], may: readonly string[] = []) =>
      refusals({ operation: 'DELETE', oldObject: stamped(), user, rights: may })
    const other = { username: 'mallory' }
    expect(remove(dana)).toBe('')
    expect(remove(other, [...rights, 'delete approvaldecisions *'])).toMatch(/is another's/)
    expect(remove(other, ['delete approvalrequests *'])).toBe('')
    expect(
      refusals({ operation: 'DELETE', oldObject: written(), user: { username: '' }, rights: [] }),
    ).toBe('')
  })
})

describe('The policy of requests', () => {
  const mallory = { username: 'mallory', groups: ['system:masters'] }
  const asked = (given: Partial<PolicyRequest>, user: PolicyRequest['user'] = mallory) =>
    refusals({ resource: 'approvalrequests', object: request, user, ...given })

  test('lets the operator alone make them', () => {
    expect(asked({})).toMatch(/made by Frostgate's operator/)
    expect(asked({}, byOperator)).toBe('')
  })

  test.each(['approvalrequests/status', 'approvaldecisions/status'])('and write %s', (resource) => {
    const given = { operation: 'UPDATE', resource, oldObject: request } as const
    expect(asked(given)).toMatch(/written by Frostgate's operator alone/)
    expect(asked(given, byOperator)).toBe('')
  })

  test('lets nothing of them change but what is others’', () => {
    const changed = (object: object) => asked({ operation: 'UPDATE', oldObject: request, object })
    const { metadata, spec } = request
    expect(
      changed({ ...request, spec: { ...spec, approvers: { users: ['mallory'], count: 1 } } }),
    ).toMatch(/cannot be changed/)
    expect(
      changed({ ...request, metadata: { ...metadata, labels: { 'frostgate.dev/x': 'y' } } }),
    ).toMatch(/Labels/)
    expect(
      changed({ ...request, metadata: { ...metadata, annotations: { 'frostgate.dev/x': 'y' } } }),
    ).toMatch(/Labels/)
    expect(
      changed({ ...request, metadata: { ...metadata, labels: { team: 'y' }, finalizers: [] } }),
    ).toBe('')
  })
})
