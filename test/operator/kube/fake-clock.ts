/** A clock that stands still until it is moved. */

import type { Clock } from '../../../operator/kube/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export class FakeClock implements Clock {
  #now = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper)
        resolve()
      })
    })
  }

  /** Moves on, waking sleepers in their order, and lets everybody do what there is to do. */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const next = this.#sleepers
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)
        .at(0)
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((each) => each !== next)
      this.#now = next.at
      next.wake()
    }
    this.#now = end
    await settle()
  }

  /** Time passes while nobody gets to run, as in a process that was stopped. */
  jump(ms: number): void {
    this.#now += ms
  }
}
