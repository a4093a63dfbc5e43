/** Tells that something in a folder may have changed. */

import { watch } from 'node:fs'

interface Timing {
  /** Changes that come within so many milliseconds are told as one. */
  readonly debounce: number
  /** Milliseconds between looks that need no event: mounts and network folders tell of none. */
  readonly poll: number
}

/** Calls `onChange` until the returned function is called. Never throws: where there are no events, it looks. */
export function watchFolder(folder: string, timing: Timing, onChange: () => void): () => void {
  let pending: NodeJS.Timeout | undefined
  const soon = () => {
    pending ??= setTimeout(() => {
      pending = undefined
      onChange()
    }, timing.debounce)
  }
  const poll = setInterval(soon, timing.poll)
  poll.unref()
  const watcher = watched(folder, soon)
  return () => {
    clearTimeout(pending)
    clearInterval(poll)
    watcher?.close()
  }
}

function watched(folder: string, onChange: () => void) {
  try {
    // An error, such as of a folder that was replaced, leaves the polling.
    const watcher = watch(folder, { persistent: false }, onChange)
    return watcher.on('error', () => {
      watcher.close()
    })
  } catch {
    return undefined
  }
}
