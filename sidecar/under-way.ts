/** Work that has begun and outlives its request: whoever stops the gateway waits for its end. */

export class UnderWay {
  readonly #work = new Set<Promise<unknown>>()

  /** The same promise, known here until it settles. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work)
    const done = (): void => {
      this.#work.delete(work)
    }
    work.then(done, done)
    return work
  }

  /** Resolves when none is left, that which begins meanwhile included. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work)
  }
}
