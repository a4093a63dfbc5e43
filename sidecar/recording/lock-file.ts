/**
 * One writer per recording: `<file>.lock` names the process that has it. Node has no flock(), so a
 * lock left behind by a crash is told from a live one by asking after the process it names.
 */

import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'

import { RecordingError, systemCode } from './recording-error.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** Tells two processes of the same pid apart; null where the system does not say. */
  readonly started: string | null
}

export interface Lock {
  release(): Promise<void>
}

/** Takes the lock at `path`. Throws RecordingError `Locked` if another live process has it. */
export async function takeLock(path: string): Promise<Lock> {
  const mine = JSON.stringify(await thisProcess())
  // Written in full under another name, then linked: nobody ever sees half a lock.
  const draft = `${path}.${process.pid}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    while (!(await linked(draft, path))) await clearStale(path)
  } finally {
    await unlink(draft)
  }
  return {
    release: async () => {
      if ((await readText(path)) === mine) await unlink(path)
    },
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

async function clearStale(path: string): Promise<void> {
  const found = await readText(path)
  if (found === null) return
  const reason = await whyHeld(found)
  if (reason !== null) {
    throw new RecordingError(
      'Locked',
      `${path} is held: ${reason}. A recording has one writer; record to another file, or stop the other gateway. If you are sure that none runs, delete the lock file.`,
    )
  }
  // Two starters may both find the lock stale. Whoever moved away a fresh one puts it back.
  const aside = `${path}.stale-${process.pid}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  const moved = await readText(aside)
  if (moved !== found) await linked(aside, path)
  await unlink(aside)
}

/** Null if the lock is stale. What cannot be judged counts as held. */
async function whyHeld(text: string): Promise<string | null> {
  const holder = asHolder(text)
  if (holder === null) return 'its content is not a lock of Frostgate'
  if (holder.host !== hostname()) return `process ${holder.pid} on host ${holder.host} took it`
  if (!isAlive(holder.pid)) return null
  const started = await startOf(holder.pid)
  if (started !== null && holder.started !== null && started !== holder.started) return null
  return `process ${holder.pid} is running`
}

function asHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Holder, unknown>> | null
    if (value === null) return null
    const { pid, host, started } = value
    if (typeof pid !== 'number' || pid <= 0 || !Number.isSafeInteger(pid)) return null
    if (typeof host !== 'string' || (typeof started !== 'string' && started !== null)) return null
    return { pid, host, started }
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}

async function thisProcess(): Promise<Holder> {
  return { pid: process.pid, host: hostname(), started: await startOf(process.pid) }
}

/** Boot id and start time in clock ticks (proc(5), field 22 of stat). */
async function startOf(pid: number): Promise<string | null> {
  const boot = await readText('/proc/sys/kernel/random/boot_id')
  const stat = await readText(`/proc/${pid}/stat`)
  if (boot === null || stat === null) return null
  // The command name (field 2) is in brackets and may hold spaces and brackets itself.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? null : `${boot.trim()}/${ticks}`
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
