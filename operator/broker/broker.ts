/** The broker: lets sidecars in, tells them what to do, and hands them one credential a login. */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { protocolVersion, type ApprovalStanding } from '../../sidecar/control/protocol.ts'
import { textOf } from '../../sidecar/json.ts'
import { Acknowledgements, sumReports, type SidecarReport } from './acknowledgements.ts'
import { authorise } from './authorise.ts'
import { parseObject, readBytes } from './body.ts'
import { callHandlers, type CallHandler } from './calls.ts'
import type { BrokerDependencies } from './dependencies.ts'
import { enrol } from './enrol.ts'
import { BrokerError, plain } from './errors.ts'
import { podName, type BrokerState } from './evidence.ts'
import { brokerLimits, type BrokerLimits } from './limits.ts'
import { brokerMetrics, type BrokerMetrics } from './metrics.ts'
import { RateLimit } from './rate-limit.ts'
import { RecordingIntake } from './recording-intake.ts'
import { ReplayCache } from './replay.ts'
import { replyOf, sendReply, type Reply } from './reply.ts'
import { Revocations } from './revocations.ts'
import { findRoute, type Route, type RouteName } from './routes.ts'
import { BrokerServer } from './server.ts'
import { standingOf } from './standing.ts'
import { Streams } from './streams.ts'

export interface Broker {
  /** Resolves to the port; 0 takes a free one. Without `host`, all addresses. */
  listen(port: number, host?: string): Promise<number>
  /** After a change of compiled objects, of namespaces' labels, or of trust. */
  publish(): void
  /** After the leaf has changed. Open connections go on. */
  renewLeaf(): void
  /** What became of a request, for the sidecar of the pod that asked, if its stream is here. */
  tellApproval(podUid: string, standing: ApprovalStanding): void
  /** The pod is gone from the cluster. */
  podGone(uid: string): void
  /** Removes recordings that were kept long enough. Resolves to how many; call it now and then. */
  sweepRecordings(isLive: (uid: string) => boolean): Promise<number>
  /** Of this replica, for others. */
  report(): SidecarReport
  /** By connection, with the reports of other replicas. */
  sidecars(others?: readonly SidecarReport[]): SidecarReport
  /** Called after `sidecars` may have changed, once for changes that come together. */
  onSidecars(listener: () => void): () => void
  /** Says goodbye; calls under way have five seconds to end. */
  close(): Promise<void>
}

const closeGraceMs = 5_000

export function createBroker(dependencies: BrokerDependencies): Broker {
  return new RunningBroker(dependencies)
}

class RunningBroker implements Broker {
  readonly #dependencies: BrokerDependencies
  readonly #limits: BrokerLimits
  readonly #state: BrokerState
  readonly #origin: string
  readonly #server: BrokerServer
  readonly #streams: Streams
  readonly #acknowledgements: Acknowledgements
  readonly #metrics: BrokerMetrics
  readonly #handlers: Readonly<Record<Exclude<RouteName, 'enrol'>, CallHandler>>
  readonly #enrolPerAddress: RateLimit
  readonly #perPod: Readonly<Record<'credential' | 'other', RateLimit>>
  readonly #recordings: RecordingIntake | undefined
  readonly #listeners = new Set<() => void>()
  #changed = false

