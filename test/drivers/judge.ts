/** Turns what a driver answered, what was recorded and what passed on the wire into verdicts. */

import type { RecordedEvent } from '../../sidecar/recording/events.ts'
import type { HttpMessage } from '../wire/http-messages.ts'
import type { Answer, Judge, Truth } from './answer.ts'
import type { Check } from './check.ts'
import type { Driver } from './driver.ts'
import type { Login } from './logins.ts'
import type { Item, Verdict } from './suite.ts'

export interface Observed {
  readonly logins: readonly Login[]
  readonly answers: readonly Answer[]
  /** By name of the check: what came of it at the warehouse itself. */
  readonly direct: ReadonlyMap<string, Answer>
  /** What the gateway recorded meanwhile. */
  readonly events: readonly RecordedEvent[]
  /** What the driver sent. */
  readonly requests: readonly HttpMessage[]
  /** Statuses of the answers to what it sent of its own: telemetry. */
  readonly telemetry: readonly string[]
  /** How often a statement whose line breaks ran in the warehouse. */
  readonly executions: number
  /** Whether session tokens expire meanwhile: each login then renews its own. */
  readonly renewing: boolean
  readonly truth: Truth
  readonly driver: Driver
}

export function verdicts(observed: Observed): readonly Verdict[] {
  return [...answered(observed), ...recorded(observed), ...sentOnce(observed)]
}

/** Each login, statement and close has an answer, and the answer is as promised. */
function answered({ logins, answers, direct, truth, driver }: Observed): readonly Verdict[] {
  const expected = logins.flatMap((login): readonly (Login | Check | Closing)[] => [
    login,
    ...login.checks,
    ...(login.checks.length === 0 ? [] : [closing(login)]),
  ])
  const given = new Map(answers.map((answer) => [answer.check, answer]))
  return expected.map(({ name, item, judge }) => {
    const answer = given.get(name)
    if (!answer)
      return { name, item, complaint: 'it was not run: the login failed, or the client ended' }
    if (answer.unsupported !== undefined)
      return { name, item, complaint: undefined, limitation: answer.unsupported }
    return { name, item, complaint: judge(answer, { truth, driver, direct: direct.get(name) }) }
  })
}

interface Closing {
  readonly name: string
  readonly item: Item
  readonly judge: Judge
}

const closing = ({ name, idle }: Login): Closing => ({
  name: `${name}: close`,
  item: 'session and close',
  judge: ({ error, milliseconds }) => {
    // Of a session that is gone, Node's driver says so.
    if (error && !idle) return error.message
    return milliseconds > 5_000 ? `it took ${milliseconds} ms` : undefined
  },
})

/** What the gateway knows of a statement, for what a driver's answer cannot show. */
function recorded({ logins, answers, events, executions }: Observed): readonly Verdict[] {
  const received = events.filter((event) => event.type === 'statement.received')
  const checks = supported(logins, answers)
  const once = checks
    .filter((check) => check.refused)
    .map(({ name, item, sql }) => ({
      name: `${name}: one request`,
      item,
      complaint: counts(received.filter((event) => event.sql === sql).length, 1),
    }))
  const cut = checks.filter(({ twice }) => twice === 'cut off').flatMap((check) => ranOnce(check, events, executions))
  const ended = checks.flatMap(({ name, item, sql, ends }) => {
    if (ends === undefined) return []
    const statements = received.filter((event) => event.sql === sql).map((event) => event.statement)
    const own = events.filter(
      (event) => 'statement' in event && statements.includes(event.statement),
    )
    return [{ name: `${name}: recorded as ${ends}`, item, complaint: endings[ends](own) }]
  })
  return [...once, ...cut, ...ended]
} // prettier-ignore

/** A request that comes again is the same statement: one question, one execution. */
function ranOnce(
  { name, item, sql }: Check,
  events: readonly RecordedEvent[],
  executions: number,
): readonly Verdict[] {
  const received = events.filter(
    (event) => event.type === 'statement.received' && event.sql === sql,
  )
  const [first] = received
  const id = first && 'statement' in first ? first.statement : undefined
  const asked = events.filter(
    (event) => event.type === 'approval.requested' && event.statement === id,
  )
  return [
    {
      name: `${name}: one statement`,
      item,
      complaint: counts(received.length, 1) ?? counts(asked.length, 1),
    },
    { name: `${name}: one execution`, item, complaint: counts(executions, 1) },
  ]
}

