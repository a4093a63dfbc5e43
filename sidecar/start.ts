/** Puts the rooms together: the only place that knows them all. */

import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from 'pino'

import type { Approvals } from './approvals/approvals.ts'
import { guarded } from './approvals/guarded.ts'
import type { Bundle, ConnectionSpec, MaskKeys } from './control/bundle.ts'
import { endpoints } from './endpoints/index.ts'
import type { FrostgateError } from './errors.ts'
import { govern, prove, type Circumstances, type GovernanceSecrets } from './governance.ts'
import { Governor, type Applied } from './governor.ts'
import { discoveredKeys, type KeySource } from './identity/providers.ts'
import type { GatewayPod } from './identity/verify.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordedError, recordFirst } from './recording/record.ts'
import { chunkHosts, chunkTrust } from './results/chunk-hosts.ts'
import { chunkRelay } from './results/chunk-relay.ts'
import { ChunkStore } from './results/chunk-store.ts'
import { recordedFailedLogins, recordedRefusals } from './flood.ts'
import { keepSessionsAlive } from './session/keep-alive.ts'
import { endHolds, endUnsent } from './session/holds.ts'
import { ratesByIdentity } from './session/rates.ts'
import type { GatewaySession } from './session/session.ts'
import { SessionStore } from './session/store.ts'
import { rulesByTag } from './masking/unmatched.ts'
import { unmatchedRules } from './statement/closed-schemas.ts'
import type { LoginSigner } from './upstream/login-signer.ts'
import { UnderWay } from './under-way.ts'
import { version } from './version.ts'
import { listen, wireServer, type WireOptions } from './wire/server.ts'

export interface GatewayOptions {
  readonly bundle: Bundle
  readonly signer: LoginSigner
  readonly recorder: Recorder
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number
  readonly keys?: KeySource
  /** The pod that it runs in: pod-bound tokens count only if they are of this one. */
  readonly pod?: GatewayPod
  /** By name of the Secret; a column whose mask needs one that is not here cannot be read. */
  readonly maskKeys?: MaskKeys
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Milliseconds before "still running" is said. Python 4 gives up on an answer after 60 s. */
  readonly longPollMs?: number
  /** Milliseconds that Snowflake may take to begin an answer. */
  readonly upstreamTimeoutMs?: number
  /** Milliseconds that the result store may take to begin a chunk, and between its pieces. */
  readonly chunkTimeoutMs?: number
  /** Milliseconds a catalogue entry is believed, instead of the connection's `catalogMaxAge`. */
  readonly catalogMaxAgeMs?: number
  /** Seconds a session token lives before it is renewed. */
  readonly tokenValidity?: number
  /** Whom statements wait for that a rule wants approved; without, they are refused. */
  readonly approvals?: Approvals
  /** Seconds without a request after which a session is closed; 4 h, as at Snowflake, if left out. */
  readonly sessionIdleTimeout?: number
  /** Sessions open at a time: of one identity, and of all. */
  readonly mostSessions?: { readonly perIdentity: number; readonly all: number }
  /** Refused requests that are recorded one by one in ten seconds; more are counted. */
  readonly refusalsRecorded?: number
  /** Told of each request when it is answered. */
  readonly onAnswered?: WireOptions['onAnswered']
}

export interface RunningGateway {
  readonly url: string
  /**
   * What masking rules name in vain, as the connection's role sees it: such a rule closes its
   * schema. Logs in to Snowflake. Errors: UpstreamLoginFailed, UpstreamUnavailable, …
   */
  unmatchedRules(): Promise<readonly FrostgateError[]>
  /** In force now. */
  readonly bundle: Bundle
  /** Why logins and statements are refused; undefined while they are not. */
  readonly closed: string | undefined
  /**
   * One login with the connection's own role and warehouse, what it must guarantee checked, and a
   * logout. Errors: UpstreamLoginFailed, UpstreamUnavailable, and what the signer rejects with.
   */
  prove(): Promise<void>
  /**
   * Once it resolves, logins and statements that begin are judged by `bundle`, and the connection is
   * open. What was decided before may finish. A session goes on if policy still gives it the same
   * role, warehouse and parameters at the same account; else it ends, and its client is told why.
   * Secrets that are left out stay. Errors: RecordingUnavailable, or an Error that says what is
   * wrong with the bundle: then all is as it was.
   */
  apply(bundle: Bundle, secrets?: Partial<GovernanceSecrets>): Promise<Applied>
  /**
   * Whom the bundle's connection suspends is out from the call on: statements are cancelled, sessions
   * ended, logins refused, whatever becomes of the rest of the bundle. `apply` does so by itself.
   */
  stopSuspended(bundle: Bundle): void
  /** From the call on, logins and statements are refused; what runs may finish. */
  suspend(reason: string): Promise<void>
  /** Ends `suspend`, as `apply` does. Errors: RecordingUnavailable (it stays closed). */
  resume(): Promise<void>
  /**
   * From the call on, nothing runs and nothing is released: statements are cancelled and sessions
   * ended, here and at Snowflake. Resolves when they are, or after 2 s. `apply` opens again.
   */
  revoke(reason: string): Promise<void>
  /**
   * Ends sessions, here and at Snowflake, and stops listening. `patienceMs` is how long requests
   * that are under way may take to end; 5 s if left out.
   */
  close(reason: string, patienceMs?: number): Promise<void>
}

