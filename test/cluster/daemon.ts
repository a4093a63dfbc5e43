/**
 * Long-running programs of the cluster: each with a log file of its own, stopped by its own pid,
 * and never left behind when the test process ends, however it ends.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { waitUntil, type WaitOptions } from './wait.ts'

export interface DaemonOptions {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly logFolder: string
  readonly env?: Readonly<Record<string, string>>
  /** What it gets when this process dies without stopping it; KILL unless it must clean up. */
  readonly orphanSignal?: 'KILL' | 'TERM'
  /** Between SIGTERM and SIGKILL, 20 unless told. */
  readonly graceSeconds?: number
}

export interface Daemon {
  readonly name: string
  readonly pid: number
  readonly log: string
  /** How it ended, undefined while it runs. */
  readonly ended: () => string | undefined
  /** Waits for it to be of use. Fails with the end of its log when it ends or takes too long. */
  readonly ready: (
    what: string,
    probe: () => Promise<boolean>,
    options?: WaitOptions,
  ) => Promise<void>
  /** SIGTERM, after the grace SIGKILL; resolves when it has ended. */
  readonly stop: () => Promise<void>
  /** Resident memory in MiB: now, and the most it ever was. Linux only. */
  readonly memory: () => Promise<{ now: number; most: number } | undefined>
}

const running = new Map<number, NodeJS.Signals>()
let guarded = false

/** @throws Error when the program cannot be started. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { name, program, args, logFolder, env = {} } = options
  const { orphanSignal = 'KILL', graceSeconds = 20 } = options
  guardAgainstOrphans()
  const log = join(logFolder, `${name}.log`)
  const output = openSync(log, 'a')
  // The kernel ends it with this process even where no handler runs (SIGKILL, a crash).
  const guard = canDieWithParent() ? ['setpriv', '--pdeathsig', orphanSignal, '--'] : []
  const [first = program, ...rest] = [...guard, program, ...args]
  const child = spawn(first, rest, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    // A session of its own: Ctrl-C reaches this process only, which then stops all in order.
    detached: true,
  })
  closeSync(output)
  const { pid } = child
  try {
    await once(child, 'spawn')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${name}: ${program} could not be started: ${why}`, { cause: error })
  }
  if (pid === undefined) throw new Error(`${name}: ${program} has no process id`)
  running.set(pid, orphanSignal === 'TERM' ? 'SIGTERM' : 'SIGKILL')
  child.on('exit', () => running.delete(pid))
  return {
    name,
    pid,
    log,
    ended: () => endOf(child),
    ready: async (what, probe, wait = {}) => {
      try {
        const hopeless = (): string | undefined => {
          const end = endOf(child)
          return end === undefined ? undefined : `${name} ended: ${end}`
        }
        await waitUntil(what, probe, (good) => good, { seconds: 60, hopeless, ...wait })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`${why}\nThe end of ${log}:\n${tailOf(log)}`, { cause: error })
      }
    },
    stop: () => stop(child, graceSeconds),
    memory: () => memoryOf(pid),
  }
}

/** The last lines of a log file, for an error message. */
export function tailOf(log: string, lines = 15): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
}

async function stop(child: ChildProcess, graceSeconds: number): Promise<void> {
  if (endOf(child) !== undefined) return
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  child.kill('SIGTERM')
  const patience = new AbortController()
  const late = sleep(graceSeconds * 1000, 'late', { signal: patience.signal }).catch(
    () => undefined,
  )
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL')
  patience.abort()
  await ended
}

function endOf({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (signalCode !== null) return signalCode
  return exitCode === null ? undefined : `exit code ${exitCode}`
}

async function memoryOf(pid: number): Promise<{ now: number; most: number } | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const mebibytes = (field: string): number | undefined => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]
    return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1024)
  }
  const now = mebibytes('VmRSS')
  const most = mebibytes('VmHWM')
  return now === undefined || most === undefined ? undefined : { now, most }
}

let diesWithParent: boolean | undefined

function canDieWithParent(): boolean {
  diesWithParent ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).status === 0
  return diesWithParent
}

/** For machines without setpriv, and for an end by process.exit(). */
function guardAgainstOrphans(): void {
  if (guarded) return
  guarded = true
  process.on('exit', () => {
    for (const [pid, signal] of running) {
      try {
        process.kill(pid, signal)
      } catch {
        // It ended by itself.
      }
    }
  })
}
