/**
 * What who leads does: writes what follows for a request from its decisions, the rule in force and
 * time; tells each decision whether it counts; removes what ended long ago. It works when something
 * changes and when the next time comes, and looks at nothing else.
 */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import { conditionsOf, stalled, type Aspect } from '../controllers/conditions.ts'
import { nextDeadline, nextStatus, type RuleInForce } from './decide.ts'
import { Deadlines } from './deadlines.ts'
import { judgeAll, type Judgement } from './judge.ts'
import { isSame, isTerminal } from './phases.ts'
import { keyOf, textOf } from './standing.ts'
import type { ApprovalStore, DecisionStatus, Key } from './types.ts'
import { WorkQueue } from './work-queue.ts'

export interface ControllerOptions {
  readonly store: ApprovalStore
  readonly ruleOf: (request: ApprovalRequest) => RuleInForce
  readonly isLeader: () => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds for which a request that ended is kept. */
  readonly keepMs: number
  readonly onProblem: (error: unknown, request: Key) => void
}

export interface ApprovalController {
  /** The request or one of its decisions is another. */
  changed(request: Key): void
  /** Anything may be: rules, or who leads. */
  trigger(): void
  /** Nothing is written once it resolved. */
  stop(): Promise<void>
}

export function controller(options: ControllerOptions): ApprovalController {
  return new Controller(options)
}

/** What nobody decided before it was called off: an agent can make as many as it likes. */
const withdrawnKeptMs = 3_600_000

class Controller implements ApprovalController {
  readonly #options: ControllerOptions
  readonly #deadlines: Deadlines
  readonly #queue: WorkQueue<Key>

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      textOf,
      (key) => this.#work(key),
      (error, key) => {
        if (!(error instanceof Conflict)) options.onProblem(error, key)
      },
    )
    this.#deadlines = new Deadlines(options.now, (name) => {
      const [namespace = '', rest = ''] = name.split('/')
      this.changed({ namespace, name: rest })
    })
    this.trigger()
  }

  changed(request: Key): void {
    if (this.#options.isLeader()) this.#queue.add(request)
  }

  trigger(): void {
    const { store, isLeader } = this.#options
    if (!isLeader()) {
      this.#deadlines.clear()
      return
    }
    this.#queue.addAll(store.requests().map(keyOf))
  }

  async stop(): Promise<void> {
    this.#deadlines.clear()
    await this.#queue.stop()
    this.#deadlines.clear()
  }

  async #work(key: Key): Promise<void> {
    const { store, isLeader } = this.#options
    if (!isLeader() || !store.synced) return
    const request = store.request(key)
    if (request === undefined) {
      this.#deadlines.set(textOf(key), undefined)
      await this.#tellOrphans(key)
      return
    }
    if (await this.#isOver(request)) return
    const written = await this.#bringUpToDate(request, store.decisions(key))
    await this.#tellDecisions(written)
    this.#await(written)
  }

  /** Time alone makes something else of it. */
  #await(request: ApprovalRequest): void {
    this.#deadlines.set(
      textOf(keyOf(request)),
      nextDeadline(request) ?? this.#endOfKeeping(request),
    )
  }

  #endOfKeeping({ status }: ApprovalRequest): number | undefined {
    const ended = Date.parse(status?.endedAt ?? '')
    const { keepMs } = this.#options
    const isNothing = status?.phase === 'Withdrawn' && (status.decisions ?? []).length === 0
    const kept = isNothing ? Math.min(keepMs, withdrawnKeptMs) : keepMs
    return Number.isNaN(ended) ? undefined : ended + kept
  }

  /** Ended long ago: it is removed, with its decisions. */
  async #isOver(request: ApprovalRequest): Promise<boolean> {
    if (!isTerminal(request.status?.phase)) return false
    const end = this.#endOfKeeping(request)
    if (end === undefined || this.#options.now() < end) return false
    await this.#options.store.deleteRequest(request)
    return true
  }

  /**
   * Most of what is listed is as of now, and often enough it settles that there is nothing to do.
   * What ends a request for ever is judged by what is kept, not by what is remembered of it.
   */
  async #bringUpToDate(
    listed: ApprovalRequest,
    listedDecisions: readonly ApprovalDecision[],
  ): Promise<ApprovalRequest> {
    const { store, ruleOf, now } = this.#options
    let request = listed
    let next = nextStatus(request, listedDecisions, ruleOf(request), now())
    if (next === request.status) return request
    if (isTerminal(next.phase)) {
      const key = keyOf(listed)
      const read = await store.readRequest(key)
      if (read === undefined || read.metadata.uid !== listed.metadata.uid) return listed
      request = read
      next = nextStatus(request, await store.readDecisions(key), ruleOf(request), now())
      if (next === request.status) return request
    }
    if (!this.#options.isLeader()) return request
    const written = await store.writeStatus(request, next)
    // The change that was in the way, or took it away, is told of soon.
    if (written === 'conflict') throw new Conflict()
    if (written === 'gone') return request
    return { ...request, status: next }
  }

  async #tellDecisions(request: ApprovalRequest): Promise<void> {
    const { store, ruleOf, now } = this.#options
    const decisions = store.decisions(keyOf(request))
    const counted = new Set(request.status?.decisions?.map(({ name }) => name))
    const isOver = isTerminal(request.status?.phase)
    for (const [decision, judgement] of judgeAll(request, decisions, ruleOf(request), now())) {
      // What counted before it ended still has.
      const told: Judgement =
        isOver && counted.has(decision.metadata.name) ? { counts: true } : judgement
      // What was found while it was open says more than that it has ended.
      const known = isOver && !told.counts && told.reason === 'RequestEnded' && isTold(decision)
      if (!known) await this.#tell(decision, aspectsOf(request, decision, told))
    }
  }

  async #tellOrphans(key: Key): Promise<void> {
    const message = `There is no ApprovalRequest ${key.name} in namespace ${key.namespace}, so that nothing comes of this. kubectl get apr tells which there are.`
    for (const decision of this.#options.store.decisions(key)) {
      await this.#tell(decision, stalled(['Ready'], 'RequestUnknown', message))
    }
  }

  async #tell(decision: ApprovalDecision, aspects: readonly Aspect[]): Promise<void> {
    const { generation } = decision.metadata
    const status: DecisionStatus = {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions: conditionsOf(
        aspects,
        generation,
        decision.status?.conditions ?? [],
        new Date(this.#options.now()),
      ),
    }
    if (isSame(decision.status, status) || !this.#options.isLeader()) return
    const written = await this.#options.store.writeDecisionStatus(decision, status)
    if (written === 'conflict') throw new Conflict()
  }
}

/** Somebody else wrote meanwhile. */
class Conflict extends Error {
  override readonly name = 'Conflict'

  constructor() {
    super('it has changed since it was listed')
  }
}

function isTold({ status }: ApprovalDecision): boolean {
  return status?.conditions?.some(({ type }) => type === 'Ready') ?? false
}

function aspectsOf(
  request: ApprovalRequest,
  { spec: { verdict } }: ApprovalDecision,
  judgement: Judgement,
): readonly Aspect[] {
  const { name } = request.metadata
  if (judgement.counts) {
    const message =
      verdict === 'Approve'
        ? `Counts towards the approval of request ${name}.`
        : `Request ${name} is denied by it.`
    return [{ type: 'Ready', status: 'True', reason: 'Counted', message }]
  }
  return stalled(['Ready'], judgement.reason, `It does not count: ${judgement.message}.`)
}
