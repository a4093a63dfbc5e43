/** A line on stderr that says how far a command is, for whoever watches. */

import type { Terminal } from './output.ts'

export interface Progress {
  update(done: number, total: number): void
  /** Takes the line away. */
  stop(): void
}

/** Milliseconds before it shows at all, and between two drawings. */
const patience = 1000
const interval = 200

/** `now` counts milliseconds from anywhere. */
export function startProgress(
  label: string,
  terminal: Pick<Terminal, 'live' | 'redraw'>,
  now: () => number = () => performance.now(),
): Progress {
  if (!terminal.live) return { update: () => undefined, stop: () => undefined }
  let next = now() + patience
  let shown = false
  return {
    update: (done, total) => {
      const time = now()
      if (time < next) return
      next = time + interval
      shown = true
      terminal.redraw(`${label} ${Math.floor((100 * done) / Math.max(total, 1))} %`)
    },
    stop: () => {
      if (shown) terminal.redraw('')
    },
  }
}

/**
 * Runs `work` under a line that says what is going on, for work whose end cannot be counted. The
 * line goes before anything else is printed.
 */
export async function withStatus<T>(
  label: string,
  terminal: Pick<Terminal, 'live' | 'redraw'>,
  work: () => Promise<T>,
): Promise<T> {
  if (!terminal.live) return await work()
  const started = performance.now()
  const timer = setInterval(() => {
    const seconds = Math.floor((performance.now() - started) / 1000)
    terminal.redraw(`${label} ${seconds} s`)
  }, patience)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    terminal.redraw('')
  }
}
