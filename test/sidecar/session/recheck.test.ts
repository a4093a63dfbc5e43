import { describe, expect, test } from 'vitest'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import type { Governance } from '../../../sidecar/governance.ts'
import { recheckSession } from '../../../sidecar/session/recheck.ts'
import { allow, bundle, grant, policy, principal } from '../policy/support.ts'

const provider = {
  name: 'okta',
  issuer: principal.issuer,
  audiences: ['frostgate'],
  groupsClaim: 'groups',
  algorithms: ['RS256'],
  jwks: null,
  podBound: false,
}
const plain = bundle(policy([allow()]))
const earlier: Bundle = {
  ...plain,
  connection: { ...plain.connection, identityProviders: [provider] },
}
const catalog = { role: grant.role }

const session = {
  principal,
  grant: { ...grant, statementTimeoutSeconds: undefined },
  context: { database: null, schema: null, role: grant.role, warehouse: grant.warehouse },
  overlay: new Map(),
  openedAt: 1_000_000,
  endsAt: 1_000_000 + 28_800_000,
}

function recheck(now: Bundle, own = session) {
  const governance = { epoch: 2, bundle: now, maskKeys: new Map(), catalogs: { forRole: () => catalog } }
  return recheckSession(own, earlier, governance as unknown as Governance)
} // prettier-ignore

const withConnection = (change: Partial<Bundle['connection']>): Bundle => ({
  ...earlier,
  connection: { ...earlier.connection, ...change },
})
const withProvider = (change: Partial<typeof provider>): Bundle =>
  withConnection({ identityProviders: [{ ...provider, ...change }] })
const withSession = (change: Partial<Bundle['policies'][number]['session']>): Bundle => ({
  ...earlier,
  policies: [policy([allow()], { session: { ...policy([]).session, ...change } })],
})

describe('a session goes on', () => {
  test.each<[string, Bundle]>([
    ['under the same bundle', earlier],
    ['with other keys of its issuer', withProvider({ algorithms: ['ES256'] })],
    ['with other limits', { ...earlier, policies: [policy([allow()], { recording: 'Full' })] }],
    ['with another credential of the same user', withConnection({ credential: { kind: 'programmaticAccessToken', secretName: 'x' } })],
    ['with another statement timeout', withSession({ statementTimeoutSeconds: 9 })],
  ])('%s', (_what, now) => {
    expect(recheck(now)).toMatchObject({ rules: { epoch: 2, catalog } })
  }) // prettier-ignore

  test('by the grant of now', () => {
    const verdict = recheck(withSession({ statementTimeoutSeconds: 9 }))
    expect(verdict).toMatchObject({ rules: { grant: { statementTimeoutSeconds: 9 } } })
  })

  test('no longer than it was told at login, and shorter where it is shorter now', () => {
    expect(recheck(withConnection({ maxSessionAge: 60 }))).toMatchObject({ endsAt: 1_060_000 })
    expect(recheck(withConnection({ maxSessionAge: 80_000 }))).toMatchObject({
      endsAt: session.endsAt,
    })
  })

  test('where its role is one of several by name, exactly as it is stored', () => {
    const roles = ['AGENT_READER', 'agent_reader'].map((role, index) =>
      policy([allow()], { name: `p${index}`, session: { ...policy([]).session, role } }),
    )
    const own = { ...session, grant: { ...session.grant, role: 'agent_reader' } }
    expect(recheck({ ...earlier, policies: roles }, own)).toMatchObject({
      rules: { grant: { role: 'agent_reader' } },
    })
  })
})

describe('a session ends', () => {
  test.each<[string, Bundle, RegExp]>([
    ['without a policy for it', { ...earlier, policies: [] }, /no AgentPolicy/],
    ['with another role', withSession({ role: 'OTHER' }), /role/],
    ['with another warehouse', withSession({ warehouse: 'OTHER' }), /warehouse/],
    ['with another parameter', withSession({ parameters: { TIMEZONE: 'UTC' } }), /parameters/],
    ['at another account', withConnection({ account: 'OTHER' }), /account is another/],
    ['at another address', withConnection({ url: 'https://b.example' }), /url is another/],
    ['as another user', withConnection({ user: 'B' }), /user is another/],
    ['with other certificates', withConnection({ trust: 'PEM' }), /trust is another/],
    ['without its provider', withConnection({ identityProviders: [] }), /not one of it any more/],
    [
      'with another issuer',
      withProvider({ issuer: 'https://b.example' }),
      /not one of it any more/,
    ],
    ['with other audiences', withProvider({ audiences: ['b'] }), /set otherwise/],
    ['with another claim for groups', withProvider({ groupsClaim: 'roles' }), /set otherwise/],
    ['bound to pods', withProvider({ podBound: true }), /set otherwise/],
  ])('%s', (_what, now, reason) => {
    expect(recheck(now)).toEqual({ ended: expect.stringMatching(reason) as string })
  })

  test('where it stands in a warehouse that it may not use any more', () => {
    const own = {
      ...session,
      grant: { ...session.grant, warehouses: ['BIG'] },
      context: { ...session.context, warehouse: 'BIG' },
    }
    expect(recheck(withSession({ warehouses: ['BIG'] }), own)).toHaveProperty('rules')
    expect(recheck(earlier, own)).toEqual({ ended: expect.stringContaining('BIG') as string })
  })
})
