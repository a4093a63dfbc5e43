/**
 * Faults and fuzzing of the wire.
 *
 *   npm run soak -- [--seed N] [--faults N] [--fuzz N] [--part requests|answers|faults]… [--only N]
 *
 * `--fuzz` is the number of requests and answers together; `--only` makes one case again.
 */

import { parseArgs } from 'node:util'

import { fuzzAnswers } from './answers/run.ts'
import { runFaults } from './faults/run.ts'
import { fuzzRequests } from './requests/run.ts'
import { reproduction, table, Tally, type PartName } from './tally.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '1000' },
    fuzz: { type: 'string', default: '100000' },
    part: { type: 'string', multiple: true },
    only: { type: 'string' },
  },
})

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} is a whole number`)
  return number
}

const seed = wholeNumber('seed', values.seed)
const fuzz = wholeNumber('fuzz', values.fuzz)
const faults = wholeNumber('faults', values.faults)
const only = values.only === undefined ? undefined : wholeNumber('only', values.only)
const tally = new Tally()

for (const crash of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(crash, (error: unknown) => {
    const what = `${crash}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    tally.harm('process', 'other', { part: current, index: done, what })
  })
}

let current: PartName = 'requests'
let done = 0

const progress = (total: number) => (now: number) => {
  done = now
  if (process.stderr.isTTY) process.stderr.write(`\r${current}: ${now} of ${total}, ${tally.violations.length} wrong `)
} // prettier-ignore

const parts: Readonly<Record<PartName, () => Promise<void>>> = {
  requests: () => fuzzRequests({ seed, only, cases: Math.ceil(fuzz / 2), onProgress: progress(Math.ceil(fuzz / 2)) }, tally),
  answers: () => fuzzAnswers({ seed, only, cases: Math.floor(fuzz / 2), onProgress: progress(Math.floor(fuzz / 2)) }, tally),
  faults: () => runFaults({ seed, only, cases: faults, onProgress: progress(faults) }, tally),
} // prettier-ignore

const names = Object.keys(parts) as readonly PartName[]
const wanted = names.filter((name) => values.part === undefined || values.part.includes(name))
if (wanted.length === 0) throw new Error(`--part is one of ${names.join(', ')}`)
if (only !== undefined && wanted.length !== 1) throw new Error('--only needs one --part')

// What was found until then is worth knowing, too.
for (const end of ['SIGINT', 'SIGTERM'] as const) process.on(end, report)

for (current of wanted) await parts[current]()
report()

function report(): never {
  if (process.stderr.isTTY) process.stderr.write('\n')
  console.log(`seed ${seed}\n${table(tally)}`)
  for (const violation of tally.violations.slice(0, 50))
    console.log(`\nWRONG: ${violation.what}\n  ${reproduction(violation, seed)}`)
  console.log(`\n${tally.violations.length} violations`)
  process.exit(tally.violations.length === 0 ? 0 : 1)
}
