/**
 * Reads of which each must begin after it was asked for. Many statements that people let through at
 * the same moment ask about the same objects: what has not begun yet is new enough for all of them.
 */

/** `key`: reads of the same key give the same. */
export type FreshReads<T> = (key: string, read: () => Promise<T>) => Promise<T>

/** One that is slow holds nobody up; the third waits for either. */
const mostAtOnce = 2

interface Line<T> {
  running: number
  /** Shared by all who ask until it begins. */
  next: { readonly begin: () => void; readonly result: Promise<T> } | undefined
}

export function freshReads<T>(): FreshReads<T> {
  const lines = new Map<string, Line<T>>()

  async function run(key: string, line: Line<T>, read: () => Promise<T>): Promise<T> {
    line.running += 1
    try {
      return await read()
    } finally {
      line.running -= 1
      const { next } = line
      line.next = undefined
      next?.begin()
      if (line.running === 0) lines.delete(key)
    }
  }

  return (key, read) => {
    const line: Line<T> = lines.get(key) ?? { running: 0, next: undefined }
    lines.set(key, line)
    if (line.running < mostAtOnce) return run(key, line, read)
    if (line.next === undefined) {
      const { promise, resolve } = Promise.withResolvers<T>()
      line.next = {
        begin: () => {
          resolve(run(key, line, read))
        },
        result: promise,
      }
    }
    return line.next.result
  }
}
