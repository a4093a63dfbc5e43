/** Statements of ordinary work: through the gateway they must give what the database itself gives. */

import type { ListedBenign, Stand } from '../lists/types.ts'
import type { DriverSession, Seen } from './driver.ts'
import { faultsOf, type Finding } from './lists.ts'
import type { Answer, Judge } from './judge.ts'
import { withoutIds } from './seen.ts'
import type { Side } from './world.ts'

export interface Raw {
  /** What the first database itself gives, past the gateway. */
  ask(statement: ListedBenign): Promise<Seen>
}

export function rawOf(side: Side): Raw {
  const standing = new Map<Stand, Promise<DriverSession>>()
  return {
    ask: async ({ sql, at = 'HEALTH.PHI', setup = [], binds }) => {
      const own = setup.length > 0
      const shared = standing.get(at) ?? side.rawLogin(at)
      if (!own) standing.set(at, shared)
      const session = await (own ? side.rawLogin(at) : shared)
      for (const earlier of setup) await session.send({ sql: earlier })
      const seen = await session.send({ sql, binds })
      if (own) await session.close()
      if (!/^\s*(?:SELECT|WITH|SHOW|DESC|\()/i.test(sql) || own) await side.reset()
      return seen
    },
  }
}

export async function tryBenign(
  judge: Judge,
  raw: Raw,
  statement: ListedBenign,
): Promise<{ readonly answer: Answer; readonly finding: Finding | undefined }> {
  const { id, sql, refused, runs } = statement
  const answer = await judge.ask(statement)
  const wrong = [...faultsOf(answer)]
  const { ended, outcomes } = answer
  const [first] = outcomes
  if (refused !== undefined) {
    if (ended !== refused.outcome) wrong.push(`ended as ${ended}, not ${refused.outcome}`)
  } else if (runs === false) {
    if (first?.emitted === null) wrong.push(`ended as ${ended}`)
  } else if (first?.driver.error) {
    wrong.push(`ended as ${ended}: ${first.driver.error.message.slice(0, 300)}`)
  } else if (first !== undefined) {
    wrong.push(...unlike(first.driver, await raw.ask(statement), statement.masked ?? []))
  }
  const finding = wrong.length === 0 ? undefined : { id, sql, wrong }
  return { answer, finding }
}

function unlike(through: Seen, direct: Seen, masked: readonly string[]): readonly string[] {
  if (direct.error !== null) return [`the database itself refuses it: ${direct.error.message}`]
  const columns = (seen: Seen) => JSON.stringify(seen.columns.map(({ name, type, precision, scale }) => ({ name, type, precision, scale }))) // prettier-ignore
  if (columns(through) !== columns(direct)) {
    return [`columns ${columns(through)} where the database gives ${columns(direct)}`]
  }
  if (through.rows.length !== direct.rows.length) {
    return [`${through.rows.length} rows where the database gives ${direct.rows.length}`]
  }
  const open = through.columns.flatMap(({ name }, index) => (masked.includes(name) ? [] : [index]))
  const row = direct.rows.findIndex(
    (text, index) => unmasked(text, open) !== unmasked(through.rows[index] ?? '[]', open),
  )
  if (row < 0) return []
  return [
    `row ${row + 1} is ${through.rows[row] ?? ''} where the database gives ${direct.rows[row] ?? ''}`,
  ]
}

function unmasked(row: string, open: readonly number[]): string {
  const cells = JSON.parse(row) as readonly unknown[]
  return withoutIds(JSON.stringify(open.map((index) => cells[index])))
}
