/** One Snowflake account over HTTP: builds requests anew, reads capped JSON answers. */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { Pool } from 'undici'

import { FrostgateError } from '../errors.ts'
import {
  isLost,
  isUnconnected,
  readEnvelope,
  unavailable,
  wasSent,
  type UpstreamEnvelope,
} from './envelope.ts'
import { exchange } from './exchange.ts'
import { classOf, honoursRequestIds, isRefusedForNow, pauseMs, retryRules } from './retry.ts'
import type { RequestClass } from './retry.ts'
import { secretsOf } from './secrets.ts'

export type { UpstreamEnvelope } from './envelope.ts'

export interface TransportOptions {
  /** `https://<account>.snowflakecomputing.com`; plain http only for loopback (checked by the bundle). */
  readonly url: string
  /** Certificates that alone may sign the account's, PEM; null is the public roots. */
  readonly trust?: string | null
  /** Milliseconds until the headers of an answer, and between its pieces. */
  readonly timeoutMs?: number
  /** Bytes of one answer. */
  readonly answerLimit?: number
  /** A repeated request id is the same statement there. As Snowflake's own hosts do, if left out. */
  readonly honoursRequestIds?: boolean
  /** Waits between attempts; ends early, with an error, when the signal aborts. */
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly token?: string
  /** Cuts it off: nobody waits for its answer any more. */
  readonly signal?: AbortSignal
  /** Of a statement of the gateway's own: it does not wait behind those of agents. */
  readonly own?: boolean
}

export interface Transport {
  readonly url: string
  /** Plain http on loopback: a stand-in for Snowflake, with made-up data. */
  readonly development: boolean
  send(request: UpstreamRequest): Promise<UpstreamEnvelope>
  close(): Promise<void>
}

const defaultTimeoutMs = 120_000
const defaultAnswerLimit = 64 * 1024 * 1024

/** Errors of `send`: UpstreamUnavailable (`wasSent` tells more), UpstreamAnswerRefused. */
export function httpTransport(options: TransportOptions): Transport {
  const timeout = options.timeoutMs ?? defaultTimeoutMs
  const trust = options.trust ?? null
  const open = (connections: number): Pool =>
    new Pool(options.url, {
      connections,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connectTimeout: 10_000,
      ...(trust === null ? {} : { connect: { ca: trust } }),
    })
  const pools: Readonly<Record<Lane, Pool>> = mapLanes(open)
  const line: Line = {
    development: isLoopback(options.url),
    repeatable: options.honoursRequestIds ?? honoursRequestIds(options.url),
    limit: options.answerLimit ?? defaultAnswerLimit,
    pause: options.pause ?? ((ms, signal) => delay(ms, undefined, signal && { signal })),
    poolFor: (lane) => pools[lane],
  }
  return {
    url: options.url,
    development: line.development,
    send: (request) => sendByRule(request, line),
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()))
    },
  }
}

/** What waits for a connection behind what; nothing else does. */
type Lane = 'agents' | 'own' | 'login' | 'beat' | 'end'

/**
 * Connections at most. Snowflake holds a statement's for 45 s at a time, so each of what agents run
 * takes one as long as it runs: eight identities at their limit (`statement/analyse.ts`), or 200
 * sessions with a statement each. What the gateway asks itself, and above all a cancel or a logout,
 * does not queue behind those.
 */
const connections: Readonly<Record<Lane, number>> = {
  agents: 256,
  own: 64,
  login: 32,
  beat: 16,
  end: 16,
}

function mapLanes(open: (connections: number) => Pool): Readonly<Record<Lane, Pool>> {
  const { agents, own, login, beat, end } = connections
  return {
    agents: open(agents),
    own: open(own),
    login: open(login),
    beat: open(beat),
    end: open(end),
  }
}

const lanes: Readonly<Partial<Record<RequestClass, Lane>>> = {
  login: 'login',
  renewal: 'login',
  heartbeat: 'beat',
  cancel: 'end',
  logout: 'end',
}

