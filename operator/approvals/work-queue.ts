/** Things to look at, each once however often it is added; what fails is tried again, later and later. */

const atATime = 8
const firstPause = 50
const longestPause = 5_000

export class WorkQueue<T> {
  readonly #nameOf: (item: T) => string
  readonly #work: (item: T) => Promise<void>
  readonly #onProblem: (error: unknown, item: T) => void
  readonly #waiting = new Map<string, T>()
  /** Under way: what is added meanwhile comes again afterwards. */
  readonly #running = new Set<string>()
  readonly #failures = new Map<string, { attempts: number; timer: NodeJS.Timeout }>()
  #stopped = false
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
    this.#waiting.set(this.#nameOf(item), item)
    // Not within the caller: who tells of a change may be in the middle of others.
    queueMicrotask(() => {
      this.#start()
    })
  }

  /** Nothing is under way any more once it resolved. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#waiting.clear()
    for (const { timer } of this.#failures.values()) clearTimeout(timer)
    this.#failures.clear()
    if (this.#running.size > 0) await this.#idle.promise
  }

  #start(): void {
    for (const [name, item] of this.#waiting) {
      if (this.#running.size >= atATime) return
      if (this.#running.has(name)) continue
      this.#waiting.delete(name)
      this.#running.add(name)
      void this.#run(name, item)
    }
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
