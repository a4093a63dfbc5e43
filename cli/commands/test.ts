/** `frostgate test`: do the policies say what their author means? */

import { writeFile } from 'node:fs/promises'

import { Command } from 'commander'

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { CommandFactory } from '../command.ts'
import { readConfiguration } from '../configuration.ts'
import { CliError, type Terminal } from '../output.ts'
import { startProgress } from '../progress.ts'
import { compareJudgements } from '../test/compare.ts'
import { junitXml } from '../test/junit.ts'
import { renderComparison, renderResults } from '../test/render.ts'
import type { CaseResult } from '../test/result.ts'
import type { Planned } from '../test/run.ts'

interface Options {
  readonly diff?: readonly string[]
  readonly filter?: string
  readonly connection?: string
  readonly junit?: string
  readonly json?: true
}

const examples = `
Examples:
  frostgate test examples/quickstart
  frostgate test my-policies --filter phi --junit results.xml
  frostgate test my-policies --diff main/my-policies my-policies    # what would the change do?

Cases are in documents of kind PolicyTest: in the folder itself, and in its folder "tests".
Exit code 0 if every case is as expected, 1 if not; with --diff, 1 if an outcome changes.`

export const testCommand: CommandFactory = (terminal) =>
  new Command('test')
    .summary('check the outcome of listed statements under a folder of policies')
    .description(
      'Judges the statements of PolicyTest documents as the gateway would, and compares verdict, rule, error, masked columns and result columns with what they expect. Nothing runs.',
    )
    .argument('[dir]', 'folder with the tests, and the policies unless --diff names others')
    .option('--diff <folders...>', 'OLD NEW: list the cases whose outcome differs between them')
    .option('--filter <text>', 'only cases whose SUITE/NAME contains this')
    .option('--connection <name>', 'which SnowflakeConnection, where there are several')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', examples)
    .action(async (directory: string | undefined, options: Options) => {
      if (options.diff !== undefined) await compare(directory, options.diff, options, terminal)
      else if (directory !== undefined) await check(directory, options, terminal)
      else throw new CliError('Name the folder of policies.')
    })

async function check(directory: string, options: Options, terminal: Terminal): Promise<void> {
  const { bundle } = await readConfiguration(directory, options.connection)
  const planned = await casesOf(directory, options)
  const [{ judgeCase }, { differences }] = await Promise.all([
    import('../test/run.ts'),
    import('../test/expectation.ts'),
  ])
  const results = await each(planned, terminal, async (plan): Promise<CaseResult> => {
    const started = performance.now()
    const judgement = await judgeCase(plan, bundle)
    const { suite, file, case: expected } = plan
    return {
      suite,
      file,
      name: expected.name,
      differences: differences(expected, judgement),
      judgement,
      milliseconds: performance.now() - started,
    }
  })
  if (options.junit !== undefined) await write(options.junit, junitXml(results))
  const ok = results.every((result) => result.differences.length === 0)
  if (options.json) terminal.json({ ok, cases: results })
  else for (const line of renderResults(results, terminal.marks)) terminal.out(line)
  terminal.exit(ok ? 0 : 1)
}

async function compare(
  directory: string | undefined,
  folders: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const [old, now, more] = folders
  if (old === undefined || now === undefined || more !== undefined)
    throw new CliError('--diff takes two folders of policies: --diff OLD NEW.')
  if (options.junit !== undefined)
    throw new CliError('--junit is for checking, not for --diff: a change is no failure.')
  const before = await readConfiguration(old, options.connection)
  const after = await readConfiguration(now, options.connection)
  const planned = await casesOf(directory ?? now, options)
  const { judgeCase } = await import('../test/run.ts')
  const cases = await each(planned, terminal, async (plan) => {
    const judged = (bundle: Bundle) => judgeCase(plan, bundle)
    const changes = compareJudgements(await judged(before.bundle), await judged(after.bundle))
    return { suite: plan.suite, file: plan.file, name: plan.case.name, changes }
  })
  const same = cases.every(({ changes }) => changes.length === 0)
  if (options.json) terminal.json({ same, cases })
  else for (const line of renderComparison(cases, terminal.marks)) terminal.out(line)
  terminal.exit(same ? 0 : 1)
}

/** A filter that leaves nothing is a mistake: nothing tested must not look like success. */
async function casesOf(directory: string, { filter }: Options): Promise<readonly Planned[]> {
  const [{ planCases }, { findTests }] = await Promise.all([
    import('../test/run.ts'),
    import('../test/find.ts'),
  ])
  const planned = await planCases(await findTests(directory), filter)
  if (planned.length === 0) throw new CliError(`No case has "${filter ?? ''}" in its SUITE/NAME.`)
  return planned
}

async function each<T>(
  planned: readonly Planned[],
  terminal: Terminal,
  work: (plan: Planned) => Promise<T>,
): Promise<readonly T[]> {
  const progress = startProgress('Testing', terminal)
  try {
    const results: T[] = []
    for (const plan of planned) {
      results.push(await work(plan))
      progress.update(results.length, planned.length)
    }
    return results
  } finally {
    progress.stop()
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    const { code } = error as { readonly code?: string }
    throw new CliError(`${file} cannot be written: ${code ?? String(error)}.`)
  }
}
