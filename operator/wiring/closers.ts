/** What was started and has to end, in the reverse of the order in which it was started. */

type Closer = () => Promise<unknown>

export class Closers {
  readonly #groups: (readonly Closer[])[] = []

  /** Those given together end side by side. */
  add(...group: readonly Closer[]): void {
    this.#groups.push(group)
  }

  /** Ends everything, once. One that fails keeps no other from ending; the first failure is thrown. */
  async run(): Promise<void> {
    const failures: unknown[] = []
    for (;;) {
      const group = this.#groups.pop()
      if (group === undefined) break
      const ended = await Promise.allSettled(group.map((close) => close()))
      for (const each of ended) if (each.status === 'rejected') failures.push(each.reason)
    }
    if (failures.length > 0) throw failures[0]
  }
}
