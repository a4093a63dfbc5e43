/**
 * Keeps in the status of requests who was told of them: whoever leads next tells nobody twice, and
 * `kubectl get apr -o yaml` shows what failed.
 */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalStore, Key } from '../approvals/types.ts'
import { Backoff } from '../kube/backoff.ts'
import type { Clock } from '../kube/clock.ts'
import { notificationOf, replaces, withNotifications, type Notification } from './told.ts'

export interface BookkeepingOptions {
  readonly store: ApprovalStore
  readonly clock: Clock
  readonly onProblem: (problem: string, error: unknown) => void
}

/** What is not written yet of one request. */
interface Page {
  readonly key: Key
  readonly uid: string | undefined
  readonly entries: Map<string, Notification>
  /** Something was noted that no attempt has taken up. */
  changed: boolean
  writing: Promise<void> | undefined
}

/** Requests whose status is written at once. */
const atOnce = 8
const limits = { leastMs: 500, mostMs: 30_000 }

export class Bookkeeping {
  readonly #options: BookkeepingOptions
  readonly #pages = new Map<string, Page>()
  readonly #stopping = new AbortController()
  readonly #turns: (() => void)[] = []
  #free = atOnce

  constructor(options: BookkeepingOptions) {
    this.#options = options
  }

  /** What the target was told last: what is not written yet counts. */
  last(request: ApprovalRequest, target: string): Notification | undefined {
    const page = this.#pages.get(nameOf(keyOf(request)))
    const ours = page?.uid === request.metadata.uid ? page?.entries.get(target) : undefined
    const there = notificationOf(request, target)
    return ours ?? there
  }

  note(request: ApprovalRequest, news: Notification): void {
    const key = keyOf(request)
    const name = nameOf(key)
    const { uid } = request.metadata
    let page = this.#pages.get(name)
    if (page === undefined || page.uid !== uid) {
      page = { key, uid, entries: new Map(), changed: false, writing: undefined }
      this.#pages.set(name, page)
    }
    page.entries.set(news.target, news)
    page.changed = true
    this.#write(name, page)
  }

  /** Once what was written is seen in the list, the list is enough. */
  seen(key: Key, request: ApprovalRequest | undefined): void {
    const name = nameOf(key)
    const page = this.#pages.get(name)
    if (page === undefined) return
    if (request === undefined || request.metadata.uid !== page.uid) {
      this.#pages.delete(name)
      return
    }
    if (page.writing !== undefined) return
    for (const [target, entry] of page.entries) {
      const there = notificationOf(request, target)
      if (there !== undefined && !replaces(entry, there)) page.entries.delete(target)
    }
    if (page.entries.size === 0) this.#pages.delete(name)
  }

  /** Resolves once everything is written, or after the attempts that are under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const { writing } of [...this.#pages.values()]) await writing
  }

  #write(name: string, page: Page): void {
    page.writing ??= this.#written(name, page).finally(() => {
      page.writing = undefined
      if (page.changed && !this.#stopping.signal.aborted) this.#write(name, page)
      this.seen(page.key, this.#options.store.request(page.key))
    })
  }

  async #written(name: string, page: Page): Promise<void> {
    const { clock, onProblem } = this.#options
    const backoff = new Backoff(limits)
    for (let fresh = false; ; fresh = true) {
      await this.#turn()
      let outcome: 'written' | 'conflict' | 'gone' | 'failed'
      try {
        outcome = await this.#attempt(page, fresh)
      } catch (error) {
        outcome = 'failed'
        onProblem(`who was told of ${name} could not be kept; it is tried again`, error)
      } finally {
        this.#done()
      }
      if (outcome === 'written') return
      if (outcome === 'gone') {
        if (this.#pages.get(name) === page) this.#pages.delete(name)
        return
      }
      // Others write the same status; the next look is at what they wrote.
      if (this.#stopping.signal.aborted && outcome === 'failed') return
      if (outcome === 'failed' || fresh) await clock.sleep(backoff.next(), this.#stopping.signal)
    }
  }

  async #attempt(page: Page, fresh: boolean): Promise<'written' | 'conflict' | 'gone'> {
    const { store } = this.#options
    const listed = fresh ? undefined : store.request(page.key)
    const request = listed ?? (await store.readRequest(page.key))
    if (request === undefined || request.metadata.uid !== page.uid) return 'gone'
    page.changed = false
    const status = withNotifications(request.status ?? {}, [...page.entries.values()])
    return store.writeStatus(request, status)
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free -= 1
    else
      await new Promise<void>((resolve) => {
        this.#turns.push(resolve)
      })
  }

  #done(): void {
    const next = this.#turns.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

export function keyOf({ metadata }: ApprovalRequest): Key {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

export function nameOf({ namespace, name }: Key): string {
  return `${namespace}/${name}`
}
