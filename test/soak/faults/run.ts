/** Fault scripts over a workload: nothing runs twice or unrecorded, nothing is cut unnoticed, nothing leaks. */

import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { playScript } from '../../../examples/warehouse/http/fault-script.ts'
import type { FaultHook } from '../../../examples/warehouse/warehouse.ts'
import { verifyRecording } from '../../../sidecar/recording/verify.ts'
import type { Random } from '../../fuzz/random.ts'
import { eventually } from '../../support/gateway.ts'
import type { FuzzOptions } from '../requests/run.ts'
import type { Harm, Tally } from '../tally.ts'
import { choicesOf } from '../values.ts'
import { planOf, type Action, type Plan } from './classes.ts'
import { Driver, type Drops, type Taken } from './driver.ts'
import { openSockets, startSite, type Site, type Stage } from './site.ts'
import { masked, wantedFor, workOf, type Work } from './workload.ts'

/** Scripts of one warehouse. */
const perSite = 40
const sessions = 3
const perScript = 15
/** Bytes that the heap may have grown from the first warehouse's end to the last one's. */
const growthAllowed = 48 * 1024 * 1024

export async function runFaults({ seed, cases, only, onProgress }: FuzzOptions, tally: Tally): Promise<void> {
  const numbers = only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only]
  const heaps: number[] = []
  for (let from = 0; from < numbers.length; from += perSite) {
    const site = await startSite()
    for (const [at, index] of numbers.slice(from, from + perSite).entries()) {
      await one(site, { seed, index }, tally)
      onProgress?.(from + at + 1)
    }
    await site.close()
    heaps.push(heapAfterCollection())
  }
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)]
  tally.count('memory')
  if (last - first > growthAllowed) {
    const what = `the heap grew from ${first} to ${last} bytes over ${heaps.length} warehouses`
    tally.harm('memory', 'other', { part: 'faults', index: numbers.at(-1) ?? 0, what })
  }
} // prettier-ignore

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

interface Which {
  readonly seed: number
  readonly index: number
}

async function one(site: Site, { seed, index }: Which, tally: Tally): Promise<void> {
  const choices = choicesOf(seed + 13, index)
  const plan = planOf(seed, index, choices)
  tally.count(plan.name)
  const wrong = (harm: Harm, what: string): void => {
    tally.harm(plan.name, harm, { part: 'faults', index, what: `${plan.name}: ${what}` })
  }
  const work = workOf(index, perScript, choices, wantedFor(plan.name))
  const stage = await site.begin()
  site.hook = watched(playScript(plan.script), stage, (sql) => {
    wrong('unrecorded', `the warehouse got ${sql.slice(0, 120)} before it was recorded as allowed`)
  })
  const taken = await carryOut({ site, stage, plan, work, at: actionTimes(plan, choices) }, (what) => {
    wrong('leaked', `a client got ${what}`)
  })
  stage.disk = 'good'
  await stage.close()
  site.hook = undefined
  for (const [at, each] of work.entries()) await judge(site, each, taken[at], { wrong, name: JSON.stringify(plan), lost: () => { tally.harm(plan.name, 'lost') } })
  const report = await verifyRecording(stage.recording)
  if (!report.ok) wrong('unrecorded', `verify: ${report.fault?.message ?? ''}`)
  await stage.remove()
  const ports = [site.warehouse.port, Number(new URL(site.warehouse.storageUrl).port), Number(new URL(stage.url).port)]
  await eventually(() => openSockets(ports) === 0, 15_000).catch(() => {
    wrong('other', `${openSockets(ports)} sockets are left open`)
  })
} // prettier-ignore