  constructor(dependencies: BrokerDependencies) {
    const now = dependencies.now ?? Date.now
    const limits = { ...brokerLimits, ...dependencies.limits }
    this.#dependencies = dependencies
    this.#limits = limits
    this.#origin = new URL(dependencies.origin).origin
    this.#state = {
      now,
      replay: new ReplayCache(now),
      revocations: new Revocations(now),
      enrolPerPod: new RateLimit(limits.enrolPerPod, now),
    }
    this.#enrolPerAddress = new RateLimit(limits.enrolPerAddress, now)
    this.#perPod = {
      credential: new RateLimit(limits.credentialPerPod, now),
      other: new RateLimit(limits.callsPerPod, now),
    }
    this.#acknowledgements = new Acknowledgements(now)
    this.#metrics = brokerMetrics(dependencies.metrics, () => this.#streams.size)
    const { recordings } = dependencies
    if (recordings !== undefined) {
      this.#recordings = new RecordingIntake({ ...recordings, limit: limits.recordingPerPod, now })
    }
    this.#streams = new Streams({
      limits,
      now,
      trust: dependencies.trust,
      standing: (caller) => standingOf(caller, dependencies, this.#state.revocations),
      onNotice: (type, count) => {
        this.#metrics.notices.inc({ type }, count)
      },
      onCut: ({ pod }, reason) => {
        this.#metrics.cut.inc()
        dependencies.log.warn({ pod: podName(pod), reason }, 'stream cut')
      },
      onTurn: ({ pod }) => {
        this.#acknowledgements.forgetRefusal(pod.uid)
      },
      onRevoked: ({ pod }, error) => {
        // A pod that is gone reads no Event.
        if (error.entry === 'PodRevoked') return
        dependencies.alert({ reason: 'SidecarRevoked', pod, message: error.message })
      },
      vouches: () => dependencies.vouches?.() ?? true,
      onChange: () => {
        this.#sidecarsChanged()
      },
    })
    this.#handlers = callHandlers({
      dependencies,
      now,
      streams: this.#streams,
      acknowledgements: this.#acknowledgements,
      recordings: this.#recordings,
      metrics: this.#metrics,
      onAcknowledged: () => {
        this.#sidecarsChanged()
      },
    })
    this.#server = new BrokerServer(dependencies.tls(), limits, (request, response) => {
      void this.#answer(request, response)
    })
  }

  async listen(port: number, host?: string): Promise<number> {
    return await this.#server.listen(port, host)
  }

  publish(): void {
    this.#streams.publish()
    this.#sidecarsChanged()
  }

  renewLeaf(): void {
    this.#server.renew(this.#dependencies.tls())
  }

  tellApproval(podUid: string, standing: ApprovalStanding): void {
    this.#streams.tell(podUid, { type: 'approval', standing })
  }

  podGone(uid: string): void {
    this.#state.revocations.podGone(uid)
    this.#acknowledgements.forget(uid)
    this.publish()
  }

  async sweepRecordings(isLive: (uid: string) => boolean): Promise<number> {
    return (await this.#recordings?.sweep(isLive)) ?? 0
  }

  report(): SidecarReport {
    const { connections } = this.#dependencies
    return this.#acknowledgements.report(this.#streams.counts(), (key) => {
      const state = connections().get(key)?.state
      return state !== undefined && 'bundle' in state ? state.bundle.digest : undefined
    })
  }

  sidecars(others: readonly SidecarReport[] = []): SidecarReport {
    return sumReports([this.report(), ...others])
  }

  onSidecars(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#streams.close()
    await this.#server.close(closeGraceMs)
    this.#listeners.clear()
  }

  #sidecarsChanged(): void {
    if (this.#changed) return
    this.#changed = true
    setImmediate(() => {
      this.#changed = false
      for (const listener of this.#listeners) listener()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    const method = request.method ?? ''
    // A base of our own: what a caller put into Host decides nothing.
    const url = URL.parse(request.url ?? '', this.#origin)
    const path = url?.origin === this.#origin ? url.pathname : '/'
    const route = findRoute(method, path)
    let result = 'ok'
    try {
      if (url === null || route === undefined) {
        throw BrokerError.of('RouteUnknown', { method, path: shownPath(path) })
      }
      const call = { request, response, route, htu: `${this.#origin}${path}` }
      const reply =
        route.name === 'enrol'
          ? await this.#enrol(call)
          : await this.#authorised({ ...call, name: route.name, query: url.searchParams })
      if (reply !== undefined) sendReply(response, reply)
    } catch (thrown) {
      const error = this.#refusalOf(thrown)
      result = error.entry
      this.#log(error, route, path)
      // What was not read of a body would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close')
      sendReply(response, replyOf(error))
    }
    const label = route?.name ?? 'unknown'
    this.#metrics.requests.inc({ route: label, result })
    if (label !== 'stream') {
      this.#metrics.seconds.observe({ route: label }, (performance.now() - started) / 1000)
    }
  }

  async #enrol({ request, route, htu }: RoutedCall): Promise<Reply> {
    const address = request.socket.remoteAddress ?? 'nowhere'
    limit(this.#enrolPerAddress, address, { route: 'enrol', who: address })
    const { protocol, token } = parseObject(await this.#body(request, route))
    if (protocol !== protocolVersion) {
      throw BrokerError.of('RequestInvalid', { reason: `its protocol is not ${protocolVersion}` })
    }
    const enrolled = await enrol(
      {
        method: route.method,
        url: htu,
        proof: header(request, 'dpop'),
        token: textOf(token) ?? '',
      },
      this.#dependencies,
      this.#state,
      (check, { entry, message }, evidence) => {
        const pod = evidence.peek('identity')
        this.#metrics.enrolmentsRefused.inc({ check })
        this.#dependencies.log.warn(
          { check, error: entry, reason: message, ...(pod && { pod: podName(pod) }) },
          'enrolment refused',
        )
      },
    )
    this.#streams.extend(enrolled.caller)
    return { status: 200, body: enrolled.enrolment }
  }

  async #authorised(
    call: RoutedCall & {
      readonly name: Exclude<RouteName, 'enrol'>
      readonly query: URLSearchParams
    },
  ): Promise<Reply | undefined> {
    const { request, response, route, htu, name, query } = call
    const { caller, standing } = await authorise(
      {
        method: route.method,
        url: htu,
        authorization: header(request, 'authorization'),
        proof: header(request, 'dpop'),
      },
      this.#dependencies,
      this.#state,
    )
    const rate = this.#perPod[name === 'credential' ? 'credential' : 'other']
    limit(rate, caller.pod.uid, { route: name, who: `pod ${podName(caller.pod)}` })
    this.#streams.extend(caller)
    const body = await this.#body(request, route)
    return await this.#handlers[name]({ caller, standing, request, response, query, body })
  }

  async #body(request: IncomingMessage, { body }: Route): Promise<Buffer> {
    return await readBytes(request, body === 'recordingPiece' ? this.#limits.recordingPiece : body)
  }

  /** Whatever was thrown: what is not ours becomes an incident, and says nothing of itself. */
  #refusalOf(thrown: unknown): BrokerError {
    if (thrown instanceof BrokerError) return thrown
    return BrokerError.of('InternalError', { incident: randomUUID() }, { cause: thrown })
  }

  #log(error: BrokerError, route: Route | undefined, path: string): void {
    const { entry, message, cause } = error
    const why = cause instanceof Error ? { cause: withoutSecrets(cause.message) } : {}
    const fields = {
      route: route?.name ?? shownPath(path),
      error: entry,
      reason: message,
      ...why,
    }
    if (error.status >= 500) this.#dependencies.log.error(fields, 'call failed')
    else if (route?.name === 'enrol') this.#dependencies.log.debug(fields, 'call refused')
    else this.#dependencies.log.info(fields, 'call refused')
  }
}

interface RoutedCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly route: Route
  readonly htu: string
}

function limit(
  rate: RateLimit,
  name: string,
  parameters: { readonly route: string; readonly who: string },
): void {
  const retryAfter = rate.take(name)
  if (retryAfter === 0) return
  throw BrokerError.of('TooManyRequests', parameters, { details: { retryAfter } })
}

/** Of no route of ours, so anything may be written there. */
function shownPath(path: string): string {
  return withoutSecrets(path).slice(0, 100)
}

/** A client of the API server may quote what it was sent. Nothing that long is a word. */
function withoutSecrets(message: string): string {
  return plain(message.replace(/[\w.+/=-]{32,}/g, '…'))
}

function header(request: IncomingMessage, name: 'dpop' | 'authorization'): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
