/** Child processes that print their address, and what the kernel says they used. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Measured {
  readonly url: string
  /** CPU seconds since its start, user and system. */
  cpuSeconds(): number
  /** Resident memory now, MB. */
  rss(): number
  stop(): Promise<void>
}

/** A process that says nothing it is waited for, but lives on, is ended. */
const startsWithinMs = 60_000

/** Linux reports CPU time in ticks of 10 ms. */
const ticksPerSecond = 100

/** `find` gets the address from a line of stdout or stderr. */
export async function startMeasured(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  find: (line: string) => string | undefined,
): Promise<Measured> {
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await addressOf(child, find)
  const pid = String(child.pid)
  return {
    url,
    cpuSeconds: () => {
      // The second field is the command in brackets, which may hold blanks.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    rss: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function addressOf(
  child: ChildProcess,
  find: (line: string) => string | undefined,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      const url = find(line)
      if (url !== undefined) resolve(url)
    })
  }
  const failed = (what: string): void => {
    reject(new Error(`a process ${what} before it was ready:\n${lines.join('\n')}`))
  }
  child.once('exit', () => {
    failed('ended')
  })
  const late = setTimeout(() => {
    child.kill('SIGKILL')
    failed(`took more than ${startsWithinMs} ms`)
  }, startsWithinMs)
  try {
    return await promise
  } finally {
    clearTimeout(late)
  }
}