/** The gateway's own texts, which no agent wrote. */
const own =
  /^(?:(?:BEGIN|COMMIT|ROLLBACK)$|USE SECONDARY ROLES NONE|SELECT CURRENT_SECONDARY_ROLES\(\)|SELECT .* FROM (?:"[^"]+"\.)?INFORMATION_SCHEMA\.|SHOW |DESCRIBE |DESC |SELECT GET_DDL)/is

export function watched(play: FaultHook, stage: Pick<Stage, 'allowed'>, onUnrecorded: (sql: string) => void): FaultHook {
  return (point) => {
    const { route, sqlText = '' } = point
    if (route === 'query' && !own.test(sqlText) && !stage.allowed.has(sqlText)) onUnrecorded(sqlText)
    return play(point)
  }
} // prettier-ignore

const actionTimes = ({ actions }: Plan, choices: Random): ReadonlyMap<number, Action> =>
  new Map(actions.map((action) => [1 + choices.below(perScript - 4), action]))

interface Script {
  readonly site: Site
  readonly stage: Stage
  readonly plan: Plan
  readonly work: readonly Work[]
  /** What happens as the statement of this number begins. */
  readonly at: ReadonlyMap<number, Action>
}

/** The statements, by three sessions that take turns; in the order of `work`. */
async function carryOut({ site, stage, work, at }: Script, onLeak: (what: string) => void): Promise<readonly (Taken | undefined)[]> {
  const taken: (Taken | undefined)[] = []
  const mint = () => site.issuer.mint({ subject: 'agent-7', groups: ['ai-coding-agents'] })
  let next = 0
  const session = async (): Promise<void> => {
    const driver = new Driver(() => stage.url, mint, onLeak)
    for (let number = next++; number < work.length; number = next++) {
      const drops: Drops = {}
      const action = at.get(number)
      if (action !== undefined) await actions[action](site, stage, drops)
      taken[number] = await driver.query(work[number]?.body ?? {}, drops)
      // Whatever ails the disk or the clock, ails it for four statements.
      if (number % 4 === 3) { stage.disk = 'good'; stage.ahead = 0 }
    }
    await driver.logout()
  }
  await Promise.all(Array.from({ length: sessions }, session))
  return taken
} // prettier-ignore

const hour = 3_600_000
const actions: Readonly<Record<Action, (site: Site, stage: Stage, drops: Drops) => Promise<void> | void>> = {
  restart: (_, stage) => stage.restart(),
  dropStatement: (_, __, drops) => void (drops.statement = 15),
  dropHold: (_, __, drops) => void (drops.statement = 30),
  dropChunk: (_, __, drops) => void (drops.chunk = 5),
  diskFull: (_, stage) => void (stage.disk = 'full'),
  diskReadOnly: (_, stage) => void (stage.disk = 'read-only'),
  clockForward: (_, stage) => void (stage.ahead = hour),
  clockBack: (_, stage) => void (stage.ahead = -hour),
  expireTokens: ({ warehouse }) => { warehouse.expireSessionTokens() },
  endSessions: ({ warehouse }) => { warehouse.endSessions() },
} // prettier-ignore

interface Verdicts {
  readonly wrong: (harm: Harm, what: string) => void
  readonly lost: () => void
  /** The plan, as text. */
  readonly name?: string
}

export async function judge({ warehouse }: Pick<Site, 'warehouse'>, work: Work, taken: Taken | undefined, { wrong, lost, name = '' }: Verdicts): Promise<void> {
  const succeeded = taken?.rows !== undefined
  for (const marker of work.inserts) {
    const runs = warehouse.executions(`'${marker}'`).length
    const sql = `SELECT COUNT(*) FROM ANALYTICS.PUBLIC.${work.kind === 'held' ? 'SOAK_HELD' : 'SOAK'} WHERE MARKER = '${marker}'`
    const rows = Number((await warehouse.execute(sql))[0]?.[0])
    if (runs > 1 || rows > 1) wrong('doubled', `${marker} ran ${runs} times and left ${rows} rows`)
    if (succeeded && rows !== 1) wrong('other', `${marker} was told as done and left ${rows} rows`)
    if (!succeeded && rows === 1) lost()
  }
  if (work.truth === undefined || taken?.rows === undefined) return
  // Chunks without masks pass unread: what a store makes of them it answers for.
  if (work.kind === 'chunks' && name.includes('wrongRows')) return
  const truth = masked(await warehouse.execute(work.truth), work.truth)
  if (digest(taken.rows) !== digest(truth))
    wrong('cut', `${work.kind}: ${taken.rows.length} rows were taken for the whole, ${truth.length} are true`)
} // prettier-ignore

const digest = (rows: unknown): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex')
