/** A client at work: what it says, and when each of its calls returned. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

import type { Answer } from '../answer.ts'
import { clientEnvironment, writePlan, type PlanOptions } from '../client.ts'
import type { Driver } from '../driver.ts'

export interface Returned {
  readonly answer: Answer
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface WaitingClient {
  /** Rejects if the client ends before. */
  returned(check: string): Promise<Returned>
  /** Rejects if it does not end well. */
  ended: Promise<void>
  /** Ends it, if it still runs. */
  kill(): void
}

const timeoutMs = 150_000

export async function startWaiting(
  { command }: Driver,
  options: PlanOptions,
): Promise<WaitingClient> {
  const [program, ...words] = command
  const child = spawn(program, [...words, await writePlan(options)], {
    cwd: options.folder,
    env: clientEnvironment(options.folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const complaints = text(child.stderr)
  const waiters = new Map<string, PromiseWithResolvers<Returned>>()
  const waiter = (check: string): PromiseWithResolvers<Returned> => {
    const known = waiters.get(check) ?? Promise.withResolvers<Returned>()
    waiters.set(check, known)
    // Whoever does not look is told nothing.
    known.promise.catch(() => undefined)
    return known
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const answer = JSON.parse(line) as Answer
    waiter(answer.check).resolve({ answer, at: Date.now() })
  })
  const ended = once(child, 'close').then(async ([code, signal]: unknown[]) => {
    const error = new Error(`the client ended with ${String(code ?? signal)}: ${(await complaints).slice(-1500)}`) // prettier-ignore
    for (const { reject } of waiters.values()) reject(error)
    if (code !== 0) throw error
  })
  ended.catch(() => undefined)
  return { returned: (check) => waiter(check).promise, ended, kill: () => child.kill('SIGKILL') }
}
