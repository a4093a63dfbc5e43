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
