/**
 * What each type of event must hold. A recording may come from anywhere, and whoever wrote all of
 * it could write a chain that verifies: what is shown is checked first.
 */

import { isObject } from '../json.ts'
import type { RecordedEvent } from './events.ts'

type Check = (value: unknown) => boolean
type EventType = RecordedEvent['type']
type Shape<T extends EventType> = Readonly<
  Record<Exclude<keyof Extract<RecordedEvent, { type: T }>, 'type'>, Check>
>

const text: Check = (value) => typeof value === 'string'
const count: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const flag: Check = (value) => typeof value === 'boolean'
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const oneOf =
  (...choices: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && choices.includes(value)
const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(shape).every(([name, check]) => check(value[name]))

const error = fields({ name: text, code: text, sqlState: text, message: text })
const principal = fields({
  provider: text,
  issuer: text,
  subject: text,
  groups: listOf(text),
  run: orNull(text),
})
const ofStatement = { session: text, statement: text } as const

const shapes: { readonly [T in EventType]: Shape<T> } = {
  'gateway.started': { version: text, connection: text, bundle: text },
  'gateway.stopped': { reason: text },
  'bundle.applied': {
    digest: text,
    previous: text,
    suspended: orAbsent(
      fields({
        all: flag,
        principals: listOf(fields({ provider: text, subject: text })),
        reason: orNull(text),
      }),
    ),
  },
  'connection.closed': { reason: text },
  'connection.reopened': { reason: text },
  'login.accepted': {
    session: text,
    principal,
    policies: listOf(text),
    role: text,
    warehouse: text,
    client: fields({ name: text, version: text }),
  },
  'login.refused': { claimed: orNull(fields({ issuer: text, subject: text })), error },
  'session.reestablished': { session: text, reason: text },
  'session.closed': {
    session: text,
    reason: oneOf('logout', 'idle', 'age', 'shutdown', 'revoked'),
  },
  'request.refused': { session: orNull(text), method: text, path: text, error },
  'statement.received': {
    ...ofStatement,
    requestId: text,
    sql: text,
    sqlDigest: text,
    binds: count,
    describeOnly: flag,
    parent: orAbsent(text),
  },
  'statement.decided': {
    ...ofStatement,
    verdict: oneOf('allow', 'deny', 'hold'),
    bundle: orAbsent(text),
    kind: orNull(text),
    class: orNull(text),
    objects: listOf(text),
    maskedColumns: listOf(text),
    maskingRules: listOf(text),
    rules: listOf(text),
    observed: listOf(text),
    emitted: orNull(text),
    error: orNull(error),
    approval: orAbsent(text),
    approvedBy: orAbsent(listOf(text)),
  },
  'approval.requested': {
    ...ofStatement,
    request: text,
    digest: text,
    rule: text,
    approvers: listOf(text),
    count,
    expiresAt: text,
  },
  'approval.decided': {
    ...ofStatement,
    request: text,
    outcome: oneOf('approved', 'denied', 'pending', 'expired', 'used', 'withdrawn', 'unavailable'),
    approval: orNull(text),
    by: listOf(text),
    note: text,
    milliseconds: count,
  },
  'statement.finished': {
    ...ofStatement,
    upstreamQueryId: text,
    columns: listOf(fields({ name: text, type: text })),
    totalRows: count,
    rows: orNull(listOf(listOf(orNull(text)))),
    arrow: orAbsent(fields({ bytes: count, sha256: text, stored: flag })),
    rowsDigest: text,
    chunks: count,
    milliseconds: count,
  },
  'statement.failed': { ...ofStatement, upstreamQueryId: orNull(text), error },
  'chunk.requested': { ...ofStatement, chunk: count },
  'chunk.relayed': {
    ...ofStatement,
    chunk: count,
    bytes: count,
    sha256: text,
    stored: flag,
    complete: flag,
    error: orAbsent(error),
  },
  'recording.repaired': { bytes: count, sha256: text, keptIn: text },
  'recording.resumed': { since: text, rejected: count, reason: text },
}

/** True if the event is of a type that this version knows and holds what the type says. */
export function isKnownEvent(value: unknown): value is RecordedEvent {
  if (!isObject(value) || typeof value['type'] !== 'string') return false
  if (!Object.hasOwn(shapes, value['type'])) return false
  return fields(shapes[value['type'] as EventType])(value)
}