interface Line {
  readonly development: boolean
  readonly repeatable: boolean
  readonly limit: number
  readonly pause: NonNullable<TransportOptions['pause']>
  readonly poolFor: (lane: Lane) => Pool
}

function isLoopback(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {}
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname ?? '')
}

interface Attempt {
  readonly kind: RequestClass
  /** From 1. */
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  /** HTTP status of the last refusal; 0 for a broken connection. */
  readonly reason: number
}

/** An answer, or why there is none and whether another attempt may bring one. */
type Attempted =
  | { readonly answer: UpstreamEnvelope }
  | {
      readonly error: FrostgateError
      readonly failure: 'unsent' | 'lost' | 'refused' | 'final'
      readonly reason: number
      readonly retryAfter: string | undefined
    }

async function sendByRule(request: UpstreamRequest, line: Line): Promise<UpstreamEnvelope> {
  const kind = classOf(request, line.repeatable)
  const rule = retryRules[kind]
  const started = performance.now()
  const firstAt = Date.now()
  let reason = 0
  let sent: FrostgateError | undefined
  for (let number = 1; ; number += 1) {
    const attempted = await attempt(request, { kind, number, firstAt, reason }, line)
    if ('answer' in attempted)
      return sent === undefined ? attempted.answer : { ...attempted.answer, lost: sent }
    const { error, failure, retryAfter } = attempted
    if (wasSent(error)) sent = error
    const wait = pauseMs(number, retryAfter, { now: Date.now(), random: Math.random() })
    const late = performance.now() - started + wait > rule.withinMs
    const last = failure === 'final' || late || number >= rule[failure]
    // What was sent once is in doubt, whatever became of the attempts after it.
    if (last || request.signal?.aborted === true) throw sent ?? error
    reason = attempted.reason
    try {
      await line.pause(wait, request.signal)
    } catch {
      throw sent ?? error
    }
  }
}

async function attempt(
  request: UpstreamRequest,
  which: Attempt,
  { development, limit, poolFor }: Line,
): Promise<Attempted> {
  try {
    const { status, text, retryAfter } = await exchange(
      poolFor(lanes[which.kind] ?? (request.own === true ? 'own' : 'agents')),
      {
        method: request.method,
        path: pathOf(request, which),
        headers: headersOf(request),
        body: request.body === undefined ? null : JSON.stringify(request.body),
      },
      { limit, signal: request.signal },
    )
    try {
      const answered = { kind: which.kind, development, secrets: secretsOf(request) }
      return { answer: readEnvelope(status, text, answered) }
    } catch (error) {
      const failure = isRefusedForNow(status) ? 'refused' : 'final'
      return { error: error as FrostgateError, failure, reason: status, retryAfter }
    }
  } catch (thrown) {
    const kept = { reason: 0, retryAfter: undefined }
    if (thrown instanceof FrostgateError) return { error: thrown, failure: 'final', ...kept }
    const error = unavailable(describe(thrown), thrown)
    const failure = isUnconnected(thrown) ? 'unsent' : isLost(thrown) ? 'lost' : 'final'
    return { error, failure, ...kept }
  }
}

/** A repeated statement says so, as drivers' do. */
function pathOf(
  { path, query }: UpstreamRequest,
  { kind, number, firstAt, reason }: Attempt,
): string {
  const parameters = new URLSearchParams(query)
  if (kind === 'statement') {
    parameters.set('request_guid', randomUUID())
    if (number > 1) {
      parameters.set('clientStartTime', String(firstAt))
      parameters.set('retryCount', String(number - 1))
      parameters.set('retryReason', String(reason))
    }
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`
}

function headersOf(request: UpstreamRequest): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': 'Frostgate',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(request.token === undefined ? {} : { authorization: `Snowflake Token="${request.token}"` }),
  }
}

/** undici's messages name addresses and timeouts, never content. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed'
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? `${error.message} (${code})` : error.message
}
