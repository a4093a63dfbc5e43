/** Names that are remembered until a time, in bounded memory. */

const most = 20_000

export class Expiring {
  readonly #until = new Map<string, number>()

  add(name: string, until: number, now: number): void {
    // They last about as long as each other: what ends first came first.
    for (const [old, end] of this.#until) {
      if (end > now) break
      this.#until.delete(old)
    }
    this.#until.set(name, until)
    if (this.#until.size > most) this.#until.delete(this.#until.keys().next().value ?? '')
  }

  has(name: string, now: number): boolean {
    return (this.#until.get(name) ?? 0) > now
  }
}
