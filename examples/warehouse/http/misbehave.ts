import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { type Fault, type FaultHook, type FaultPoint, isTarget } from './faults.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A fault that happened. */
export interface FaultEvent {
  readonly route: string
  readonly kind: Fault['kind']
}

const encodings: Readonly<
  Record<Extract<Fault, { kind: 'wrongGzip' }>['how'], (reply: Reply) => Reply>
> = {
  corrupt: (reply) => {
    const body = Buffer.from(reply.body)
    body.fill(0xff, Math.floor(body.length / 2))
    return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body }
  },
  unlabelled: ({ status, headers, body }) => ({
    status,
    headers: Object.fromEntries(
      Object.entries(headers).filter(([name]) => name !== 'content-encoding'),
    ),
    body,
  }),
  mislabelled: ({ status, headers, body }) => ({
    status,
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
  }),
}

/** The reply that stands in for the route's own. */
function substitute(fault: Fault, storage: boolean): Reply | undefined {
  if (fault.kind === 'status') {
    const type = storage ? 'application/xml' : 'application/json'
    return {
      status: fault.status,
      headers: { 'content-type': type, ...fault.headers },
      body: Buffer.from(fault.body ?? (storage ? '<Error/>' : '')),
    }
  }
  if (fault.kind === 'redirect') {
    const { location, status = 307 } = fault
    return { status, headers: { location }, body: Buffer.alloc(0) }
  }
  if (fault.kind !== 'html') return undefined
  const body = Buffer.from('<html><body>Bad gateway</body></html>')
  return { status: 200, headers: { 'content-type': 'text/html' }, body }
}

function changed(reply: Reply, fault: Fault | undefined): Reply {
  if (fault?.kind === 'wrongGzip') return encodings[fault.how](reply)
  if (fault?.kind === 'truncate')
    return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) }
  return reply
}

function writeHead(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': body.length })
}

interface Hold {
  readonly fault: Extract<Fault, { kind: 'reorder' }>
  readonly point: FaultPoint
  readonly release: () => void
}

/** Makes a server's routes misbehave as its fault hook says; shared by the servers of a warehouse. */
export class Misbehaviour {
  readonly #hook: FaultHook | undefined
  readonly #holds = new Set<Hold>()
  /** Ends pauses when the warehouse closes. */
  readonly #closing = new AbortController()
  readonly events: FaultEvent[] = []

  constructor(hook: FaultHook | undefined) {
    this.#hook = hook
  }

  choose(point: FaultPoint): Fault | undefined {
    const fault = this.#hook?.(point)
    if (fault !== undefined) this.events.push({ route: point.route, kind: fault.kind })
    return fault
  }

  /** Before the route does its work; true when there is nothing left for it to do. */
  async before(
    response: ServerResponse,
    point: FaultPoint,
    fault: Fault | undefined,
  ): Promise<boolean> {
    if (fault === undefined) return false
    if (fault.kind === 'hang') return true
    if (fault.kind === 'drop' && fault.when === 'before') {
      response.destroy()
      return true
    }
    if (fault.kind === 'delay' && fault.when !== 'after') await this.#pause(fault.ms)
    const reply = substitute(fault, point.route === 'chunk')
    if (reply === undefined) return false
    writeHead(response, reply)
    response.end(reply.body)
    return true
  }

  /** Sends the route's reply, or what the fault makes of it. */
  async deliver(
    response: ServerResponse,
    point: FaultPoint,
    usual: Reply,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === 'drop') {
      response.destroy()
      return
    }
    if (fault?.kind === 'delay' && fault.when === 'after') await this.#pause(fault.ms)
    if (fault?.kind === 'reorder') await this.#hold(fault, point)
    const reply = changed(usual, fault)
    writeHead(response, reply)
    if (fault?.kind === 'dieMidBody') {
      response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () =>
        response.destroy(),
      )
    } else if (fault?.kind === 'drip') await this.#drip(response, reply.body, fault)
    else response.end(reply.body)
    this.#release(response, point)
  }

  /** Lets go of everything that is held or delayed. */
  close(): void {
    this.#closing.abort()
    for (const { release } of this.#holds) release()
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }

  async #hold(fault: Hold['fault'], point: FaultPoint): Promise<void> {
    const other = new Promise<void>((resolve) => {
      this.#holds.add({ fault, point, release: resolve })
    })
    await Promise.race([other, this.#pause(fault.atMostMs)])
    for (const hold of this.#holds) if (hold.point === point) this.#holds.delete(hold)
  }

  /** An answer is out: those that waited for it follow. */
  #release(response: ServerResponse, point: FaultPoint): void {
    const waiting = [...this.#holds].filter(
      (hold) => hold.point !== point && isTarget(hold.fault.until, point),
    )
    if (waiting.length === 0) return
    const follow = (): void => {
      for (const { release } of waiting) release()
    }
    if (response.writableFinished || response.destroyed) follow()
    else response.once('close', follow)
  }

  async #drip(
    response: ServerResponse,
    body: Buffer,
    { bytes, everyMs }: Extract<Fault, { kind: 'drip' }>,
  ): Promise<void> {
    for (let from = 0; from < body.length && !response.destroyed; from += Math.max(1, bytes)) {
      await this.#pause(everyMs)
      if (!response.write(body.subarray(from, from + Math.max(1, bytes))))
        await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end()
  }
}
