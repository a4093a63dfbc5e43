/**
 * Who may run beside whom in one session, and in all sessions of one principal. What an approval is
 * bound to must not change between the last look at it and the end of the statement: so what was
 * approved waits for statements that change the session, or anywhere an object, and they for it.
 * All others take no turn.
 */

export type Turn =
  /** It changes what others mean: SET, USE, ALTER SESSION, BEGIN, DDL; or it writes. */
  | 'changes'
  /** A person approved it. */
  | 'approved'
  | 'both'

interface Waiting {
  readonly turn: Turn
  readonly begin: () => void
}

/** In the order of the calls, so that nobody waits for ever. */
export class Turns {
  readonly #waiting: Waiting[] = []
  readonly #taken: Record<Turn, number> = { changes: 0, approved: 0, both: 0 }

  /** Gives what ends the turn; a second call does nothing. Rejects with the signal's reason. */
  async take(turn: Turn, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const begun = Promise.withResolvers<undefined>()
    const waiting: Waiting = {
      turn,
      begin: () => {
        this.#taken[turn] += 1
        begun.resolve(undefined)
      },
    }
    const leave = (): void => {
      const at = this.#waiting.indexOf(waiting)
      // It has begun already: whoever took it ends it.
      if (at < 0) return
      this.#waiting.splice(at, 1)
      begun.reject(signal.reason)
      this.#admit()
    }
    this.#waiting.push(waiting)
    signal.addEventListener('abort', leave, { once: true })
    this.#admit()
    try {
      await begun.promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#taken[turn] -= 1
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.turn); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.begin()
    }
  }

  #fits(turn: Turn): boolean {
    const { changes, approved, both } = this.#taken
    if (both > 0) return false
    if (turn === 'changes') return approved === 0
    return turn === 'approved' ? changes === 0 : changes + approved === 0
  }
}
