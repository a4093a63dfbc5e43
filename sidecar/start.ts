/** Puts the rooms together: the only place that knows them all. */

import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from 'pino'

import { openCatalogSession } from './catalog/open-session.ts'
import { catalogProvider } from './catalog/provider.ts'
import type { Bundle, MaskKeys } from './control/bundle.ts'
import { endpoints } from './endpoints.ts'
import type { FrostgateError } from './errors.ts'
import { discoveredKeys, type KeySource } from './identity/providers.ts'
import { tokenVerifier } from './identity/verify.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordedError, recordFirst } from './recording/record.ts'
import { chunkHosts } from './results/chunk-hosts.ts'
import { chunkRelay } from './results/chunk-relay.ts'
import { ChunkStore } from './results/chunk-store.ts'
import { ratesByIdentity } from './session/rates.ts'
import { SessionStore } from './session/store.ts'
import { rulesByTag } from './masking/unmatched.ts'
import { unmatchedRules } from './statement/closed-schemas.ts'
import type { LoginSigner } from './upstream/key-pair.ts'
import { httpTransport } from './upstream/transport.ts'
import { UnderWay } from './under-way.ts'
import { version } from './version.ts'
import { listen, wireServer } from './wire/server.ts'

export interface GatewayOptions {
  readonly bundle: Bundle
  readonly signer: LoginSigner
  readonly recorder: Recorder
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number
  readonly keys?: KeySource
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
}

export interface RunningGateway {
  readonly url: string
  /**
   * What masking rules name in vain, as the connection's role sees it: such a rule closes its
   * schema. Logs in to Snowflake. Errors: UpstreamLoginFailed, UpstreamUnavailable, …
   */
  unmatchedRules(): Promise<readonly FrostgateError[]>
  /** Ends sessions, here and at Snowflake, and stops listening. */
  close(reason: string): Promise<void>
}

const reapEveryMs = 30_000
/** A Snowflake that is gone must not keep a Job from completing. */
const logoutPatienceMs = 3_000
/** For what is under way to be recorded as failed, once nothing answers it any more. */
const settlePatienceMs = 3_000

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { bundle, recorder, log } = options
  const now = options.now ?? Date.now
  const transport = httpTransport({
    url: bundle.connection.url,
    ...(options.upstreamTimeoutMs === undefined ? {} : { timeoutMs: options.upstreamTimeoutMs }),
  })
  const catalogs = catalogProvider({
    open: (role, warehouse) =>
      openCatalogSession(transport, options.signer, bundle.connection, {
        role,
        warehouse,
        purpose: 'catalog',
      }),
    maxAgeMs: options.catalogMaxAgeMs ?? bundle.connection.catalogMaxAge * 1_000,
    readTags: bundle.masks.some((mask) => mask.tags.length > 0),
    // Not the clock on the wall: set back, it would make old entries young.
    now: options.now ?? (() => performance.now()),
  })
  const chunks = new ChunkStore(chunkHosts(bundle.connection.url), now)
  const onIncident = (incident: string, error: unknown): void => {
    log.error({ incident, err: error }, 'incident')
  }
  const relay = chunkRelay(recorder, {
    patienceMs: options.chunkTimeoutMs,
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
    onClose: async (session, reason) => {
      chunks.forget(session.id)
      await recordAfter(
        recorder,
        { type: 'session.closed', session: session.id, reason },
        (error) => {
          onIncident(session.id, error)
        },
      )
      // Not waited for here: a logout is answered at once, whatever Snowflake does.
      void logouts.track(
        session.upstream.close().catch((error: unknown) => {
          log.warn({ session: session.id, err: error }, 'Snowflake logout failed')
        }),
      )
    },
  })
  let base = ''
  const server = wireServer({
    handlers: endpoints({
      bundle, recorder, chunks, relay, sessions, underWay, onIncident, now,
      base: () => base,
      longPollMs: options.longPollMs ?? 40_000,
      login: {
        bundle, transport, catalogs, now, rates: ratesByIdentity(),
        signer: options.signer,
        maskKeys: options.maskKeys ?? new Map(),
        verify: tokenVerifier({ providers: bundle.connection.identityProviders, keys: options.keys ?? discoveredKeys(), now }),
      },
    }), // prettier-ignore
    onIncident,
    onRefused: async ({ method, path, token, error }) => {
      log.warn({ method, path, error: error.entry }, 'refused')
      const event = {
        type: 'request.refused',
        session: sessions.idOf(token),
        method,
        path: path.slice(0, 200),
        error: recordedError(error),
      } as const
      await recordAfter(recorder, event, (reason) => {
        onIncident('request.refused', reason)
      })
    },
  })
  await recordFirst(recorder, {
    type: 'gateway.started',
    version,
    connection: `${bundle.connection.namespace}/${bundle.connection.name}`,
    bundle: bundle.digest,
  })
  const stopped = async (reason: string): Promise<void> => {
    await recordAfter(recorder, { type: 'gateway.stopped', reason }, (error) => {
      onIncident('gateway.stopped', error)
    })
  }
  try {
    base = await listen(server, options.port)
  } catch (error) {
    await stopped('it could not listen')
    await transport.close()
    throw error
  }
  const reaper = setInterval(() => {
    chunks.sweep()
    void sessions.reap()
  }, reapEveryMs)
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
    unmatchedRules: () =>
      unmatchedRules(
        bundle.masks,
        catalogs.forRole(bundle.connection.role, bundle.connection.warehouse),
      ),
    close: async (reason) => {
      clearInterval(reaper)
      await stopListening(server)
      await sessions.closeAll('shutdown')
      await within(logoutPatienceMs, Promise.all([logouts.settled(), catalogs.close()]))
      relay.close()
      await transport.close()
      // Each ends in the recording, and before the gateway does.
      await within(settlePatienceMs, underWay.settled())
      // A login that was under way may have opened one more.
      await sessions.closeAll('shutdown')
      await stopped(reason)
    },
  }
}

async function within(patienceMs: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, delay(patienceMs, undefined, { ref: false })])
}

/** Requests under way get five seconds to end. */
async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  const deadline = setTimeout(() => {
    server.closeAllConnections()
  }, 5_000)
  await closed
  clearTimeout(deadline)
}
