/** Sends one statement to all three, and says what is wrong with what came back. */

import type { Bind, Stand } from '../lists/types.ts'
import { difference } from './compare.ts'
import type { DriverSession, Sent } from './driver.ts'
import { mayShow, rawSearch } from './raw-values.ts'
import { outcomeOn, type Outcome } from './seen.ts'
import type { World } from './world.ts'

export interface Question {
  readonly sql: string
  readonly at?: Stand | undefined
  readonly binds?: readonly Bind[] | undefined
  readonly setup?: readonly string[] | undefined
  readonly meanwhile?: readonly string[] | undefined
  readonly way?: Sent['way']
}

export interface Answer {
  /** One for each database. */
  readonly outcomes: readonly Outcome[]
  /** How it ended on the first. */
  readonly ended: Outcome['ended']
  /** In what the three differ. */
  readonly difference: string | undefined
  /** Protected values that could be seen, in an answer or in the recording. */
  readonly raw: readonly string[]
  /** The first earlier statement that did not succeed. */
  readonly setupFailed: string | undefined
}

export interface Judge {
  ask(question: Question): Promise<Answer>
}

/** Kinds that leave the session as it was, and kinds that leave the database as it was. */
const leavesSession = /^(?:Select|Show|Describe|Explain)/
const leavesDatabase = /^(?:Select|Show|Describe|Explain|Use|AlterSession|Set|Unset)/

export function judgeOf(world: World): Judge {
  const rawIn = rawSearch(world.method)
  const standing = new Map<Stand, readonly DriverSession[]>()

  const login = (stand: Stand) => Promise.all(world.sides.map((side) => side.login(stand)))

  /** Sessions that all statements share which change nothing. */
  async function shared(stand: Stand): Promise<readonly DriverSession[]> {
    const known = standing.get(stand) ?? (await login(stand))
    standing.set(stand, known)
    return known
  }

  async function onEach(sessions: readonly DriverSession[], sent: Sent) {
    return Promise.all(
      world.sides.flatMap((side, index) => {
        const session = sessions[index]
        return session === undefined ? [] : [outcomeOn(side, session, sent)]
      }),
    )
  }

  async function ask(question: Question): Promise<Answer> {
    const { sql, at = 'HEALTH.PHI', binds, setup = [], meanwhile = [], way } = question
    const own = setup.length > 0
    const sessions = own ? await login(at) : await shared(at)
    const before: Outcome[][] = []
    for (const earlier of setup) before.push(await onEach(sessions, { sql: earlier }))
    for (const other of meanwhile) {
      await Promise.all(world.sides.map((side) => side.warehouse.execute(other)))
    }
    const outcomes = await onEach(sessions, { sql, binds, way })
    const all = [...before, outcomes]
    const found = all.map(difference).find((each) => each !== undefined)
    const repeatable = !own && outcomes.every(({ kind }) => leavesSession.test(kind ?? ''))
    const again = () => onEach(sessions, { sql, binds, way })
    const byChance = found !== undefined && repeatable && (await isChance(outcomes, again))
    const ran = all.flat().flatMap(({ emitted, kind }) => (emitted === null ? [] : (kind ?? '')))
    if (own || ran.some((kind) => !leavesSession.test(kind))) {
      await Promise.all(sessions.map((session) => session.close()))
      if (!own) standing.delete(at)
    }
    const others = meanwhile.length > 0
    if (others || ran.some((kind) => !leavesDatabase.test(kind))) {
      await Promise.all(world.sides.map((side) => side.reset(others)))
    }
    const failed = before.findIndex((each) => each.some(({ driver }) => driver.error !== null))
    return {
      outcomes,
      ended: outcomes[0]?.ended ?? 'failed',
      difference: byChance ? undefined : found,
      raw: mayShow(sql) ? [] : rawSeen([...setup, sql], all.flat()),
      setupFailed: failed < 0 ? undefined : setupError(setup[failed], before[failed]),
    }
  }

  function rawSeen(written: readonly string[], outcomes: readonly Outcome[]): readonly string[] {
    const own = new Set(rawIn(written.join('\n')))
    const seen = outcomes.flatMap(({ driver, wire, recorded }) =>
      rawIn(`${JSON.stringify(driver)}\n${wire.join('\n')}\n${recorded}`),
    )
    return [...new Set(seen)].filter((value) => !own.has(value))
  }

  return { ask }
}

const tries = 10

/**
 * Rows without a total order may come in another one each time, even from one database. Then some
 * database must be seen to change its answer, and there must be an answer that all three give.
 */
async function isChance(
  first: readonly Outcome[],
  again: () => Promise<readonly Outcome[]>,
): Promise<boolean> {
  const seen = first.map((outcome) => new Set([answerOf(outcome)]))
  for (let left = tries; left > 0; left -= 1) {
    const next = await again()
    for (const [index, answers] of seen.entries()) answers.add(answerOf(next[index]))
    const shared = [...(seen[0] ?? [])].some((answer) => seen.every((each) => each.has(answer)))
    if (shared && seen.some((answers) => answers.size > 1)) return true
  }
  return false
}

const answerOf = (outcome: Outcome | undefined): string =>
  JSON.stringify([outcome?.driver, outcome?.wire, outcome?.emitted, outcome?.ended])

function setupError(sql: string | undefined, outcomes: readonly Outcome[] | undefined): string {
  const message = outcomes?.find(({ driver }) => driver.error !== null)?.driver.error?.message
  return `${sql ?? ''}: ${message ?? ''}`
}
