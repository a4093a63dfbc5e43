/** The three calls about approvals to the operator's broker; what it answers is taken for nothing unchecked. */

import { BrokerError, notUnderstood } from '../control/broker-error.ts'
import type { BrokerSession } from '../control/broker-session.ts'
import type { Clock } from '../control/clock.ts'
import { standing, standingFields } from '../control/notices.ts'
import type {
  ApprovalAsk,
  ApprovalReference,
  ApprovalStanding,
  ApprovalUse,
} from '../control/protocol.ts'
import { object, optional, ShapeError, text } from '../control/shape.ts'
import type { ApprovalQuestion } from './approvals.ts'

export type Asked = Pick<ApprovalStanding, 'name' | 'digest'>

/** Each ends after `patienceMs` at the latest. Errors: BrokerError. */
export interface ApprovalCalls {
  ask(question: ApprovalQuestion): Promise<ApprovalStanding>
  /** Takes one use of the approval. An answer that does not come may have been given all the same. */
  use(asked: Asked): Promise<ApprovalUse>
  withdraw(asked: Asked): Promise<void>
}

export interface ApprovalCallsOptions {
  readonly session: Pick<BrokerSession, 'call'>
  /** Of this process: what another one of the pod has asked, nobody waits for any more. */
  readonly instance: string
  readonly clock: Pick<Clock, 'sleep'>
  /** Milliseconds. */
  readonly patienceMs?: number
}

const defaultPatienceMs = 15_000
/** Questions that are put at a time: after an outage there may be many, and logins come first. */
const atATime = 4

export function approvalCalls(options: ApprovalCallsOptions): ApprovalCalls {
  const { session, instance, clock, patienceMs = defaultPatienceMs } = options

  async function post(path: string, body: object): Promise<string> {
    const patience = new AbortController()
    const answered = new AbortController()
    void clock.sleep(patienceMs, answered.signal).then(() => {
      patience.abort()
    })
    try {
      const { signal } = patience
      return (await session.call({ method: 'POST', path, body, signal })).body
    } finally {
      answered.abort()
    }
  }

  const inTurn = few(atATime)
  const reference = ({ name, digest }: Asked): ApprovalReference => ({ name, digest, instance })
  return {
    ask: (question) =>
      inTurn(async () => {
        const body: ApprovalAsk = { instance, question }
        const answer = readAnswer(await post('/v1/approvals', body), standing)
        return refuseOther(answer, { digest: question.digest })
      }),
    use: async (asked) => {
      const answer = readAnswer(await post('/v1/approvals/use', reference(asked)), use)
      const { id, ...rest } = refuseOther(answer, asked)
      return id === undefined ? rest : { ...rest, id }
    },
    withdraw: async (asked) => {
      await post('/v1/approvals/withdraw', reference(asked))
    },
  }
}

const use = object({ ...standingFields, id: optional(text) })

function readAnswer<T>(body: string, read: (value: unknown, field: string) => T): T {
  try {
    return read(JSON.parse(body), 'approval')
  } catch (error) {
    throw notUnderstood('answer about an approval', error instanceof ShapeError ? error : undefined)
  }
}

/** What is said of another request is no answer. */
function refuseOther<T extends Asked>(answer: T, asked: Partial<Asked>): T {
  const same =
    answer.digest === asked.digest && (asked.name === undefined || answer.name === asked.name)
  if (same) return answer
  throw notUnderstood('answer about an approval, which is of another request,')
}

/** Whether the same call may go through later: also where an access token has just run out. */
export function passes(error: unknown): boolean {
  return error instanceof BrokerError && (error.transient || error.status === 401)
}

/** Whether the call may have had its effect though its answer never came. */
export function mayHaveArrived(error: unknown): boolean {
  return !(error instanceof BrokerError && (error.status === 401 || error.status === 429))
}

/** In a sentence without its full stop. */
export function reasonOf(error: unknown): string {
  return error instanceof BrokerError ? error.message.replace(/\.$/, '') : 'asking failed'
}

/** As many at a time; the others in the order in which they came. */
function few(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
