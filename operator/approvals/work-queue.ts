/**
 * Things to look at, each once however often it is added; what fails is tried again, later and later.
 * There may be thousands: what has changed comes before what is only looked through again, and
 * whatever else the process does gets its turn between them.
 */

const atATime = 8
/** Begun before the others of the process get a turn: a few milliseconds of work. */
const inATurn = 64
const firstPause = 50
const longestPause = 5_000

export class WorkQueue<T> {
  readonly #nameOf: (item: T) => string
  readonly #work: (item: T) => Promise<void>
  readonly #onProblem: (error: unknown, item: T) => void
  readonly #waiting = new Map<string, T>()
  /** Behind all that is waiting. */
  readonly #later = new Map<string, T>()
  /** Under way: what is added meanwhile comes again afterwards. */
  readonly #running = new Set<string>()
  readonly #failures = new Map<string, { attempts: number; timer: NodeJS.Timeout }>()
  #stopped = false
  #begun = 0
  #resting = false
  #idle = Promise.withResolvers<undefined>()

  constructor(
    nameOf: (item: T) => string,
    work: (item: T) => Promise<void>,
    onProblem: (error: unknown, item: T) => void,
  ) {
    this.#nameOf = nameOf
    this.#work = work
    this.#onProblem = onProblem
  }

  add(item: T): void {
    if (this.#stopped) return
    const name = this.#nameOf(item)
    this.#later.delete(name)
    this.#waiting.set(name, item)
    this.#startSoon()
  }

  /** Nothing is known to have changed: whatever has comes first. */
  addAll(items: Iterable<T>): void {
    if (this.#stopped) return
    for (const item of items) {
      const name = this.#nameOf(item)
      if (!this.#waiting.has(name)) this.#later.set(name, item)
    }
    this.#startSoon()
  }

  #startSoon(): void {
    // Not within the caller: who tells of a change may be in the middle of others.
    queueMicrotask(() => {
      this.#start()
    })
  }

  /** Nothing is under way any more once it resolved. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#waiting.clear()
    this.#later.clear()
    for (const { timer } of this.#failures.values()) clearTimeout(timer)
    this.#failures.clear()
    if (this.#running.size > 0) await this.#idle.promise
  }

  #start(): void {
    for (const waiting of [this.#waiting, this.#later]) {
      for (const [name, item] of waiting) {
        if (this.#resting || this.#running.size >= atATime) return
        if (this.#running.has(name)) continue
        waiting.delete(name)
        this.#running.add(name)
        void this.#run(name, item)
        if ((this.#begun += 1) >= inATurn) this.#rest()
      }
    }
  }

  #rest(): void {
    this.#resting = true
    setImmediate(() => {
      this.#resting = false
      this.#begun = 0
      this.#start()
    })
  }

  async #run(name: string, item: T): Promise<void> {
    try {
      await this.#work(item)
      clearTimeout(this.#failures.get(name)?.timer)
      this.#failures.delete(name)
    } catch (error) {
      this.#failed(name, item, error)
    }
    this.#running.delete(name)
    if (this.#running.size === 0 && this.#stopped) this.#idle.resolve(undefined)
    this.#start()
  }

  #failed(name: string, item: T, error: unknown): void {
    if (this.#stopped) return
    const before = this.#failures.get(name)
    clearTimeout(before?.timer)
    const attempts = (before?.attempts ?? 0) + 1
    const wait = Math.min(longestPause, firstPause * 2 ** (attempts - 1))
    const timer = setTimeout(() => {
      this.add(item)
    }, wait)
    timer.unref()
    this.#failures.set(name, { attempts, timer })
    this.#onProblem(error, item)
  }
}
