/** An operator as its contract says, with everything that can go wrong on the way; and time at will. */

import { setImmediate as turn } from 'node:timers/promises'

import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'
import type { BrokerAnswer, BrokerCall } from '../../../sidecar/control/broker-client.ts'
import { BrokerError } from '../../../sidecar/control/broker-error.ts'
import type {
  ApprovalPhase,
  ApprovalReference,
  ApprovalStanding,
} from '../../../sidecar/control/protocol.ts'

export interface TestClock {
  readonly now: () => number
  readonly random: () => number
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** Lets that much time pass, and everything that is due in it happen. */
  readonly pass: (milliseconds: number) => Promise<void>
  readonly sleeping: () => number
}

export function testClock(): TestClock {
  let now = 0
  const sleepers = new Map<() => void, number>()
  const settle = async () => {
    for (let each = 0; each < 3; each += 1) await turn()
  }
  return {
    now: () => now,
    random: () => 0.5,
    sleeping: () => sleepers.size,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve()
          return
        }
        const wake = (): void => {
          sleepers.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        sleepers.set(wake, now + milliseconds)
        signal?.addEventListener('abort', wake, { once: true })
      }),
    pass: async (milliseconds) => {
      const until = now + milliseconds
      await settle()
      for (;;) {
        const [next] = [...sleepers].sort(([, one], [, other]) => one - other)
        if (next === undefined || next[1] > until) break
        now = Math.max(now, next[1])
        next[0]()
        await settle()
      }
      now = until
      await settle()
    },
  }
}

/**
 * What becomes of a call: `away` never arrives, `lost` arrives and its answer does not, `hang` is not
 * answered at all, `refused` is for good.
 */
export type Weather = 'fine' | 'away' | 'lost' | 'hang' | 'refused'

interface Kept {
  readonly name: string
  readonly digest: string
  readonly question: ApprovalQuestion
  phase: ApprovalPhase
  uses: number
}

export interface ScriptedOperator {
  readonly session: { call(call: BrokerCall & { signal: AbortSignal }): Promise<BrokerAnswer> }
  weather: Weather
  /** In place of the next answer. */
  forged: string | undefined
  /** A call is answered when this resolves. */
  slow: Promise<void> | undefined
  readonly calls: { readonly path: string; readonly name: string; readonly at: number }[]
  readonly requests: Kept[]
  /** Ids of uses, by digest. */
  readonly given: { readonly id: string; readonly digest: string }[]
  readonly count: (path: 'ask' | 'use' | 'withdraw') => number
  /** The newest request of the digest changes; the notice of it is returned, not sent. */
  decide(digest: string, phase: ApprovalPhase, uses?: number): ApprovalStanding | undefined
}

const paths = { ask: '/v1/approvals', use: '/v1/approvals/use', withdraw: '/v1/approvals/withdraw' }

export function scriptedOperator(clock: Pick<TestClock, 'now'>): ScriptedOperator {
  const newest = (digest: string): Kept | undefined =>
    operator.requests.findLast((each) => each.digest === digest)
  const standing = ({ name, digest, phase }: Kept): ApprovalStanding => ({
    ...{ name, digest, phase },
    by: phase === 'Pending' ? [] : ['steward'],
    note: phase === 'Denied' ? 'no.' : '',
  })

  function ask(question: ApprovalQuestion): ApprovalStanding {
    const { digest } = question
    const known = newest(digest)
    if (known?.phase === 'Pending' || known?.phase === 'Approved') return standing(known)
    const before = operator.requests.filter((each) => each.digest === digest).length
    const name = before === 0 ? digest : `${digest}-${before + 1}`
    const made: Kept = { name, digest, question, phase: 'Pending', uses: 0 }
    operator.requests.push(made)
    return standing(made)
  }

  function use({ name, digest }: ApprovalReference): object {
    const kept = operator.requests.find((each) => each.name === name && each.digest === digest)
    if (kept === undefined) throw refusal('RequestUnknown')
    if (kept.phase !== 'Approved') return standing(kept)
    kept.uses -= 1
    if (kept.uses === 0) kept.phase = 'Used'
    const id = `use-${operator.given.length + 1}`
    operator.given.push({ id, digest })
    return { ...standing(kept), id }
  }

  function withdraw({ name }: ApprovalReference): object {
    const kept = operator.requests.find((each) => each.name === name)
    if (kept?.phase === 'Pending' || (kept?.phase === 'Approved' && kept.uses === 1))
      kept.phase = 'Withdrawn'
    return {}
  }

  function serve(path: string, body: unknown): object {
    if (path === paths.ask) return ask((body as { question: ApprovalQuestion }).question)
    return (path === paths.use ? use : withdraw)(body as ApprovalReference)
  }

  const operator: ScriptedOperator = {
    weather: 'fine',
    forged: undefined,
    slow: undefined,
    calls: [],
    requests: [],
    given: [],
    count: (path) => operator.calls.filter((call) => call.path === paths[path]).length,
    decide: (digest, phase, uses = 1) => {
      const kept = newest(digest)
      const over = kept === undefined || (kept.phase !== 'Pending' && kept.phase !== 'Approved')
      if (over || (kept.phase === 'Approved' && phase === 'Approved')) return undefined
      kept.phase = phase
      kept.uses = uses
      return standing(kept)
    },
    session: {
      call: async ({ path, body, signal }) => {
        const { name = '' } = body as Partial<ApprovalReference>
        operator.calls.push({ path, name, at: clock.now() })
        const { weather, forged, slow } = operator
        operator.forged = undefined
        if (weather === 'refused') throw refusal('PodNotLive')
        if (weather === 'away') throw away()
        if (weather === 'hang') {
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve)
          })
          throw away()
        }
        const answer = forged ?? JSON.stringify(serve(path, structuredClone(body)))
        await slow
        if (weather === 'lost') throw away()
        return { status: 200, body: answer }
      },
    },
  }
  return operator
}

function refusal(name: string): BrokerError {
  const message = `the operator answered ${name}: it will not.`
  return new BrokerError(message, { status: 403, refusal: name, transient: false })
}

function away(): BrokerError {
  return new BrokerError('the operator could not be reached', { transient: true })
}
