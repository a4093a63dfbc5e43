/** Bounds how many reads of the catalogue run at a time: agents' own statements need room, too. */

export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** Runs `most` at a time; the others wait in the order they came. */
export function gate(most: number): Gate {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // The place goes to the next one without being free in between.
      if (next === undefined) running -= 1
      else next()
    }
  }
}
