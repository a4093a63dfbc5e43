import { describe, expect, test } from 'vitest'
import { noLimits } from '../../support/limits.ts'
import type { CompiledPolicy } from '../../../sidecar/control/bundle.ts'
import { grantSession } from '../../../sidecar/policy/session-grant.ts'
import { allow, ask, bundle, deny, policy, principal, select } from './support.ts'

type Session = CompiledPolicy['session']

function withSession(
  name: string,
  session: Partial<Session>,
  more: Partial<CompiledPolicy> = {},
): CompiledPolicy {
  const base = policy([], { name })
  return { ...base, session: { ...base.session, ...session }, ...more }
}

const grantOf = (
  policies: readonly CompiledPolicy[],
  requested: { role?: string; warehouse?: string } = {},
): ReturnType<typeof grantSession> => grantSession(bundle(...policies), principal, requested)

describe('the role and the warehouse of a session', () => {
  test("are the connection's where no policy names any", () => {
    expect(grantOf([policy([])])).toMatchObject({ role: 'AGENT_READER', warehouse: 'AGENT_WH' })
  })

  test('are the ones that the policies agree on', () => {
    const both = [withSession('a', { role: 'ETL' }), withSession('b', { role: 'ETL' })]
    expect(grantOf(both)).toMatchObject({ role: 'ETL', policies: ['a', 'b'] })
  })

  const disagree = [
    withSession('a', { role: 'ETL', warehouse: 'ETL_WH' }),
    withSession('b', { role: 'BI', warehouse: 'BI_WH' }),
  ]

  test('are refused where policies disagree, naming the choices', () => {
    expect(() => grantOf(disagree)).toThrow(
      'The policies that match this identity disagree on the session role: ETL, BI. Name one',
    )
  })

  test("disagree also where one policy keeps the connection's", () => {
    expect(() => grantOf([policy([]), withSession('b', { role: 'BI' })])).toThrow(
      'AGENT_READER, BI',
    )
  })

  test.each(['BI', 'bi', '"BI"'])('are picked by the requested role %s', (role) => {
    expect(grantOf(disagree, { role })).toMatchObject({ role: 'BI', warehouse: 'BI_WH' })
  })

  test('a requested warehouse may be any that policies give', () => {
    expect(grantOf(disagree, { role: 'BI', warehouse: 'etl_wh' }).warehouse).toBe('ETL_WH')
  })

  test('a request for anything else is refused, naming the choices', () => {
    expect(() => grantOf(disagree, { role: 'ACCOUNTADMIN' })).toThrow(
      'The requested role ACCOUNTADMIN is not one that policy gives this identity. Leave it out, or use: ETL, BI.',
    )
    expect(() => grantOf([policy([])], { role: '"agent_reader"' })).toThrow('Leave it out')
    expect(() => grantOf([policy([])], { warehouse: 'BIG' })).toThrow('The requested warehouse BIG')
  })

  test('an empty request is none', () => {
    expect(grantOf([policy([])], { role: '', warehouse: '' }).role).toBe('AGENT_READER')
  })
})

describe('limits and recording', () => {
  const limits = (
    rows: number | undefined,
    rate: number | undefined,
  ): CompiledPolicy['limits'] => ({
    ...noLimits,
    rowsPerStatement: rows,
    statementsPerMinute: rate,
  })

  test('limits are the smallest and recording the fullest of all policies', () => {
    const grant = grantOf([
      withSession('a', { statementTimeoutSeconds: 60 }, { limits: limits(10, undefined) }),
      withSession(
        'b',
        { statementTimeoutSeconds: 30 },
        { limits: limits(20, 5), recording: 'Full' },
      ),
      withSession('c', {}, { recording: 'None' }),
    ])
    expect(grant).toMatchObject({
      statementTimeoutSeconds: 30,
      limits: { rowsPerStatement: 10, statementsPerMinute: 5 },
      recording: 'Full',
    })
  })

  test('nothing is limited where no policy says so', () => {
    expect(grantOf([policy([])]).limits).toEqual(limits(undefined, undefined))
  })

  test('Observe beside Enforce sets no role and no limit, but records', () => {
    const watch = withSession(
      'w',
      { role: 'BI' },
      { mode: 'Observe', limits: limits(1, 1), recording: 'Full' },
    )
    expect(grantOf([policy([]), watch])).toMatchObject({
      policies: ['agents', 'w'],
      role: 'AGENT_READER',
      limits: limits(undefined, undefined),
      recording: 'Full',
    })
  })

  test('Observe alone gives the session but does not limit it', () => {
    const watch = withSession('w', { role: 'BI' }, { mode: 'Observe', limits: limits(1, 1) })
    expect(grantOf([watch])).toMatchObject({ role: 'BI', limits: limits(undefined, undefined) })
  })
})

describe('two groups that land in two roles', () => {
  const readers = withSession('readers', {
    role: 'READER',
    warehouse: 'READ_WH',
    warehouses: ['READ_BIG_WH', 'SHARED_WH'],
    parameters: { TIMEZONE: 'UTC', WEEK_START: 1 },
  })
  const writers = withSession('writers', {
    role: 'WRITER',
    warehouse: 'WRITE_WH',
    warehouses: ['SHARED_WH'],
    parameters: { TIMEZONE: 'UTC' },
  })

  test('get no session until the client names one of them', () => {
    expect(() => grantOf([readers, writers])).toThrow(
      'disagree on the session role: READER, WRITER.',
    )
  })

  test('get the named one, with its warehouse, and the warehouses and parameters of both', () => {
    expect(grantOf([readers, writers], { role: 'WRITER' })).toMatchObject({
      policies: ['readers', 'writers'],
      role: 'WRITER',
      warehouse: 'WRITE_WH',
      warehouses: ['READ_BIG_WH', 'SHARED_WH'],
      parameters: { TIMEZONE: 'UTC', WEEK_START: 1 },
    })
  })

  test('may ask for a further warehouse at login', () => {
    const requested = { role: 'READER', warehouse: 'read_big_wh' }
    expect(grantOf([readers, writers], requested).warehouse).toBe('READ_BIG_WH')
  })

  test('whose policies set one parameter differently get no session, naming both', () => {
    const other = withSession('other', {
      role: 'READER',
      warehouse: 'READ_WH',
      parameters: { TIMEZONE: 'Asia/Tokyo' },
    })
    expect(() => grantOf([readers, other], { role: 'READER' })).toThrow(
      'disagree on the session parameter TIMEZONE: AgentPolicy "readers" sets UTC, "other" sets Asia/Tokyo.',
    )
    const watching = { ...other, mode: 'Observe' as const }
    expect(grantOf([readers, watching]).parameters).toMatchObject({ TIMEZONE: 'UTC' })
  })

  test('are judged by the rules of both, whichever role was chosen', () => {
    const read = allow({ name: 'read', statements: ['Query'] })
    const never = deny({ name: 'never', statements: ['Query'], objects: ['A.B.C'] })
    const both = [
      { ...readers, rules: [read] },
      { ...writers, rules: [never] },
    ]
    const session = {
      grant: grantOf(both, { role: 'READER' }),
      context: { database: null, schema: null },
    }
    expect(ask(both, select(['A.B.D']), { session }).verdict).toBe('allow')
    expect(ask(both, select(['A.B.C']), { session }).verdict).toBe('deny')
  })
})

test('an identity that no policy names gets no session', () => {
  expect(() => grantOf([])).toThrow(
    'No AgentPolicy of connection "acme" names agent-7 (provider okta, groups: ai-coding-agents, everyone).',
  )
})
