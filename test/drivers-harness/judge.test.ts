import { describe, expect, it } from 'vitest'

import type { RecordedEvent } from '../../sidecar/recording/events.ts'
import type { HttpMessage } from '../wire/http-messages.ts'
import { asDirect, rows, type Answer } from '../drivers/answer.ts'
import { query, type Check } from '../drivers/check.ts'
import { verdicts, type Observed } from '../drivers/judge.ts'
import type { Login } from '../drivers/logins.ts'

const driver = { title: 'd', language: 'x', refusalType: 'E', command: ['x'] } as const
const truth = { ssns: new Map<string, string>(), orders: { count: 0, digest: '' } }

const check: Check = { ...query('cancel', 'one', 'SELECT 1', rows(['1'])), ends: 'canceled' }
const login: Login = {
  name: 'login',
  item: 'connect by token',
  by: 'token',
  token: 'good',
  judge: () => undefined,
  checks: [check],
}

const answer = (name: string, more: Partial<Answer> = {}): Answer => ({
  check: name,
  milliseconds: 1,
  ...more,
})

const post = (path: string): HttpMessage => ({
  start: `POST ${path} HTTP/1.1`,
  headers: new Map([['authorization', 'a']]),
  body: Buffer.alloc(0),
})

const events = [
  { type: 'login.accepted' },
  { type: 'statement.received', statement: 's', sql: 'SELECT 1' },
  { type: 'statement.failed', statement: 's', error: { code: '000604' } },
  { type: 'session.closed', reason: 'logout' },
] as unknown as readonly RecordedEvent[]

const good: Observed = {
  logins: [login],
  answers: [answer('login'), answer('one', { rows: [['1']] }), answer('login: close')],
  direct: new Map(),
  events,
  requests: [post('/session/v1/login-request'), post('/queries/v1/query-request?requestId=1')],
  renewing: false,
  telemetry: ['HTTP/1.1 200 OK'],
  executions: 0,
  truth,
  driver,
}

const complaints = (observed: Partial<Observed>): readonly string[] =>
  verdicts({ ...good, ...observed })
    .filter(({ complaint }) => complaint !== undefined)
    .map(({ name }) => name)

describe('the judge of a driver', () => {
  it('has no complaint where all is as promised', () => {
    expect(complaints({})).toEqual([])
  })

  it.each<[string, Partial<Observed>, string]>([
    ['another answer', { answers: good.answers.with(1, answer('one', { rows: [['2']] })) }, 'one'],
    ['a client that ended early', { answers: good.answers.slice(0, 2) }, 'login: close'],
    [
      'a statement sent twice',
      { requests: [...good.requests, post('/queries/v1/query-request?requestId=1')] },
      'no statement is sent twice, but under an expired token',
    ],
    [
      'a login sent twice',
      { requests: [...good.requests, post('/session/v1/login-request')] },
      'each login is one HTTP request',
    ],
    [
      'a token renewed without need',
      { requests: [...good.requests, post('/session/token-request')] },
      'each session renews its token when it has expired, and only then',
    ],
    [
      'a token that was not renewed',
      { renewing: true },
      'each session renews its token when it has expired, and only then',
    ],
    ['no logout', { events: events.slice(0, 3) }, 'each session is closed by its driver'],
    ['no cancel', { events: events.toSpliced(2, 1) }, 'one: recorded as canceled'],
    [
      'telemetry that is refused',
      { telemetry: ['HTTP/1.1 403 Forbidden'] },
      'telemetry is taken and not answered with an error',
    ],
    [
      'a session closed as idle that was not',
      { events: [...events, { type: 'session.closed', reason: 'idle' } as RecordedEvent] },
      'sessions are closed as idle only if they were',
    ],
    [
      'an idle session that stays open',
      { logins: [{ ...login, idle: true }], events: events.slice(0, 3) },
      'sessions are closed as idle only if they were',
    ],
    [
      'a stage',
      { events: [...events, { ...events[1], sql: 'CREATE TEMP STAGE x' } as RecordedEvent] },
      'nothing is staged',
    ],
  ])('complains of %s', (_what, observed, name) => {
    expect(complaints(observed)).toEqual([name])
  })

  describe('of a line that breaks', () => {
    const cut: Check = { ...check, twice: 'cut off' }
    const request: HttpMessage = {
      ...post('/queries/v1/query-request?requestId=1'),
      body: Buffer.from('{"sqlText":"SELECT 1"}'),
    }
    const broken: Partial<Observed> = {
      logins: [{ ...login, checks: [cut] }],
      requests: [post('/session/v1/login-request'), request, request],
      events: [...events, { type: 'approval.requested', statement: 's' } as RecordedEvent],
      executions: 1,
    }

    it('wants two requests, one statement and one execution', () => {
      expect(complaints(broken)).toEqual([])
    })

    it.each<[string, Partial<Observed>, string]>([
      [
        'one request',
        { requests: broken.requests?.slice(0, 2) ?? [] },
        'one: two requests, one id',
      ],
      ['two executions', { executions: 2 }, 'one: one execution'],
      [
        'two questions',
        { events: [...(broken.events ?? []), ...(broken.events?.slice(-1) ?? [])] },
        'one: one statement',
      ],
      [
        'two statements',
        { events: [...(broken.events ?? []), ...events.slice(1, 2)] },
        'one: one statement',
      ],
    ])('complains of %s', (_what, more, name) => {
      expect(complaints({ ...broken, ...more })).toEqual([name])
    })
  })

  it('counts what the driver lacks as its limitation', () => {
    const answers = good.answers.with(1, answer('one', { unsupported: 'it cannot' }))
    const found = verdicts({ ...good, answers, events: events.toSpliced(2, 1) })
    expect(found.filter(({ limitation }) => limitation === 'it cannot')).toHaveLength(1)
    expect(found.filter(({ complaint }) => complaint !== undefined)).toEqual([])
  })
})

describe('asDirect', () => {
  const given = answer('one', { columns: [{ name: 'A', type: 'fixed' }], rows: [['1']] })
  const judged = (direct: Answer | undefined): string | undefined =>
    asDirect(given, { truth, driver, direct })

  it('takes what is the same in names, types and cells', () => {
    expect(judged({ ...given, milliseconds: 9 })).toBeUndefined()
  })

  it.each<[string, Answer | undefined]>([
    ['no direct answer', undefined],
    ['another cell', { ...given, rows: [['2']] }],
    ['another type', { ...given, columns: [{ name: 'A', type: 'text' }] }],
    ['an error at the warehouse', answer('one', { error: { type: 'E', code: 1, sqlState: null, message: 'm' } })],
  ])('complains of %s', (_what, direct) => {
    expect(judged(direct)).toBeDefined()
  })
}) // prettier-ignore
