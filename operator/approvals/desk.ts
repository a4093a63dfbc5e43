/**
 * The one place that says what has become of a request. Asking, deciding and taking a use work on
 * every replica: each writes by compare-and-set. Who leads writes what follows from decisions,
 * rules and time (`controller.ts`). Nothing runs by what is remembered here: a use is given after
 * the request and its decisions were read anew, and only once it is written.
 */

import { randomUUID } from 'node:crypto'

import type { ApprovalRequest } from '../../crds/types.ts'
import type { Rate } from '../broker/limits.ts'
import type { RuleReference } from '../../sidecar/policy/decision.ts'
import type { ApprovalStanding, ApprovalUse } from '../../sidecar/control/protocol.ts'
import { change } from './change.ts'
import { controller, type ApprovalController } from './controller.ts'
import { nextStatus, withdrawn, withUse, type RuleInForce } from './decide.ts'
import { decisionTaker } from './decision-taker.ts'
import { isOpen } from './phases.ts'
import { DeskRefusal } from './refusal.ts'
import { RequestIndex } from './request-index.ts'
import { instanceAnnotation } from './request-object.ts'
import { requestMaker } from './request-maker.ts'
import { connectionOf, keyOf, phaseOf, standingOf, statementDigestOf, textOf } from './standing.ts'
import type { ApprovalDesk, ApprovalStore, Key, Phase } from './types.ts'

/** What the rule says now. `connection` is `namespace/name`. */
export type RuleOf = (connection: string, rule: RuleReference) => RuleInForce

export interface DeskOptions {
  /** Started by its owner, and stopped by it after the desk. */
  readonly store: ApprovalStore
  readonly ruleOf: RuleOf
  /** Whether this replica writes what follows from decisions and time. */
  readonly isLeader: () => boolean
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** For the log. Whatever it tells of is tried again. */
  readonly onProblem?: (error: unknown, request: Key | undefined) => void
  readonly limits?: Partial<DeskLimits>
  /** This replica sees a request for the first time, or in another phase. Must not throw. */
  readonly onPhase?: (request: ApprovalRequest, before: Phase | undefined) => void
}

export interface DeskLimits {
  readonly openPerPod: number
  readonly openPerConnection: number
  /** Of requests that a pod has made anew; outside of a cluster, of all for a connection. */
  readonly madePerPod: Rate
  /** Milliseconds for which a request that ended is kept. */
  readonly keepMs: number
}

export const deskLimits: DeskLimits = {
  openPerPod: 64,
  openPerConnection: 10_000,
  madePerPod: { burst: 256, perSecond: 0.5 },
  keepMs: 7 * 86_400_000,
}

export interface RunningDesk extends ApprovalDesk {
  /** To be called after rules have changed, and when this replica has come to lead. */
  trigger(): void
}

type Listener = (request: ApprovalRequest, standing: ApprovalStanding) => void

export function approvalDesk(options: DeskOptions): RunningDesk {
  return new Desk(options)
}

/** The rule that a request is about, as it is now. */
export function ruleFor(request: ApprovalRequest, ruleOf: RuleOf): RuleInForce {
  const [rule] = request.spec.rules
  return rule === undefined ? undefined : ruleOf(connectionOf(request), rule)
}

class Desk implements RunningDesk {
  readonly ask: ApprovalDesk['ask']
  readonly decide: ApprovalDesk['decide']
  readonly mayDecide: ApprovalDesk['mayDecide']
  readonly #options: DeskOptions
  readonly #store: ApprovalStore
  readonly #now: () => number
  readonly #index: RequestIndex
  readonly #controller: ApprovalController
  readonly #listeners = new Set<Listener>()
  /** By `namespace/name`: what was told last. */
  readonly #told = new Map<string, string>()
  readonly #unsubscribe: () => void