/** At most; twice in the time after which a session is idle, if that is shorter. */
const reapEveryMs = 30_000
/** A Snowflake that is gone must not keep a Job from completing. */
const logoutPatienceMs = 3_000
/** Of the two seconds in which whoever is revoked is out, a third for what runs. */
const cancelPatienceMs = 700
const revokePatienceMs = 2_000
/** For what is under way to be recorded as failed, once nothing answers it any more. */
const settlePatienceMs = 3_000

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { bundle, recorder, log } = options
  const now = options.now ?? Date.now
  const circumstances: Circumstances = {
    keys: options.keys ?? discoveredKeys(),
    now,
    // Not the clock on the wall: set back, it would make old catalogue entries young.
    steady: options.now ?? (() => performance.now()),
    pod: options.pod,
    upstreamTimeoutMs: options.upstreamTimeoutMs,
    catalogMaxAgeMs: options.catalogMaxAgeMs,
  }
  const secrets = { signer: options.signer, maskKeys: options.maskKeys ?? new Map() }
  const connection = (): ConnectionSpec => governor.governance.bundle.connection
  const chunks: ChunkStore = new ChunkStore((url) => chunkHosts(connection())(url), now)
  const onIncident = (incident: string, error: unknown): void => {
    log.error({ incident, err: error }, 'incident')
  }
  const relay = chunkRelay(recorder, {
    patienceMs: options.chunkTimeoutMs,
    trustOf: (url) => chunkTrust(connection(), url),
    onMiss: ({ session, statement }, incident, error) => {
      chunks.forgetStatement(statement)
      sessions.byId(session)?.released.withdraw(statement)
      onIncident(incident, error)
    },
  })
  const underWay = new UnderWay()
  const logouts = new UnderWay()
  const sessions = new SessionStore({
    now,
    ...(options.tokenValidity === undefined ? {} : { tokenValidity: options.tokenValidity }),
    ...(options.sessionIdleTimeout === undefined
      ? {}
      : { idleTimeout: options.sessionIdleTimeout }),
    ...(options.mostSessions && {
      mostPerIdentity: options.mostSessions.perIdentity,
      mostSessions: options.mostSessions.all,
    }),
    onClose: async (session, reason) => {
      chunks.forget(session.id)
      if (session.endedAs !== undefined) relay.cut(session.id)
      session.ledger.close()
      endUnsent(session, reason)
      // Not waited for here: a logout is answered at once, whatever Snowflake does.
      const leave = (): void => {
        void logouts.track(
          leaveSnowflake(session).catch((error: unknown) => {
            log.warn({ session: session.id, err: error }, 'Snowflake logout failed')
          }),
        )
      }
      const early = session.endedBecause !== undefined
      if (early) leave()
      await recordAfter(
        recorder,
        { type: 'session.closed', session: session.id, reason },
        (error) => {
          onIncident(session.id, error)
        },
      )
      if (!early) leave()
    },
  })
  const governor: Governor = new Governor(govern(bundle, secrets, circumstances), {
    recorder, sessions, chunks, logouts, log, onIncident,
    succeed: (next, held, earlier) => govern(next, held, circumstances, earlier),
  }) // prettier-ignore
  const failedLogins = recordedFailedLogins(recorder, onIncident)
  const refusals = recordedRefusals(recorder, onIncident, options.refusalsRecorded)
  let base = ''
  const server = wireServer({
    handlers: endpoints({
      governor, recorder, chunks, relay, sessions, underWay, onIncident, now,
      base: () => base,
      longPollMs: options.longPollMs ?? 40_000,
      rates: ratesByIdentity(),
      approvals: options.approvals && guarded(options.approvals, now),
      failedLogins,
    }), // prettier-ignore
    checkToken: (token, kind) => {
      sessions.refuseUnknown(token, kind)
    },
    onIncident,
    ...(options.onAnswered === undefined ? {} : { onAnswered: options.onAnswered }),
    onRefused: async ({ method, path, token, error }) => {
      log.warn({ method, path: path.slice(0, 200), error: error.entry }, 'refused')
      const event = {
        type: 'request.refused',
        session: sessions.idOf(token),
        method,
        path: path.slice(0, 200),
        error: recordedError(error),
      } as const
      await refusals.refused(() =>
        recordAfter(recorder, event, (reason) => {
          onIncident('request.refused', reason)
        }),
      )
    },
  })
  await recordFirst(recorder, {
    type: 'gateway.started',
    version,
    connection: `${bundle.connection.namespace}/${bundle.connection.name}`,
    bundle: bundle.digest,
  })
  const stopBeats = keepSessionsAlive(sessions, now)
  const stopped = async (reason: string): Promise<void> => {
    await recordAfter(recorder, { type: 'gateway.stopped', reason }, (error) => {
      onIncident('gateway.stopped', error)
    })
  }
  try {
    base = await listen(server, options.port)
  } catch (error) {
    await stopped('it could not listen')
    stopBeats()
    await governor.close()
    throw error
  }
  const reaper = setInterval(
    () => {
      chunks.sweep()
      failedLogins.flushIfOver()
      refusals.flushIfOver()
      void sessions.reap()
    },
    Math.min(reapEveryMs, (options.sessionIdleTimeout ?? Infinity) * 500),
  )
  reaper.unref()
  const unchecked = rulesByTag(bundle.masks)
  if (unchecked.length > 0) {
    log.warn(
      { rules: unchecked },
      'masking rules that go by tags: whether any column carries them shows only object by object',
    )
  }
  log.info({ url: base, connection: bundle.connection.name, bundle: bundle.digest }, 'listening')

  return {
    url: base,
    get bundle() {
      return governor.governance.bundle
    },
    get closed() {
      return governor.closed
    },
    unmatchedRules: () =>
      governor.under(
        ({
          bundle: {
            masks,
            connection: { role, warehouse },
          },
          catalogs,
        }) => unmatchedRules(masks, catalogs.forRole(role, warehouse)),
      ),
    prove: () => governor.under(prove),
    apply: (next, held) => governor.apply(next, held),
    stopSuspended: (next) => {
      governor.stopSuspended(next)
    },
    suspend: (reason) => governor.suspend(reason),
    resume: () => governor.resume(),
    revoke: async (reason) => {
      await within(
        revokePatienceMs,
        governor.revoke(reason).then(() => logouts.settled()),
      )
    },
    close: async (reason, patienceMs = 5_000) => {
      clearInterval(reaper)
      stopBeats()
      // Their polls would be waited for.
      for (const session of sessions.all()) endHolds(session, `it stops (${reason})`)
      await stopListening(server, patienceMs)
      await sessions.closeAll('shutdown')
      await within(logoutPatienceMs, Promise.all([logouts.settled(), governor.closeCatalogs()]))
      relay.close()
      await governor.close()
      // Each ends in the recording, and before the gateway does.
      await within(settlePatienceMs, underWay.settled())
      // A login that was under way may have opened one more.
      await sessions.closeAll('shutdown')
      failedLogins.flush()
      refusals.flush()
      await stopped(reason)
    },
  }
}

/**
 * A session takes its statements with it, asynchronous ones too: nobody could ask for them any more,
 * and a logout alone may leave them running.
 */
async function leaveSnowflake({ upstream, ledger, endedBecause }: GatewaySession): Promise<void> {
  const running = ledger.running()
  const sent = running.flatMap(({ upstreamRequestId }) => upstreamRequestId ?? [])
  for (const entry of running) entry.abort.abort()
  if (endedBecause !== undefined) upstream.sever()
  const canceled = Promise.allSettled(sent.map((requestId) => upstream.cancel(requestId)))
  await within(cancelPatienceMs, canceled)
  try {
    await upstream.close()
  } finally {
    upstream.sever()
  }
}

async function within(patienceMs: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, delay(patienceMs, undefined, { ref: false })])
}

/** Requests under way get `patienceMs` to end. */
async function stopListening(server: Server, patienceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  // One that was busy is kept alive after its answer: clients hold them for minutes.
  const idle = setInterval(() => {
    server.closeIdleConnections()
  }, 50)
  const deadline = setTimeout(() => {
    server.closeAllConnections()
  }, patienceMs)
  await closed
  clearInterval(idle)
  clearTimeout(deadline)
}
