/** Snowflake's answers, poisoned: the client sees nothing of it, and no value unmasked. */

import { faultsOf, leaksIn } from '../answer-shape.ts'
import type { FuzzOptions } from '../requests/run.ts'
import type { Tally } from '../tally.ts'
import { unlistedIn } from '../upstream-rules.ts'
import { choicesOf, markerOf, markerWord } from '../values.ts'
import { Lane } from './lane.ts'
import { targets } from './targets.ts'

/** Gateways that are tried side by side: some answers make one wait. */
const lanes = 4
/** Cases of one gateway. */
const perLane = 1_000

export async function fuzzAnswers({ seed, cases, only, onProgress }: FuzzOptions, tally: Tally): Promise<void> {
  const numbers = only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only]
  const blocks: (readonly number[])[] = []
  for (let from = 0; from < numbers.length; from += perLane) blocks.push(numbers.slice(from, from + perLane))
  // Few cases are spread, too.
  const parts = blocks.length >= lanes ? blocks : Array.from({ length: lanes }, (_, lane) => numbers.filter((_, at) => at % lanes === lane))
  let done = 0
  const work = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (part.length === 0) continue
      const lane = await Lane.start()
      for (const index of part) {
        await one(lane, { seed, index }, tally)
        done += 1
        if (done % 25 === 0) onProgress?.(done)
      }
      await lane.close()
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
} // prettier-ignore

const polluted = (): boolean => 'polluted' in {}

async function one(lane: Lane, { seed, index }: { readonly seed: number; readonly index: number }, tally: Tally): Promise<void> {
  const choices = choicesOf(seed + 7, index)
  const target = choices.pick(targets)
  const row = `answer to ${target.name}`
  tally.count(row)
  const wrong = (what: string, leaked = false): void => {
    tally.harm(row, leaked ? 'leaked' : 'other', { part: 'answers', index, what })
  }
  const trapped = lane.trapped
  const poison = { marker: markerOf(index), trap: lane.trap }
  try {
    const answers = await target.run(lane, choices, poison)
    for (const answer of answers) {
      const heads = Buffer.from(JSON.stringify(answer.headers))
      for (const what of leaksIn(Buffer.concat([answer.body, heads]), [markerWord, lane.world.warehouse.storageUrl, lane.trap])) wrong(what, true)
      for (const what of faultsOf(answer)) wrong(what)
      if (/"code":"39011|SessionGone/.test(answer.body.toString())) lane.forgetSessions()
    }
  } catch (error) {
    wrong(`no answer: ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
    lane.forgetSessions()
  }
  lane.poisoner = undefined
  if (target.name === 'renewal') lane.forgetSessions()
  if (lane.trapped > trapped) wrong('the gateway went where the answer sent it', true)
  if (polluted()) wrong('the prototype of all objects was changed')
  for (const seen of lane.world.upstream.seen.splice(0))
    for (const what of unlistedIn(seen)) wrong(`upstream got ${what}`, true)
} // prettier-ignore
