/** Asks an oracle about many statements. None can hang or break more than its own answer. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { OracleName } from './oracle.ts'
import type { TableName } from './tree.ts'
import type { Answer } from './worker.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
const startMs = 20_000
const heapMb = 512

export interface Limits {
  /** Milliseconds for one statement. */
  readonly deadlineMs: number
  /** Statements longer than this, in UTF-16 units, are not asked about. */
  readonly maxLength: number
  /** Bytes of resident memory from which on a fresh process takes over. */
  readonly maxMemory: number
}

const usual: Limits = { deadlineMs: 5_000, maxLength: 20_000, maxMemory: 1_000_000_000 }

/** `late` and `broken`: the oracle had to be killed, or died. */
export type Verdict =
  | { readonly tables: readonly TableName[] }
  | { readonly fault: 'refused' | 'long' | 'late' | 'broken' }

/**
 * One verdict for each statement, in order; `started` is told of each process. Rejects only when
 * the oracle does not start.
 */
export async function askOracle(
  name: OracleName,
  statements: readonly string[],
  limits: Partial<Limits> = {},
  started: () => void = () => undefined,
): Promise<readonly Verdict[]> {
  const { deadlineMs, maxLength, maxMemory } = { ...usual, ...limits }
  const verdicts: Verdict[] = []
  let child: ChildProcess | undefined
  try {
    for (const sql of statements) {
      if (sql.length > maxLength) {
        verdicts.push({ fault: 'long' })
        continue
      }
      if (child === undefined) {
        child = await start(name)
        started()
      }
      const answer = await ask(child, sql, deadlineMs)
      verdicts.push(verdictOf(answer))
      if (typeof answer === 'string' || answer.memory > maxMemory) {
        child.kill('SIGKILL')
        child = undefined
      }
    }
  } finally {
    child?.kill('SIGKILL')
  }
  return verdicts
}

function verdictOf(answer: Answer | 'late' | 'broken'): Verdict {
  if (typeof answer === 'string') return { fault: answer }
  return answer.tables === undefined ? { fault: 'refused' } : { tables: answer.tables }
}

async function start(name: OracleName): Promise<ChildProcess> {
  const execArgv = [`--max-old-space-size=${heapMb}`, '--disable-warning=ExperimentalWarning']
  const child = fork(worker, [name], { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const ready = await next(child, startMs)
  if (ready !== 'ready') {
    child.kill('SIGKILL')
    throw new Error(`the oracle ${name} does not start`)
  }
  return child
}

async function ask(child: ChildProcess, sql: string, deadlineMs: number) {
  const answered = next(child, deadlineMs)
  child.send(sql)
  return (await answered) as Answer | 'late' | 'broken'
}

/** The next message of a child; `late` after so many milliseconds, `broken` when it ends first. */
function next(child: ChildProcess, deadlineMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = (value: unknown) => {
      clearTimeout(timer)
      child.off('message', settle).off('exit', broken)
      resolve(value)
    }
    const broken = () => {
      settle('broken')
    }
    const timer = setTimeout(settle, deadlineMs, 'late')
    child.on('message', settle).on('exit', broken)
  })
}