/** Checks that the driver has an API for. */
function supported(logins: readonly Login[], answers: readonly Answer[]): readonly Check[] {
  const lacking = new Set(
    answers.filter((answer) => answer.unsupported !== undefined).map(({ check }) => check),
  )
  return logins.flatMap((login) => login.checks).filter(({ name }) => !lacking.has(name))
}

type Ending = (own: readonly RecordedEvent[]) => string | undefined

const endings: Readonly<Record<'canceled' | 'withdrawn', Ending>> = {
  canceled: (own) => {
    const codes = own.flatMap((event) =>
      event.type === 'statement.failed' ? [event.error.code] : [],
    )
    // Snowflake's "SQL execution canceled", of whoever noticed first.
    return codes.includes('000604') ? undefined : `it failed with ${codes.join(', ') || 'nothing'}`
  },
  withdrawn: (own) => {
    const outcomes = own.flatMap((event) =>
      event.type === 'approval.decided' ? [event.outcome] : [],
    )
    return outcomes.includes('withdrawn')
      ? undefined
      : `the question was ${outcomes.join(', ') || 'left open'}`
  },
}

/** Of everything one request: none is a retry. A statement under an expired token is sent twice. */
function sentOnce(observed: Observed): readonly Verdict[] {
  const { logins, events, requests, telemetry, renewing } = observed
  const posts = (path: string): readonly HttpMessage[] =>
    requests.filter(({ start }) => start.startsWith(`POST ${path}`))
  const statements = posts('/queries/v1/query-request')
  const ids = statements.map(requestIdOf)
  const onPurpose = sentTwice(observed, statements)
  const renewals = posts('/session/token-request')
  const sessions = new Set(renewals.map(({ headers }) => headers.get('authorization')))
  const again =
    ids.length -
    new Set(ids).size -
    onPurpose.filter(({ complaint }) => complaint === undefined).length
  const accepted = events.filter((event) => event.type === 'login.accepted').length
  const refused = events.filter((event) => event.type === 'login.refused').length
  const logouts = events.filter(
    (event) => event.type === 'session.closed' && event.reason === 'logout',
  )
  const idle = logins.filter((login) => login.idle).length
  const left = events.filter((event) => event.type === 'session.closed' && event.reason === 'idle')
  return [
    ...onPurpose,
    {
      name: 'no statement is sent twice, but under an expired token',
      item: 'blocked: exact error, one request',
      complaint: again <= renewals.length ? undefined : `${again} were, ${renewals.length} tokens expired`,
    },
    {
      name: 'each session renews its token when it has expired, and only then',
      item: 'renewal',
      complaint: counts(sessions.size, renewing ? logins.length - idle : 0),
    },
    {
      name: 'each login is one HTTP request',
      item: 'connect by token',
      complaint: counts(posts('/session/v1/login-request').length, accepted + refused),
    },
    {
      name: 'each session is closed by its driver',
      item: 'session and close',
      complaint: counts(logouts.length, accepted - idle),
    },
    {
      name: 'sessions are closed as idle only if they were',
      item: 'idle session',
      complaint: counts(left.length, idle),
    },
    {
      name: 'telemetry is taken and not answered with an error',
      item: 'session and close',
      complaint: telemetry.find((status) => !status.startsWith('HTTP/1.1 200')),
    },
    {
      name: 'nothing is staged',
      item: 'array binding without staging',
      complaint: staged(events),
    },
  ] // prettier-ignore
}

function requestIdOf({ start }: HttpMessage): string {
  return /[?&]requestId=([^& ]+)/.exec(start)?.[1] ?? start
}

/** Two requests under one id, where a check wants that. */
function sentTwice(
  { logins, answers }: Observed,
  statements: readonly HttpMessage[],
): readonly Verdict[] {
  const ids = statements.map(requestIdOf)
  return supported(logins, answers).flatMap(({ name, item, sql, twice }) => {
    if (twice === undefined) return []
    const text = JSON.stringify(typeof sql === 'string' ? sql : sql[0]).slice(1, -1)
    const first = statements.find(({ body }) => body.includes(text))
    const times = first ? ids.filter((id) => id === requestIdOf(first)).length : 0
    return [{ name: `${name}: two requests, one id`, item, complaint: counts(times, 2) }]
  })
}

/** A stage for bound values, or a file on its way to one. */
function staged(events: readonly RecordedEvent[]): string | undefined {
  const found = events.find(
    (event) => event.type === 'statement.received' && /\bSTAGE\b|SYSTEM\$?BIND/i.test(event.sql),
  )
  return found?.type === 'statement.received' ? `the driver sent: ${found.sql}` : undefined
}

function counts(given: number, expected: number): string | undefined {
  return given === expected ? undefined : `there were ${given}, not ${expected}`
}
