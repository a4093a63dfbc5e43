/** Turns what a driver answered, what was recorded and what passed on the wire into verdicts. */

import type { RecordedEvent } from '../../sidecar/recording/events.ts'
import type { HttpMessage } from '../wire/http-messages.ts'
import type { Answer, Language, Truth } from './answer.ts'
import type { Login } from './logins.ts'

export interface Verdict {
  readonly name: string
  /** Undefined if it is as promised. */
  readonly complaint: string | undefined
}

export interface Observed {
  readonly logins: readonly Login[]
  readonly answers: readonly Answer[]
  /** What the gateway recorded meanwhile. */
  readonly events: readonly RecordedEvent[]
  /** What the driver sent. */
  readonly requests: readonly HttpMessage[]
  readonly truth: Truth
  readonly language: Language
}

export function verdicts(observed: Observed): readonly Verdict[] {
  return [...answered(observed), ...sentOnce(observed)]
}

/** Each login, statement and close has an answer, in order, and the answer is as promised. */
function answered({ logins, answers, truth, language }: Observed): readonly Verdict[] {
  const expected = logins.flatMap((login) => [
    login,
    ...login.checks,
    ...(login.checks.length === 0 ? [] : [{ name: `${login.name}: close`, judge: closed }]),
  ])
  return expected.map(({ name, judge }, index) => {
    const answer = answers[index]
    const complaint =
      answer?.check === name ? judge(answer, truth, language) : 'the driver gave no answer'
    return { name, complaint }
  })
}

function closed({ error, milliseconds }: Answer): string | undefined {
  if (error) return error.message
  return milliseconds > 5_000 ? `it took ${milliseconds} ms` : undefined
}

/** Of everything one request: none is a retry. A statement under an expired token is sent twice. */
function sentOnce({ logins, events, requests }: Observed): readonly Verdict[] {
  const received = events.filter((event) => event.type === 'statement.received')
  const count = (path: string): number =>
    requests.filter(({ start }) => start.split(' ')[1]?.startsWith(path)).length
  const refused = logins.flatMap(({ checks }) => checks.filter((check) => check.refused))
  const accepted = logins.filter(({ checks }) => checks.length > 0).length
  const logouts = events.filter(
    (event) => event.type === 'session.closed' && event.reason === 'logout',
  )
  const renewals = logins.reduce((sum, { renewals: own = 0 }) => sum + own, 0)
  return [
    ...refused.map(({ name, sql }) => ({
      name: `${name}: one request`,
      complaint: counts(received.filter((event) => event.sql === sql).length, 1),
    })),
    {
      name: 'each statement is one HTTP request',
      complaint: counts(count('/queries/'), received.length + renewals),
    },
    {
      name: 'a session token is renewed when it has expired, and only then',
      complaint: counts(count('/session/token-request'), renewals),
    },
    {
      name: 'each login is one HTTP request',
      complaint: counts(count('/session/v1/login-request'), logins.length),
    },
    { name: 'each session is closed by its driver', complaint: counts(logouts.length, accepted) },
  ]
}

function counts(given: number, expected: number): string | undefined {
  return given === expected ? undefined : `there were ${given}, not ${expected}`
}
