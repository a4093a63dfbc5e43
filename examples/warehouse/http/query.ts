import { randomUUID } from 'node:crypto'
import { SnowflakeError } from '../engine/errors.ts'
import type { Session } from '../login/sessions.ts'
import type { Outcome } from '../statements/outcome.ts'
import { type Envelope, success } from './envelope.ts'

/** A statement once seen: its answer is kept for its id and for its requestId. */
export interface Query {
  readonly id: string
  readonly requestId: string
  readonly session: Session
  readonly user: string
  readonly sqlText: string
  /** Started with asyncExec: it outlives its request, and its session. */
  readonly detached: boolean
  readonly startedAt: number
  endedAt: number
  answer: Promise<Envelope>
  failed: SnowflakeError | undefined
  outcome: Outcome | undefined
  readonly abort: AbortController
}

export function newQuery(
  seed: Pick<Query, 'requestId' | 'session' | 'sqlText' | 'detached'>,
  abort = new AbortController(),
): Query {
  return {
    ...seed,
    id: `01${randomUUID().slice(2)}`,
    user: seed.session.user.name,
    startedAt: Date.now(),
    endedAt: 0,
    answer: Promise.resolve(success(null)),
    failed: undefined,
    outcome: undefined,
    abort,
  }
}

/** Why a running statement ends early. */
export const canceled = (): SnowflakeError =>
  new SnowflakeError('000604', '57014', 'SQL execution canceled')

export const timedOut = (seconds: number): SnowflakeError =>
  new SnowflakeError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  )

/** Still running: the client asks again at `getResultUrl`. */
export function inProgress({ id, detached }: Query): Envelope {
  return {
    data: {
      queryId: id,
      getResultUrl: `/queries/${id}/result`,
      queryAbortsAfterSecs: 300,
      progressDesc: null,
    },
    code: detached ? '333334' : '333333',
    message: detached
      ? 'Asynchronous execution in progress. Use provided query id to perform query monitoring and management.'
      : 'Query execution in progress.',
    success: true,
  }
}

/** The answer, or after `ms` that there is none yet. */
export async function answerWithin(query: Query, ms: number): Promise<Envelope> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Envelope>((resolve) => {
    timer = setTimeout(() => {
      resolve(inProgress(query))
    }, ms)
  })
  try {
    return await Promise.race([query.answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The status that monitoring shows. */
export function statusOf({ endedAt, failed }: Query): string {
  if (endedAt === 0) return 'RUNNING'
  return failed === undefined ? 'SUCCESS' : 'FAILED_WITH_ERROR'
}
