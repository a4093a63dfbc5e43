/** Open streams of sidecars: who is told what, and when one is cut. */

import type { ServerResponse } from 'node:http'

import type { Notice } from '../../sidecar/control/protocol.ts'
import type { Caller } from './access-token.ts'
import { keyOf } from './dependencies.ts'
import type { BrokerError } from './errors.ts'
import type { BrokerLimits } from './limits.ts'
import { lineOf, noticeOf } from './notices.ts'
import type { Standing } from './standing.ts'

export interface StreamsOptions {
  readonly limits: Pick<BrokerLimits, 'pingMs' | 'streamBacklog' | 'streamStallMs'>
  readonly standing: (caller: Caller) => Standing
  readonly trust: () => string
  readonly now: () => number
  readonly onNotice: (type: Notice['type'], count: number) => void
  /** After a stream was opened or has ended. */
  readonly onChange: () => void
  readonly onCut: (caller: Caller, reason: string) => void
  /** Before a stream is counted, and after it has ended. */
  readonly onTurn: (caller: Caller) => void
  readonly onRevoked: (caller: Caller, error: BrokerError) => void
  /** False while this replica may not know what has changed: then no stream may stand. */
  readonly vouches: () => boolean
}

interface Stream {
  readonly caller: Caller
  readonly response: ServerResponse
  /** Seconds since the epoch; later once the pod shows a newer access token. */
  expiresAt: number
  /** What was told last, so that only changes are. */
  said: string | undefined
  trust: string | undefined
  /** Since when something waits to be read; milliseconds since the epoch. */
  owesSince: number | undefined
}

const ping = lineOf({ type: 'ping' })

export class Streams {
  readonly #options: StreamsOptions
  /** By pod UID: a pod has one, the newest. */
  readonly #streams = new Map<string, Stream>()
  readonly #timer: NodeJS.Timeout

  constructor(options: StreamsOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#tick()
    }, options.limits.pingMs).unref()
  }

  get size(): number {
    return this.#streams.size
  }

  /** Streams by connection. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { caller } of this.#streams.values()) {
      const key = keyOf(caller.connection)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return counts
  }

  open(caller: Caller, response: ServerResponse): void {
    const { uid } = caller.pod
    this.#options.onTurn(caller)
    const stream: Stream = {
      caller,
      response,
      expiresAt: caller.expiresAt,
      said: undefined,
      trust: undefined,
      owesSince: undefined,
    }
    // A sidecar that comes again has lost the first, whatever TCP still thinks of it.
    this.#streams.get(uid)?.response.destroy()
    this.#streams.set(uid, stream)
    response.on('close', () => {
      if (this.#streams.get(uid) === stream) {
        this.#streams.delete(uid)
        this.#options.onTurn(caller)
        this.#options.onChange()
      }
    })
    // A reset by the reader is followed by 'close'.
    response.on('error', () => undefined)
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#tell(stream)
    this.#options.onChange()
  }

  /** A newer access token of the pod was seen: its stream may go on until that ends. */
  extend(caller: Caller): void {
    const stream = this.#streams.get(caller.pod.uid)
    if (stream === undefined || keyOf(stream.caller.connection) !== keyOf(caller.connection)) return
    stream.expiresAt = Math.max(stream.expiresAt, caller.expiresAt)
  }

  /** Tells each sidecar what has changed for it, and ends streams of those who may not go on. */
  publish(): void {
    for (const stream of this.#streams.values()) this.#tell(stream)
  }

  /** Tells the pod's sidecar, if its stream is here. */
  tell(podUid: string, notice: Notice): void {
    const stream = this.#streams.get(podUid)
    if (stream === undefined) return
    this.#options.onNotice(notice.type, 1)
    this.#write(stream, lineOf(notice))
  }

  /** The replica stops. */
  close(): void {
    clearInterval(this.#timer)
    const line = lineOf({ type: 'goodbye' })
    this.#options.onNotice('goodbye', this.#streams.size)
    for (const { response } of this.#streams.values()) response.end(line)
  }

  #tell(stream: Stream): void {
    const standing = this.#options.standing(stream.caller)
    const notice = noticeOf(standing)
    const line = lineOf(notice)
    if (line !== stream.said) {
      stream.said = line
      this.#options.onNotice(notice.type, 1)
      this.#write(stream, line)
    }
    if (standing.kind === 'revoked') {
      this.#end(stream)
      this.#options.onRevoked(stream.caller, standing.error)
      return
    }
    const trust = this.#options.trust()
    if (trust === stream.trust) return
    stream.trust = trust
    this.#options.onNotice('trust', 1)
    this.#write(stream, lineOf({ type: 'trust', pem: trust }))
  }

  #tick(): void {
    const now = this.#options.now()
    if (!this.#options.vouches()) {
      // A word from here would make what may be out of date count as fresh. Another replica, or
      // this one once it sees again, takes them.
      for (const stream of this.#streams.values()) {
        this.#options.onCut(stream.caller, 'this replica does not hear from the API server')
        stream.response.destroy()
      }
      return
    }
    for (const stream of this.#streams.values()) {
      if (stream.expiresAt * 1000 <= now) this.#end(stream)
      else this.#write(stream, ping)
    }
    this.#options.onNotice('ping', this.#streams.size)
  }

  /** Who does not read is cut: what was missed comes with the next stream. */
  #write(stream: Stream, line: string): void {
    const { response, caller } = stream
    if (response.destroyed || response.writableEnded) return
    const { streamBacklog, streamStallMs } = this.#options.limits
    const now = this.#options.now()
    stream.owesSince = response.writableLength === 0 ? undefined : (stream.owesSince ?? now)
    const stalled = stream.owesSince !== undefined && now - stream.owesSince > streamStallMs
    if (stalled || response.writableLength > streamBacklog) {
      this.#options.onCut(caller, 'the sidecar does not read')
      response.destroy()
      return
    }
    response.write(line)
  }

  /** Leaves the table at once: a new stream of the pod may come before the old one has drained. */
  #end(stream: Stream): void {
    const { response, caller } = stream
    response.end()
    if (this.#streams.get(caller.pod.uid) !== stream) return
    this.#streams.delete(caller.pod.uid)
    this.#options.onChange()
    // One that does not read would never be done.
    setTimeout(() => response.destroy(), 5_000).unref()
  }
}
