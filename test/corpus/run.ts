/** `npm run corpus`: how much of other people's SQL the front end understands. */

import { checks } from './checks/run.ts'
import { lacking } from './oracles/differences.ts'
import { regenerate } from './oracles/regenerate.ts'
import { readOptions, usage } from './options.ts'
import type { Options } from './options.ts'
import { progress } from './progress.ts'
import { refusalLine } from './refusals.ts'
import { reportOn } from './report.ts'
import type { CorpusReport } from './report.ts'
import { sumOf, tableLines, totalOf } from './tally.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const examples = 5

async function main(): Promise<void> {
  const options = optionsOrUsage()
  if (options === undefined) return
  if (options.oracles) {
    await printOracles(options)
    return
  }
  const reports = options.corpora.map((corpus) => {
    const shown = progress(process.stderr, corpus.name, corpus.statements.length)
    const report = reportOn(corpus, options, shown)
    shown.end()
    return report
  })
  if (options.json)
    say(
      JSON.stringify(
        reports.map((report) => asJson(report, options)),
        null,
        2,
      ),
    )
  else print(reports, options)
  const crashes = reports.reduce((sum, { tally }) => sum + totalOf(tally).crashed, 0)
  const failures = reports.reduce((sum, report) => sum + report.failures.length, 0)
  if (crashes > 0 || failures > 0) process.exitCode = 1
}

function optionsOrUsage(): Options | undefined {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    say(usage)
    return undefined
  }
  try {
    return readOptions(args, process.env['FROSTGATE_CORPORA'])
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

function print(reports: readonly CorpusReport[], options: Options): void {
  for (const { corpus, tally, refusals } of reports) {
    for (const line of tableLines(corpus, tally)) say(line)
    say('')
    if (!options.refusals) continue
    for (const refusal of refusals) say(refusalLine(refusal))
    say('')
  }
  const tally = sumOf(reports.map((report) => report.tally))
  if (reports.length > 1) for (const line of tableLines('all corpora', tally)) say(line)
  const { crashed } = totalOf(tally)
  if (crashed > 0) say(`\n${crashed} crashed; --refusals names them`)
  if (options.checks) printChecks(reports)
}

function printChecks(reports: readonly CorpusReport[]): void {
  const trials = reports.reduce((sum, report) => sum + report.trials, 0)
  const failures = reports.flatMap((report) => report.failures)
  const opaque = reports.reduce((sum, report) => sum + report.opaqueFailures, 0)
  say(`\n${trials} mechanical trials, ${failures.length} failed; ${opaque} of opaque statements`)
  for (const check of Object.keys(checks)) {
    const own = failures.filter((failure) => failure.check === check)
    say(`${String(own.length).padStart(7)}  ${check}`)
    for (const { source, complaint, changed } of own.slice(0, examples)) {
      say(`         ${source}: ${complaint}: ${JSON.stringify(changed.slice(-200))}`)
    }
  }
}

function asJson(report: CorpusReport, options: Options): unknown {
  const { corpus, tally, refusals, trials, failures, opaqueFailures } = report
  return {
    corpus,
    classes: Object.fromEntries(tally),
    total: totalOf(tally),
    ...(options.refusals ? { refusals } : {}),
    ...(options.checks ? { trials, failures, opaqueFailures } : {}),
  }
}

async function printOracles({ corpora, json }: Options): Promise<void> {
  const { compared, total, open } = await regenerate(corpora)
  if (json) say(JSON.stringify({ compared, total, open }, null, 2))
  else {
    for (const [oracle, count] of Object.entries(compared)) say(`${oracle}: ${count} compared`)
    say(`${total} differences, ${open.length} to be explained`)
    for (const difference of open) {
      const { corpus, source, oracles, kind, ours, theirs } = difference
      say(`${corpus} ${source} (${kind}): ${lacking(difference) ?? ''}`)
      say(`    ours ${ours.join(', ')}; ${oracles.join(', ')} ${theirs.join(', ')}`)
    }
  }
  if (open.length > 0) process.exitCode = 1
}

await main()
