/**
 * What governs now, and how that changes: a bundle is applied, the connection closed, opened again
 * or revoked. Each change is one step without a wait between reading and writing, so that no login
 * and no statement can fall between two bundles.
 */

import type { Logger } from 'pino'

import type { Bundle } from './control/bundle.ts'
import { rulesDigest } from './control/rules-digest.ts'
import { FrostgateError } from './errors.ts'
import type { Governance, GovernanceSecrets } from './governance.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordFirst } from './recording/record.ts'
import type { ChunkStore } from './results/chunk-store.ts'
import { recheckSession, type Kept, type Recheck } from './session/recheck.ts'
import { regrant, type GatewaySession } from './session/session.ts'
import type { SessionStore } from './session/store.ts'
import { Suspensions, type Identity } from './session/suspended.ts'
import { UnderWay } from './under-way.ts'

export interface GovernorOptions {
  readonly recorder: Recorder
  readonly sessions: SessionStore
  readonly chunks: ChunkStore
  /** Logouts of sessions that ended. */
  readonly logouts: UnderWay
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly onIncident: (incident: string, error: unknown) => void
  /** What will govern under a bundle; nothing of it has an effect yet. */
  readonly succeed: (bundle: Bundle, secrets: GovernanceSecrets, earlier: Governance) => Governance
}

/** What became of the sessions that were open. */
export interface Applied {
  readonly kept: number
  readonly ended: number
}

interface Closing {
  readonly reason: string
}

/** What was so, and was done, when the bundle came. */
interface Before {
  readonly closing: Closing | undefined
  readonly coming: Coming
}

interface Coming {
  /** Of the suspensions. */
  readonly turn: number
  /** Ends of the sessions that it suspends. */
  readonly ended: readonly Promise<void>[]
}

const nothing: Coming = { turn: 0, ended: [] }

interface Generation {
  readonly governance: Governance
  /** Logins and statements that began under it. */
  readonly work: UnderWay
}

