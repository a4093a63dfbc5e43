/** Requests without end at one gateway: it serves on, says only what it should, and passes nothing on. */

import { startWorld, type World } from '../../support/gateway.ts'
import { answersIn, faultsOf, leaksIn, refusedBy, type RawAnswer } from '../answer-shape.ts'
import type { Tally } from '../tally.ts'
import { strayIn } from '../upstream-rules.ts'
import { liveSql, rememberingScript, startBench, type Bench } from './bench.ts'
import { exchange } from './exchange.ts'
import { requestCase, type RequestCase } from './grammar.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly cases: number
  /** Only this case. */
  readonly only?: number | undefined
  readonly onProgress?: (done: number) => void
}

/** At a time: more would only wait for each other. */
const batch = 25
/** Cases of one gateway: then another starts, so that what it keeps stays small. */
const perGateway = 2_500

export async function fuzzRequests({ seed, cases, only, onProgress }: FuzzOptions, tally: Tally): Promise<void> {
  const world = await startWorld({ seed: { patients: 10, orders: 10 } })
  world.upstream.script = rememberingScript()
  const numbers = only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only]
  try {
    for (let from = 0; from < numbers.length; from += perGateway) {
      const bench = await startBench(world)
      world.upstream.seen.length = 0
      const some = numbers.slice(from, from + perGateway)
      const answered = new Map<string, number>()
      for (let at = 0; at < some.length; at += batch) {
        const now = some.slice(at, at + batch)
        await Promise.all(now.map((index) => one({ seed, index }, bench, tally, answered)))
        judgeUpstream(world, now, tally)
        await judgeLife(bench, now.at(-1) ?? 0, tally)
        onProgress?.(from + at + now.length)
      }
      await bench.close()
      judgeRecorded(bench, answered, some[0] ?? 0, tally)
    }
  } finally {
    await world.close()
  }
} // prettier-ignore

interface Which {
  readonly seed: number
  readonly index: number
}

async function one({ seed, index }: Which, bench: Bench, tally: Tally, answered: Map<string, number>): Promise<void> {
  const made = requestCase(seed, index, bench.tokens)
  const row = `request: ${made.group}`
  tally.count(row)
  const { bytes, stalled } = await exchange(bench.gateway.url, made)
  const { answers, rest } = answersIn(bytes, made.head)
  const found = [
    ...(stalled ? ['no answer, and no close'] : []),
    ...(answers.length === 0 && !stalled && !made.partial ? ['no answer'] : []),
    ...(rest > 0 ? [`${rest} bytes of a cut answer`] : []),
    ...answers.flatMap((answer) => faultsOf(answer, made)),
    ...leaksIn(bytes, [bench.tokens.upstream]),
  ]
  for (const what of found) tally.harm(row, leakOf(what), { part: 'requests', index, what })
  for (const answer of answers) countAnswer(answer, made, answered)
} // prettier-ignore

const leakOf = (what: string) =>
  what.includes('raw SSN') || what.startsWith('"') ? 'leaked' : 'other'

function countAnswer(
  answer: RawAnswer,
  { head }: RequestCase,
  answered: Map<string, number>,
): void {
  const name = head ? undefined : refusedBy(answer)
  if (name !== undefined) answered.set(name, (answered.get(name) ?? 0) + 1)
}

export function judgeUpstream({ upstream }: Pick<World, 'upstream'>, now: readonly number[], tally: Tally): void {
  for (const seen of upstream.seen.splice(0)) {
    for (const what of strayIn(seen)) {
      const planted = /zqmarker(\d+)q/.exec(JSON.stringify([seen.body, seen.path, seen.headers]))?.[1]
      const index = planted === undefined ? (now[0] ?? 0) : Number(planted)
      tally.harm('request: passed on', 'leaked', { part: 'requests', index, what: `upstream got ${what}` })
    }
  }
} // prettier-ignore

async function judgeLife({ live }: Bench, index: number, tally: Tally): Promise<void> {
  const answer = await live.query(liveSql).catch((error: unknown) => ({ success: false, text: String(error) }))
  tally.count('live session asks on')
  if (answer.success && /"\*{7}\d{4}"/.test(answer.text)) return
  const what = `at or up to ${batch} before: the live session got ${answer.text.slice(0, 200)}`
  tally.harm('live session asks on', 'other', { part: 'requests', index, what })
} // prettier-ignore

/** Refused logins beyond a rate are recorded by number; which of them were, is not said. */
export function judgeRecorded({ recorded }: Pick<Bench, 'recorded'>, answered: ReadonlyMap<string, number>, index: number, tally: Tally): void {
  let spare = recorded.get('LoginsUnrecorded') ?? 0
  for (const [name, count] of answered) {
    const missing = Math.max(0, count - (recorded.get(name) ?? 0))
    const byNumber = Math.min(spare, missing)
    spare -= byNumber
    tally.row('refusals recorded').count += count
    if (missing > byNumber) {
      const what = `${missing - byNumber} of ${count} ${name} were told and not recorded, in this case or up to ${perGateway} after`
      tally.harm('refusals recorded', 'unrecorded', { part: 'requests', index, what })
    }
  }
} // prettier-ignore
