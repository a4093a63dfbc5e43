/** The earliest of many times, by one timer. */

const longestTimer = 2 ** 31 - 1

interface Entry {
  readonly name: string
  readonly at: number
}

export class Deadlines {
  readonly #now: () => number
  readonly #onDue: (name: string) => void
  /** What counts; the heap may hold entries that were replaced since. */
  readonly #times = new Map<string, number>()
  #heap: Entry[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity

  constructor(now: () => number, onDue: (name: string) => void) {
    this.#now = now
    this.#onDue = onDue
  }

  /** Instead of what was set for this name before. Milliseconds since the epoch. */
  set(name: string, at: number | undefined): void {
    if (this.#times.get(name) === at) return
    if (at === undefined) {
      this.#times.delete(name)
    } else {
      this.#times.set(name, at)
      this.#push({ name, at })
      if (this.#heap.length > 2 * this.#times.size + 64) this.#rebuild()
    }
    this.#arm()
  }

  clear(): void {
    this.#times.clear()
    this.#heap = []
    this.#arm()
  }

  #arm(): void {
    let first = this.#heap[0]
    while (first !== undefined && this.#times.get(first.name) !== first.at) {
      this.#pop()
      first = this.#heap[0]
    }
    const at = first?.at ?? Infinity
    if (at === this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    if (at === Infinity) return
    const wait = Math.min(Math.max(0, at - this.#now()), longestTimer)
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity
      this.#fire()
    }, wait)
    this.#timer.unref()
  }

  #fire(): void {
    const now = this.#now()
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop()
      if (this.#times.get(first.name) !== first.at) continue
      this.#times.delete(first.name)
      this.#onDue(first.name)
    }
    this.#arm()
  }

  #rebuild(): void {
    // Sorted is a heap, too.
    this.#heap = Array.from(this.#times, ([name, at]) => ({ name, at })).sort((a, b) => a.at - b.at)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.at <= entry.at) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const isRight = right !== undefined && left !== undefined && right.at < left.at
      const child = isRight ? right : left
      if (child === undefined || child.at >= last.at) break
      heap[index] = child
      index = 2 * index + (isRight ? 2 : 1)
    }
    heap[index] = last
  }
}
