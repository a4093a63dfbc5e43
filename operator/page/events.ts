/**
 * Server-Sent Events that say only "something that you may see has changed": the browser then asks for
 * the page again, with its cookie. Each stream owes its reader at most one event.
 */

import type { Context } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'

import type { Key } from '../approvals/types.ts'
import type { PageContext } from './context.ts'
import type { Session } from './session.ts'
import { maySee } from './sight.ts'

type Needs = Pick<PageContext, 'desk' | 'store' | 'settings' | 'limits' | 'sessions'>

interface Stream {
  readonly session: Session
  isDirty: boolean
  wake: () => void
}

export class EventStreams {
  readonly #needs: Needs
  readonly #open = new Set<Stream>()
  readonly #changed = new Map<string, Key>()
  readonly #stopListening: () => void
  #gathering: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.#stopListening = needs.store.onChange((key) => {
      if (this.#open.size === 0) return
      this.#changed.set(`${key.namespace}/${key.name}`, key)
      this.#gathering ??= setTimeout(() => {
        this.#tell()
      }, needs.limits.gatherMs)
    })
  }

  get size(): number {
    return this.#open.size
  }

  /** Undefined if there are as many as may be. */
  serve(c: Context, session: Session): Response | undefined {
    const { streams, streamsPerPerson } = this.#needs.limits
    const ofPerson = [...this.#open].filter(
      (stream) => stream.session.person.username === session.person.username,
    )
    if (this.#isClosed || this.#open.size >= streams || ofPerson.length >= streamsPerPerson)
      return undefined
    const stream: Stream = { session, isDirty: false, wake: () => undefined }
    this.#open.add(stream)
    const answer = streamSSE(
      c,
      async (out) => {
        out.onAbort(() => {
          this.#open.delete(stream)
          stream.wake()
        })
        await this.#run(stream, out)
      },
      () => Promise.resolve(),
    )
    // Proxies that gather answers would hold events back.
    answer.headers.set('x-accel-buffering', 'no')
    // Nothing comes after it; an idle connection would keep the server from closing.
    answer.headers.set('connection', 'close')
    return answer
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
    clearTimeout(this.#gathering)
    const streams = [...this.#open]
    this.#open.clear()
    for (const stream of streams) stream.wake()
  }

  async #run(stream: Stream, out: SSEStreamingApi): Promise<void> {
    try {
      let event = 'open'
      while (await this.#write(out, event)) {
        if (!stream.isDirty) await this.#change(stream)
        if (!this.#open.has(stream)) return
        if (this.#needs.sessions.isOver(stream.session)) {
          await this.#write(out, 'over')
          return
        }
        event = stream.isDirty ? 'change' : 'heartbeat'
        stream.isDirty = false
      }
    } finally {
      this.#open.delete(stream)
    }
  }

  /** Resolves at the next change, when the stream ends, or when it is time for a sign of life. */
  #change(stream: Stream): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#needs.limits.heartbeatMs)
      stream.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** False if the reader is gone, or does not read. */
  async #write(out: SSEStreamingApi, event: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const stalled = new Promise<'stalled'>((resolve) => {
      timer = setTimeout(resolve, this.#needs.limits.stallMs, 'stalled')
    })
    const done = await Promise.race([out.writeSSE({ event, data: '{}', retry: 2_000 }), stalled])
    clearTimeout(timer)
    if (done === 'stalled') out.abort()
    return !out.aborted
  }

  #tell(): void {
    this.#gathering = undefined
    const keys = [...this.#changed.values()]
    this.#changed.clear()
    const requests = keys
      .map((key) => this.#needs.store.request(key))
      .filter((request) => request !== undefined)
    for (const stream of this.#open) {
      const { person } = stream.session
      if (!requests.some((request) => maySee(request, person, this.#needs))) continue
      stream.isDirty = true
      stream.wake()
    }
  }
}
