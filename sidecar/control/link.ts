/**
 * The link to the operator: lets itself in, reads the stream of notices, comes again when that
 * breaks, and closes the gateway when the operator has been away for too long.
 */

import { pause, reconnecting, refusedForNow, type BackOff } from './back-off.ts'
import type { BrokerClient } from './broker-client.ts'
import { BrokerError, notUnderstood } from './broker-error.ts'
import { BrokerSession } from './broker-session.ts'
import { BundleSource } from './bundle-source.ts'
import type { Clock } from './clock.ts'
import { EnrolmentKeeper } from './enrolment.ts'
import { Follower } from './follower.ts'
import { Freshness } from './freshness.ts'
import type { GovernedGateway } from './governed-gateway.ts'
import { linesOf, readNotice } from './notices.ts'
import type { ApprovalStanding, Notice } from './protocol.ts'
import type { ControlState } from './state.ts'
import type { Trusted } from './trusted.ts'

export interface LinkOptions {
  readonly client: BrokerClient
  readonly trusted: Trusted
  readonly gateway: GovernedGateway
  /** `namespace/name`. */
  readonly connection: string
  /** The projected token. */
  readonly tokenFile: string
  readonly clock: Clock
  readonly log: LinkLog
  /** The gateway failed at closing: this process must end. */
  readonly onFault: (error: unknown) => void
  readonly pace?: Partial<LinkPace>
  /** A request of this pod is in another phase. Must not throw. */
  readonly onApproval?: (standing: ApprovalStanding) => void
  /** A stream was opened: what was missed between two must be asked for. Must not throw. */
  readonly onConnected?: () => void
}

/** Told in words, so that whoever reads the log need not know the protocol. */
export interface LinkLog {
  state(state: ControlState, before: ControlState): void
  rejected(digest: string, reason: string): void
  refused(reason: string): void
  /** The stream ended, or could not be had; another attempt follows. */
  disconnected(reason: string, retryMs: number): void
  trustNotKept(error: unknown): void
}

/** Milliseconds. */
export interface LinkPace {
  /** The operator pings every 15 s: three missed ones are a connection that is half open. */
  readonly silenceMs: number
  /** A stream that stood as long starts the back-off anew. */
  readonly steadyMs: number
  /** How often the age of the last contact is looked at. */
  readonly ageCheckMs: number
  readonly reconnecting: BackOff
  readonly refused: BackOff
}

const defaultPace: LinkPace = {
  silenceMs: 45_000,
  steadyMs: 20_000,
  ageCheckMs: 1_000,
  reconnecting,
  refused: refusedForNow,
}

export class ControlLink {
  readonly session: BrokerSession
  readonly #options: LinkOptions
  readonly #pace: LinkPace
  readonly #enrolment: EnrolmentKeeper
  readonly #follower: Follower
  readonly #freshness: Freshness
  readonly #stop = new AbortController()
  /** Ends the stream of the moment. */
  #stream = new AbortController()
  #running: Promise<void> | undefined
  #ageing: NodeJS.Timeout | undefined

