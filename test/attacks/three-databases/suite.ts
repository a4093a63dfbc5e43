/** One run of the suite for one mask method: lists, ordinary work, and statements by seed. */

import { attackLists, benignLists } from '../lists/index.ts'
import type { CompiledMask } from '../../../sidecar/control/bundle.ts'
import type { MethodName } from '../lists/types.ts'
import { rawOf, tryBenign } from './benign.ts'
import { statementOf } from './generator/statements.ts'
import { judgeOf, type Judge } from './judge.ts'
import { faultsOf, tryAttack } from './lists.ts'
import { mutationOf } from './generator/mutations.ts'
import { counted, noCount, type Count } from './report.ts'
import { startWorld, type World } from './world.ts'

export interface SuiteOptions {
  readonly method: MethodName
  readonly usage: CompiledMask['usage']
  /** Lists by name; undefined for all. */
  readonly lists?: readonly string[] | undefined
  /** How many statements by seed. */
  readonly generate: number
  readonly seed: number
  /** Milliseconds, of `performance.now`, after which no other statement is begun. */
  readonly until?: number
  /** Ends with the first finding. */
  readonly untilFirst?: boolean
  readonly onStatement?: (count: Count) => void
}

export interface SuiteResult {
  readonly attacks: Count
  readonly benign: Count
  readonly generated: Count
}

export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const world = await startWorld(options.method, options.usage)
  try {
    const judge = judgeOf(world)
    return {
      attacks: await runAttacks(judge, options),
      benign: await runBenign(world, judge, options),
      generated: await runGenerated(judge, options),
    }
  } finally {
    await world.close()
  }
}

const wanted = <T>(lists: Readonly<Record<string, readonly T[]>>, names: readonly string[] | undefined) =>
  Object.entries(lists).flatMap(([name, list]) => names === undefined || names.includes(name) ? list : []) // prettier-ignore

async function runAttacks(judge: Judge, options: SuiteOptions): Promise<Count> {
  const { method, usage, lists, onStatement } = options
  const count = noCount()
  for (const attack of wanted(attackLists, lists)) {
    if (attack.methods?.includes(method) === false) continue
    const { answer, finding } = await tryAttack(judge, attack, method, usage)
    counted(count, answer.ended, finding)
    onStatement?.(count)
    if (options.untilFirst === true && finding !== undefined) break
  }
  return count
}

/** What runs must run whatever the mask; what it must give is the same for all. */
async function runBenign(world: World, judge: Judge, options: SuiteOptions): Promise<Count> {
  const { lists, onStatement } = options
  const count = noCount()
  const [side] = world.sides
  if (side === undefined) return count
  const raw = rawOf(side)
  for (const statement of wanted(benignLists, lists)) {
    const { answer, finding } = await tryBenign(judge, raw, statement)
    counted(count, answer.ended, finding)
    onStatement?.(count)
  }
  return count
}

async function runGenerated(judge: Judge, options: SuiteOptions): Promise<Count> {
  const { generate, seed, usage, until = Infinity, onStatement } = options
  const count = noCount()
  const listed = wanted(attackLists, undefined).filter(({ same, setup }) => same !== false && setup === undefined)
  const heat = usage === 'AtRead' ? 1 : 0.05
  for (let number = 0; number < generate && performance.now() < until; number += 1) {
    // Every fourth is a listed statement, changed.
    const from = number % 4 === 3 ? listed[(number >> 2) % Math.max(listed.length, 1)] : undefined
    const sql = from === undefined ? statementOf({ seed, heat }, number) : mutationOf(from.sql, seed, number)
    const answer = await judge.ask({ sql, at: from?.at, binds: from?.binds })
    const wrong = faultsOf(answer)
    const finding = wrong.length === 0 ? undefined : { id: `seed ${seed}, statement ${number}`, sql, wrong }
    counted(count, answer.ended, finding)
    onStatement?.(count)
  }
  return count
} // prettier-ignore
