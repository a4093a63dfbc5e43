/** The report of one run: readings of every corpus, and what was asked for besides. */

import { runChecks } from './checks/run.ts'
import type { Failure } from './checks/run.ts'
import { accept } from './checks/check.ts'
import type { Corpus } from './corpora.ts'
import type { Options } from './options.ts'
import type { Progress } from './progress.ts'
import { frontEnd, readText } from './reading.ts'
import type { Reading } from './reading.ts'
import { refusalOf } from './refusals.ts'
import type { Refusal } from './refusals.ts'
import { tallyOf } from './tally.ts'
import type { Tally } from './tally.ts'

export interface CorpusReport {
  readonly corpus: string
  readonly tally: Tally
  readonly refusals: readonly Refusal[]
  readonly trials: number
  readonly failures: readonly Failure[]
  /** How many more trials failed on opaque statements: their tail is not read, and never runs. */
  readonly opaqueFailures: number
}

type Wanted = Pick<Options, 'refusals' | 'checks'>

export function reportOn(corpus: Corpus, wanted: Wanted, shown: Progress): CorpusReport {
  const readings: Pick<Reading, 'class' | 'outcome'>[] = []
  const refusals: Refusal[] = []
  const failures: Failure[] = []
  let trials = 0
  let opaqueFailures = 0
  for (const [index, entry] of corpus.statements.entries()) {
    shown.step(index)
    const reading = readText(entry.sql)
    // Trees of thousands of statements would all be kept.
    readings.push({ class: reading.class, outcome: reading.outcome })
    if (reading.outcome !== 'structured') refusals.push(refusalOf(entry, reading))
    if (!wanted.checks || reading.statements.length === 0) continue
    const checked = runChecks(accept(entry.sql, reading.statements, frontEnd), entry.source)
    trials += checked.trials
    if (reading.outcome === 'structured') failures.push(...checked.failures)
    else opaqueFailures += checked.failures.length
  }
  const tally = tallyOf(readings)
  return { corpus: corpus.name, tally, refusals, trials, failures, opaqueFailures }
}
