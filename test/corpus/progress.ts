/** A line that says how far a long run is, on a terminal only. */

export interface Progress {
  readonly step: (done: number) => void
  readonly end: () => void
}

export function progress(stream: NodeJS.WriteStream, what: string, of: number): Progress {
  if (!stream.isTTY) return { step: () => undefined, end: () => undefined }
  let shown = 0
  return {
    step(done) {
      const now = performance.now()
      if (now - shown < 100) return
      shown = now
      stream.write(`\r\u001b[K${what} ${done}/${of}`)
    },
    end() {
      stream.write('\r\u001b[K')
    },
  }
}