  constructor(options: DeskOptions) {
    const { store, ruleOf, now = Date.now } = options
    const limits = { ...deskLimits, ...options.limits }
    this.#options = options
    this.#store = store
    this.#now = now
    this.#index = new RequestIndex(store)
    const makeRequest = requestMaker({ store, index: this.#index, now, limits })
    this.ask = async (asked) => {
      if (asked.pod !== undefined) this.#abandonLater(asked.pod.uid, asked.instance)
      return await makeRequest(asked)
    }
    const taker = decisionTaker({ store, ruleOf: (each) => ruleFor(each, ruleOf), now })
    this.decide = taker.decide
    this.mayDecide = taker.mayDecide
    this.#controller = controller({
      store,
      ruleOf: (request) => ruleFor(request, ruleOf),
      isLeader: options.isLeader,
      now,
      keepMs: limits.keepMs,
      onProblem: (error, key) => options.onProblem?.(error, key),
    })
    for (const each of store.requests()) this.#told.set(textOf(keyOf(each)), signatureOf(each))
    this.#unsubscribe = store.onChange((key) => {
      this.#changed(key)
    })
  }

  trigger(): void {
    this.#controller.trigger()
  }

  async use(key: Key, digest: string): Promise<ApprovalUse> {
    const id = randomUUID()
    // Of the last attempt; another replica may have been quicker in those before.
    const last: { answer?: ApprovalUse } = {}
    const request = await change(this.#store, key, async (each) => {
      refuseOther(each, digest)
      // Something may hold on to it for long; what was deleted lets nothing run.
      if (each.metadata.deletionTimestamp !== undefined) throw notThere(key)
      const decisions = await this.#store.readDecisions(key)
      // The last look: nothing may be waited for between the rule and the write.
      const rule = ruleFor(each, this.#options.ruleOf)
      if (rule === 'Closed') throw closed(each)
      const now = this.#now()
      const next = nextStatus(each, decisions, rule, now)
      last.answer = standingOf(each, next)
      if (next.phase !== 'Approved' || rule === undefined) return undefined
      const status = withUse(each, next, rule, id, now)
      last.answer = { ...standingOf(each, status), id }
      return { status, isThere: ({ uses = [] }) => uses.some((use) => use.id === id) }
    })
    if (request === undefined || last.answer === undefined) throw notThere(key)
    return last.answer
  }

  async withdraw(key: Key, digest: string): Promise<void> {
    await this.#withdraw(key, 'Nobody waits for it any more.', (request) => {
      refuseOther(request, digest)
      return phaseOf(request) === 'Pending' || isSingleUse(request)
    })
  }

  async abandon(podUid: string, instance: string | undefined): Promise<void> {
    const why =
      instance === undefined
        ? 'The pod whose statement it is is gone.'
        : 'The process that waited for it is gone.'
    const left = this.#index.openOfPod(podUid).filter((each) => isLeft(each, podUid, instance))
    await Promise.all(
      left.map((each) =>
        this.#withdraw(keyOf(each), why, (request) => isLeft(request, podUid, instance)),
      ),
    )
  }

  standing(key: Key): ApprovalStanding | undefined {
    const request = this.#index.get(key)
    return request && standingOf(request)
  }

  onStanding(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#listeners.clear()
    await this.#controller.stop()
  }

  #changed(key: Key): void {
    this.#index.refresh(key)
    const request = this.#store.request(key)
    const id = textOf(key)
    if (request === undefined) this.#told.delete(id)
    else {
      const signature = signatureOf(request)
      const before = this.#told.get(id)
      if (before !== signature) {
        this.#told.set(id, signature)
        this.#tell(request, before?.split(' ', 1)[0] as Phase | undefined)
      }
    }
    this.#controller.changed(key)
  }

  #tell(request: ApprovalRequest, before: Phase | undefined): void {
    const standing = standingOf(request)
    if (before !== standing.phase) this.#options.onPhase?.(request, before)
    for (const listener of this.#listeners) {
      try {
        listener(request, standing)
      } catch (error) {
        this.#options.onProblem?.(error, keyOf(request))
      }
    }
  }

  #abandonLater(podUid: string, instance: string): void {
    this.abandon(podUid, instance).catch((error: unknown) => {
      // The next question of the pod tries again; until then they wait in vain, and run nothing.
      this.#options.onProblem?.(error, undefined)
    })
  }

  async #withdraw(
    key: Key,
    why: string,
    applies: (request: ApprovalRequest) => boolean,
  ): Promise<void> {
    await change(this.#store, key, (request) => {
      if (!isOpen(request) || !applies(request)) return undefined
      const status = withdrawn(request, why, this.#now())
      return { status, isThere: ({ phase }) => phase === 'Withdrawn' }
    })
  }
}

/** What nobody can come back for. An approval of delivery Retry is of the principal, in any pod. */
function isLeft(request: ApprovalRequest, podUid: string, instance: string | undefined): boolean {
  const { spec, metadata } = request
  if (spec.pod?.uid !== podUid || spec.delivery === 'Retry') return false
  if (instance === undefined) return true
  if (metadata.annotations?.[instanceAnnotation] === instance) return false
  return phaseOf(request) === 'Pending' || isSingleUse(request)
}

/** What was approved for a window goes on until that ends. */
function isSingleUse({ spec }: ApprovalRequest): boolean {
  return spec.uses === 1
}

function refuseOther(request: ApprovalRequest, digest: string): void {
  if (request.spec.statementDigest === statementDigestOf(digest)) return
  throw new DeskRefusal(
    'OtherDigest',
    `Request ${request.metadata.name} is about another statement. Ask about this one.`,
  )
}

function closed(request: ApprovalRequest): DeskRefusal {
  return new DeskRefusal(
    'ConnectionClosed',
    `SnowflakeConnection ${connectionOf(request)} is closed, so that nobody can tell who may approve. Mend its objects.`,
  )
}

function notThere({ namespace, name }: Key): DeskRefusal {
  return new DeskRefusal(
    'NotThere',
    `There is no ApprovalRequest ${namespace}/${name}; somebody has deleted it. Ask again.`,
  )
}

function signatureOf({ status }: ApprovalRequest): string {
  const { phase = 'Pending', decisions = [], uses = [] } = status ?? {}
  const by = decisions.map(({ name }) => name).join(' ')
  return `${phase} ${uses.length} ${by}`
}