  constructor(options: LinkOptions) {
    const { client, clock, connection, gateway, log, tokenFile } = options
    this.#options = options
    this.#pace = { ...defaultPace, ...options.pace }
    this.#freshness = new Freshness(clock.monotonic())
    this.#enrolment = new EnrolmentKeeper({
      client,
      tokenFile,
      connection,
      clock,
      onEnrolled: async ({ trust }) => {
        await this.#trust(trust)
        this.#follower.tell({ name: 'enrolled' })
      },
      onRefused: (reason) => {
        log.refused(reason)
        this.#follower.tell({ name: 'refused', reason })
        this.#stream.abort()
      },
      onDelayed: (reason) => {
        this.#follower.tell({ name: 'delayed', reason })
      },
      backOff: { transient: this.#pace.reconnecting, permanent: this.#pace.refused },
    })
    this.session = new BrokerSession(client, this.#enrolment)
    this.#follower = new Follower({
      gateway,
      source: new BundleSource(this.session, connection),
      pod: () => this.#enrolment.pod,
      onState: (state, before) => {
        log.state(state, before)
      },
      onRejected: (digest, reason) => {
        log.rejected(digest, reason)
      },
      onFault: options.onFault,
    })
  }

  get state(): ControlState {
    return this.#follower.state
  }

  /** Digest of the last bundle that the gateway took; undefined before the first. */
  get digest(): string | undefined {
    return this.#follower.bundle?.digest
  }

  get connected(): boolean {
    return this.#freshness.connected
  }

  /** Milliseconds since the operator was last known to agree with what is done here. */
  get ageMs(): number {
    return this.#freshness.age(this.#options.clock.monotonic())
  }

  start(): void {
    this.#enrolment.start()
    this.#running ??= this.#run()
    this.#ageing ??= setInterval(() => {
      this.#checkAge()
    }, this.#pace.ageCheckMs)
  }

  /** No notice changes anything any more; the session goes on for what is still to be sent. */
  async drain(reason: string): Promise<void> {
    this.#follower.tell({ name: 'drained', reason })
    clearInterval(this.#ageing)
    this.#stop.abort()
    this.#stream.abort()
    await this.#running
    await this.#follower.settled()
  }

  async close(): Promise<void> {
    await this.drain('the link to the operator is closed')
    await this.#enrolment.stop()
    await this.#options.client.close()
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    let attempt = 0
    for (;;) {
      const began = clock.monotonic()
      const reason = await this.#readStream().then(
        () => 'the operator ended the stream',
        (error: unknown) => {
          this.#judge(error)
          return reasonOf(error)
        },
      )
      const stood = this.#freshness.connected ? clock.monotonic() - began : 0
      this.#freshness.lost()
      if (this.#stop.signal.aborted) return
      if (stood >= this.#pace.steadyMs) attempt = 0
      await this.#retry(reason, attempt)
      attempt += 1
    }
  }

  /** Who had lost the stream when its rights were taken back learns of it when it asks for another. */
  #judge(error: unknown): void {
    if (!(error instanceof BrokerError) || error.status !== 403) return
    if (this.state.name !== 'InForce' && this.state.name !== 'Stale') return
    this.#follower.tell({ name: 'revoked', reason: error.message })
    this.#enrolment.revoked()
  }

  async #retry(reason: string, attempt: number): Promise<void> {
    const { clock, log } = this.#options
    const retryMs = pause(this.#pace.reconnecting, attempt, clock.random())
    log.disconnected(reason, retryMs)
    this.#follower.tell({ name: 'delayed', reason })
    await clock.sleep(retryMs, this.#stop.signal)
  }

  /** Until the stream ends. Errors: BrokerError. */
  async #readStream(): Promise<void> {
    this.#stream = new AbortController()
    if (this.#stop.signal.aborted) return
    const { signal } = this.#stream
    const failed = Promise.withResolvers<never>()
    const pieces = this.session.stream(
      { method: 'GET', path: '/v1/stream', headers: { accept: 'application/x-ndjson' }, signal },
      this.#pace.silenceMs,
    )
    const read = async (): Promise<void> => {
      for await (const line of linesOf(pieces)) {
        const notice = readNotice(line)
        if (!this.#freshness.connected) this.#options.onConnected?.()
        this.#freshness.heard(this.#options.clock.monotonic())
        if (notice.type === 'goodbye') return
        await this.#handle(notice, signal, failed.reject)
      }
    }
    try {
      await Promise.race([read(), failed.promise])
    } finally {
      this.#stream.abort()
    }
  }

  /** A bundle is not waited for: a revocation must not queue behind a slow fetch. */
  async #handle(
    notice: Notice,
    signal: AbortSignal,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    switch (notice.type) {
      case 'bundle':
        this.#freshness.owed()
        this.#follower.follow(notice.digest, signal).then((settled) => {
          if (settled) this.#freshness.settled(this.#options.clock.monotonic())
        }, onFailure)
        return
      case 'closed':
        this.#follower.tell({ name: 'closed', reason: notice.reason })
        this.#freshness.settled(this.#options.clock.monotonic())
        return
      case 'revoked':
        this.#follower.tell({ name: 'revoked', reason: notice.reason })
        this.#enrolment.revoked()
        throw new BrokerError('the operator took the rights of this pod back', { transient: false })
      case 'trust':
        await this.#trust(notice.pem)
        return
      case 'approval':
        this.#options.onApproval?.(notice.standing)
        return
      case 'ping':
      case 'goodbye':
        return
      default:
        throw notUnderstood(`notice ${String(notice satisfies never)}`)
    }
  }

  async #trust(pem: string): Promise<void> {
    this.#options.client.trust(pem)
    try {
      await this.#options.trusted.keep(pem)
    } catch (error) {
      // It is trusted all the same; only a restarted container begins with the one before.
      this.#options.log.trustNotKept(error)
    }
  }

  #checkAge(): void {
    const maxStale = this.#follower.bundle?.connection.maxStale
    if (maxStale === undefined || this.state.name !== 'InForce') return
    const now = this.#options.clock.monotonic()
    if (!this.#freshness.isStale(now, maxStale, this.#pace.silenceMs)) return
    const seconds = Math.round(this.#freshness.age(now) / 1_000)
    const { rejected } = this.#follower
    const why =
      rejected === undefined
        ? `the operator has been out of reach for ${seconds} s`
        : `the operator's bundle cannot be used here, and the one before it has been replaced for ${seconds} s (${rejected})`
    this.#follower.tell({
      name: 'aged',
      reason: `${why}, and the connection allows ${maxStale} s (maxStale)`,
    })
    // Whatever comes next has to begin with the bundle in force.
    this.#stream.abort()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