export class Governor {
  readonly #options: GovernorOptions
  /** Of what governed before, until nothing that began under it is under way. */
  readonly #earlier = new Set<Generation>()
  #now: Generation
  /** Another object at each closing, so that a change under way sees that one came meanwhile. */
  #closing: Closing | undefined
  readonly #suspensions = new Suspensions()
  readonly #listeners = new Set<() => void>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(first: Governance, options: GovernorOptions) {
    this.#options = options
    this.#now = { governance: first, work: new UnderWay() }
  }

  get governance(): Governance {
    return this.#now.governance
  }

  /** Why nothing may begin; undefined while it may. */
  get closed(): string | undefined {
    return this.#closing?.reason
  }

  /** Tells of every other bundle, and of every closing, once it is in force. Gives what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Runs what belongs to what governs now: connections that it needs stay open until it ends. */
  under<T>(work: (governance: Governance) => Promise<T>): Promise<T> {
    const { governance, work: underWay } = this.#now
    return underWay.track(work(governance))
  }

  /** Errors: ConnectionSuspended, PrincipalSuspended. Before a login says who: of everybody only. */
  refuseSuspended(principal?: Identity): void {
    const { bundle } = this.governance
    const suspended =
      principal === undefined
        ? this.#suspensions.ofAll(bundle)
        : this.#suspensions.of(principal, bundle)
    if (suspended !== undefined) throw suspended.error
  }

  /**
   * A session that was opened under `earlier` is judged by the rules of now. Errors: those of
   * `refuseSuspended`; ConnectionClosed, if it would end by them at once, or nothing may begin.
   */
  admit(session: GatewaySession, earlier: Governance): void {
    if (this.closed !== undefined) throw closedFor(this.closed)
    this.refuseSuspended(session.principal)
    if (session.epoch === this.governance.epoch) return
    const verdict = recheckSession(session, earlier.bundle, this.governance)
    if ('ended' in verdict) throw closedFor(`policy changed during the login, ${verdict.ended}`)
    takeOver(session, verdict)
  }

  /** After a statement that began under `earlier`: what it left in the session is of then. */
  settle(session: GatewaySession, earlier: Governance): void {
    if (earlier === this.governance || !this.#options.sessions.has(session)) return
    const verdict = recheckSession(session, earlier.bundle, this.governance)
    if ('ended' in verdict) void this.#end(session, verdict.ended)
  }

  /**
   * From when this resolves, every login and statement that begins is judged by `bundle`, and the
   * connection is open. Secrets that are left out stay. One at a time, in the order of the calls.
   * Errors: RecordingUnavailable, or an Error for another connection's bundle: all is as it was.
   */
  apply(bundle: Bundle, secrets: Partial<GovernanceSecrets> = {}): Promise<Applied> {
    // As it is at the call: a closing that comes later is not undone.
    const closing = this.#closing
    const coming = this.#stop(bundle)
    return this.#inTurn(() => this.#apply(bundle, secrets, { closing, coming }))
  }

  /**
   * Whom `bundle` suspends is out from the call on, here and at Snowflake; it waits neither for what
   * else is in the bundle nor for the recording. That stays so until this bundle, or one that came
   * after it, is applied and says otherwise.
   */
  stopSuspended(bundle: Bundle): void {
    const { turn } = this.#stop(bundle)
    // What is in force already is not applied once more, and is the last word all the same.
    if (bundle.digest === this.governance.bundle.digest) this.#suspensions.settle(turn)
  }

  #stop(bundle: Bundle): Coming {
    const { bundle: inForce } = this.governance
    const { suspend } = bundle.connection
    const ours = !isOther(inForce, bundle)
    const turn = ours ? this.#suspensions.expect(bundle) : 0
    if (!ours || suspend === undefined) return { turn, ended: [] }
    if (suspend.all) void this.closeCatalogs()
    const { sessions, log } = this.#options
    const ended = sessions.all().flatMap((session) => {
      const suspended = this.#suspensions.of(session.principal, inForce)
      if (suspended === undefined) return []
      return [sessions.end(session, suspended.because, suspended.error)]
    })
    log.warn({ bundle: bundle.digest, sessions: ended.length }, 'suspended')
    return { turn, ended }
  }

  /** Begins nothing from now on; what runs may finish. Resolves when that is recorded. */
  suspend(reason: string): Promise<void> {
    const known = this.closed === reason
    // At once, and not after the recording: a full disk must not keep a gateway open.
    this.#closing = { reason }
    this.#tell()
    if (known) return Promise.resolve()
    const { recorder, log, onIncident } = this.#options
    log.warn({ reason }, 'connection closed')
    return recordAfter(recorder, { type: 'connection.closed', reason }, (error) => {
      onIncident('connection.closed', error)
    })
  }

  /** Errors: RecordingUnavailable (it stays closed). */
  resume(reason = 'opened again'): Promise<void> {
    const closing = this.#closing
    return this.#inTurn(async () => {
      if (closing === undefined || closing !== this.#closing) return
      // Revoked before: what it had is closed for good.
      const { catalogs, bundle } = this.governance
      if (catalogs.closed) await this.#apply(bundle, {}, { closing, coming: nothing })
      else await recordFirst(this.#options.recorder, { type: 'connection.reopened', reason })
      this.#reopen(closing)
    })
  }

  /** Begins nothing from now on, and ends what runs. Resolves when that is recorded. */
  async revoke(reason: string): Promise<void> {
    const { sessions } = this.#options
    const suspended = this.suspend(reason)
    const ended = sessions.all().map((session) => sessions.end(session, reason))
    void this.closeCatalogs()
    await Promise.all([suspended, ...ended])
  }

  async closeCatalogs(): Promise<void> {
    const all = this.#all().map(({ governance }) => governance.catalogs)
    await Promise.allSettled(all.map((catalogs) => catalogs.close()))
  }

  /** Cuts every connection to Snowflake. */
  async close(): Promise<void> {
    const all = this.#all().map(({ governance }) => governance.transport)
    await Promise.allSettled(all.map((transport) => transport.close()))
  }

  /** Resolves when no login and no statement is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#all().map(({ work }) => work.settled()))
  }

  async #apply(
    bundle: Bundle,
    secrets: Partial<GovernanceSecrets>,
    { closing, coming }: Before,
  ): Promise<Applied> {
    const { sessions, log } = this.#options
    const earlier = this.governance
    refuseOther(earlier.bundle, bundle)
    const { signer = earlier.signer, maskKeys = earlier.maskKeys } = secrets
    const news = [bundle.digest, signer, maskKeys, false].some(
      (part, index) =>
        part !==
        [earlier.bundle.digest, earlier.signer, earlier.maskKeys, earlier.catalogs.closed][index],
    )
    if (!news && closing === undefined) {
      this.#suspensions.settle(coming.turn)
      return { kept: sessions.size, ended: coming.ended.length }
    }
    const next = this.#options.succeed(bundle, { signer, maskKeys }, earlier)
    await this.#recordApplied(earlier, next, closing).catch(async (error: unknown) => {
      if (next.transport !== earlier.transport) await next.transport.close()
      throw error
    })
    this.#suspensions.settle(coming.turn)
    const ended = [...coming.ended, ...this.#swap(next)]
    this.#reopen(closing)
    this.#tell()
    const applied = { kept: sessions.size, ended: ended.length }
    log.info({ bundle: bundle.digest, ...applied }, 'bundle applied')
    const recorded = Promise.all(ended)
    void this.#retire(recorded)
    await recorded
    return applied
  }

  async #recordApplied(
    earlier: Governance,
    next: Governance,
    closing: Closing | undefined,
  ): Promise<void> {
    const { recorder } = this.#options
    const { digest, connection } = next.bundle
    const previous = earlier.bundle.digest
    const { suspend } = connection
    const suspended =
      suspend === undefined ? {} : { suspended: { ...suspend, reason: suspend.reason ?? null } }
    const applied = recordFirst(recorder, {
      ...{ type: 'bundle.applied', digest, previous },
      ...suspended,
    } as const)
    const reason = `bundle ${digest} was applied`
    const reopened =
      closing === undefined || closing !== this.#closing
        ? undefined
        : recordFirst(recorder, { type: 'connection.reopened', reason })
    await Promise.all([applied, reopened])
  }

  /** Without a wait. What of each session's end is not done at once is in the promises. */
  #swap(next: Governance): readonly Promise<void>[] {
    const { sessions, chunks } = this.#options
    const earlier = this.#now
    this.#earlier.add(earlier)
    this.#now = { governance: next, work: new UnderWay() }
    const { bundle } = earlier.governance
    // What was released under other rules than these is not given again.
    const stale = rulesDigest(bundle) !== rulesDigest(next.bundle)
    if (stale) chunks.forgetAll()
    return sessions.all().flatMap((session) => {
      const verdict = this.#recheck(session, bundle, next)
      if ('ended' in verdict) return [this.#end(session, verdict.ended)]
      takeOver(session, verdict)
      if (stale) session.ledger.forgetOutcomes()
      return []
    })
  }

  /** A fault of this program must not leave half of the sessions under another bundle. */
  #recheck(session: GatewaySession, earlier: Bundle, next: Governance): Recheck {
    try {
      return recheckSession(session, earlier, next)
    } catch (error) {
      this.#options.onIncident(session.id, error)
      return { ended: 'and the gateway could not judge this session by it' }
    }
  }

  #end(session: GatewaySession, why: string): Promise<void> {
    return this.#options.sessions.end(session, `policy changed, ${why}`)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #reopen(closing: Closing | undefined): void {
    if (this.#closing === closing) this.#closing = undefined
  }

  /** Closes what nothing needs any more; sessions that ended log out over it first. */
  async #retire(ended: Promise<unknown>): Promise<void> {
    const retired = [...this.#earlier]
    await ended
    await Promise.all(retired.map(({ work }) => work.settled()))
    await this.#options.logouts.settled()
    for (const generation of retired) this.#earlier.delete(generation)
    const used = this.#all().map(({ governance }) => governance)
    for (const { governance } of retired) {
      const { catalogs, transport } = governance
      if (!used.some((each) => each.catalogs === catalogs)) await catalogs.close()
      if (!used.some((each) => each.transport === transport)) await transport.close()
    }
  }

  #all(): readonly Generation[] {
    return [...this.#earlier, this.#now]
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

function takeOver(session: GatewaySession, { rules, endsAt }: Kept): void {
  regrant(session, rules)
  session.endsAt = endsAt
}

function closedFor(reason: string): FrostgateError {
  return FrostgateError.of('ConnectionClosed', { reason })
}

/** A gateway serves one connection, as its recording says at its beginning. */
function refuseOther(now: Bundle, other: Bundle): void {
  if (!isOther(now, other)) return
  throw new Error(
    `The bundle is of connection ${nameOf(other)}, and this gateway serves ${nameOf(now)}. Start another for it.`,
  )
}

function isOther(now: Bundle, other: Bundle): boolean {
  return nameOf(now) !== nameOf(other)
}

function nameOf({ connection: { namespace, name } }: Bundle): string {
  return `${namespace}/${name}`
}
