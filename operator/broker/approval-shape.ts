/** Bodies of the calls about approvals: taken only as what they should be, and no longer. */

import type { ApprovalQuestion, ShownBind } from '../../sidecar/approvals/approvals.ts'
import { canonicalSha256 } from '../../sidecar/canonical-json.ts'
import type { ApprovalAsk, ApprovalReference } from '../../sidecar/control/protocol.ts'
import {
  list,
  nullable,
  object,
  oneOf,
  optional,
  record,
  ShapeError,
  text,
  whole,
  type Reader,
} from '../../sidecar/control/shape.ts'
import { parseObject } from './body.ts'
import { BrokerError } from './errors.ts'

/** Errors: RequestInvalid. */
export function readAsk(body: Buffer): ApprovalAsk {
  return readAs(body, ask)
}

/** Errors: RequestInvalid. */
export function readReference(body: Buffer): ApprovalReference {
  return readAs(body, reference)
}

function readAs<T>(body: Buffer, read: Reader<T>): T {
  const value = parseObject(body)
  try {
    return read(value, 'body')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw BrokerError.of('RequestInvalid', { reason: error.message }, { cause: error })
  }
}

function any(longest: number): Reader<string> {
  return (value, field) => {
    if (typeof value === 'string' && value.length <= longest) return value
    throw new ShapeError(field, `a string of at most ${longest} characters`)
  }
}

function words(longest: number): Reader<string> {
  const read = any(longest)
  return (value, field) => text(read(value, field), field)
}

function like(pattern: RegExp, what: string): Reader<string> {
  return (value, field) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new ShapeError(field, what)
  }
}

function few<T>(most: number, read: Reader<T>): Reader<readonly T[]> {
  const readAll = list(read)
  return (value, field) => {
    if (Array.isArray(value) && value.length > most) {
      throw new ShapeError(field, `a list of at most ${most}`)
    }
    return readAll(value, field)
  }
}

const name = words(253)
const instance = like(/^[\w.:-]{1,128}$/, 'a name of up to 128 letters, digits and ._:-')
const sha256 = like(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
const identifier = any(1_024)
const long = any(512 * 1_024)
const time = whole(0, 8_640_000_000_000_000)

const cell = nullable(long)
const bindValue: Reader<ShownBind['value']> = (value, field) => {
  if (value === undefined) return undefined
  return Array.isArray(value) ? list(cell)(value, field) : cell(value, field)
}

const approval = object({
  approvers: few(64, words(256)),
  users: optional(few(64, words(1_024))),
  count: whole(1, 16),
  expiresAfter: whole(0, 31_536_000),
  delivery: optional(oneOf('Wait', 'Retry')),
  reason: optional(oneOf('Required', 'Optional')),
  uses: optional(whole(1, 1_000)),
  validFor: optional(whole(1, 604_800)),
})

const shape = object({
  request: like(/^[0-9a-f]{16}$/, '16 hexadecimal digits'),
  digest: sha256,
  bound: object({
    principal: sha256,
    statement: sha256,
    binds: sha256,
    place: sha256,
    session: sha256,
    objects: sha256,
    rules: sha256,
    masks: sha256,
  }),
  session: identifier,
  statement: identifier,
  principal: object({
    provider: words(63),
    issuer: words(2_048),
    subject: words(1_024),
    groups: few(10_000, any(4_096)),
    run: nullable(any(4_096)),
    aliases: optional(few(64, any(4_096))),
  }),
  rule: object({ policy: name, rule: words(63) }),
  approval,
  sql: long,
  kind: any(256),
  class: any(256),
  objects: few(10_000, any(4_096)),
  changed: optional(few(10_000, any(4_096))),
  altered: optional(record(any(64))),
  maskedColumns: few(10_000, any(4_096)),
  binds: few(20_000, object({ name: any(1_024), type: any(1_024), value: bindValue })),
  variables: record(long),
  place: object({
    role: words(257),
    warehouse: nullable(any(1_024)),
    database: nullable(any(1_024)),
    schema: nullable(any(1_024)),
  }),
  agentReason: optional(any(16_384)),
  estimatedRows: optional(whole(0, Number.MAX_SAFE_INTEGER)),
  askedAt: time,
  expiresAt: time,
})

/** What people see is told by the sidecar; that its parts make its digest is checked here. */
const question: Reader<ApprovalQuestion> = (value, field) => {
  const read = shape(value, field) as ApprovalQuestion
  if (canonicalSha256(read.bound) !== read.digest || !read.digest.startsWith(read.request)) {
    throw new ShapeError(`${field}.digest`, 'that of what is bound')
  }
  return read
}

const ask = object({ instance, question })

const reference = object({
  name: like(/^[0-9a-f]{16}(-[1-9]\d{0,5})?$/, 'a name of an ApprovalRequest'),
  digest: sha256,
  instance,
})
