/**
 * `npm run test:drivers`: unchanged Snowflake drivers, and tools on top of them, through
 * `frostgate up`. Prints what each makes of the same statements; exit code 0 only if all is as
 * promised.
 *
 *   --only NAME    this client alone; may be given again
 *   --match TEXT   only checks whose names match, for looking into one of them
 *   --write-docs   writes the table into docs/clients.md (after a run of everything)
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import type { Truth } from './answer.ts'
import { clients, tools } from './registry.ts'
import { printOutcome, printTable, type Outcome } from './report.ts'
import { runDriver } from './run-driver.ts'
import { runTool } from './run-tool.ts'
import { startServers, type Servers } from './servers.ts'
import { readTruth } from './truth.ts'
import { writeClientsPage } from './page.ts'

interface Chosen {
  readonly only: readonly string[]
  readonly match: RegExp | undefined
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      match: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
    },
  })
  const known = [...Object.keys(clients), ...Object.keys(tools)]
  const unknown = values.only.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    say(`There is no client ${unknown}. There are: ${known.join(', ')}.`)
    return false
  }
  const match = values.match === undefined ? undefined : new RegExp(values.match)
  const outcomes = await runAll({ only: values.only, match })
  printTable(outcomes, say)
  const well = outcomes.every(({ failed }) => failed.length === 0)
  if (values['write-docs']) {
    const whole = values.only.length === 0 && match === undefined
    const skipped = outcomes.find((outcome) => outcome.skipped !== undefined)
    if (!whole || skipped || !well) {
      say('docs/clients.md is not written: it shows a whole run in which nothing fails.')
      return false
    }
    await writeClientsPage(outcomes)
  }
  return well
}

async function runAll({ only, match }: Chosen): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-drivers-'))
  try {
    const truth = await readTruth()
    const servers = await startServers(folder)
    try {
      const outcomes: Outcome[] = []
      // One after another: they share the servers' recordings.
      for (const run of runs({ only, match })) {
        const outcome = await run(servers, truth, folder)
        printOutcome(outcome, say)
        outcomes.push(outcome)
      }
      return outcomes
    } finally {
      await servers.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Run = (servers: Servers, truth: Truth, folder: string) => Promise<Outcome>

function runs({ only, match }: Chosen): readonly Run[] {
  const chosen = ([name]: readonly [string, unknown]): boolean =>
    only.length === 0 || only.includes(name)
  const drivers = Object.entries(clients).filter(chosen)
  const suites = match ? [] : Object.entries(tools).filter(chosen)
  return [
    ...drivers.map(([name, available]): Run => async (servers, truth, folder) => {
      const driver = await available(progress)
      if (!('command' in driver)) return missing(name, driver)
      progress(driver.title)
      const all = await runDriver(driver, servers, truth, join(folder, name), match)
      return outcome({ name, title: driver.title, snippet: driver.snippet }, all)
    }),
    ...suites.map(([name, tool]): Run => async (servers, truth, folder) => {
      const ready = await tool.prepare(progress)
      if (!('run' in ready)) return missing(name, ready)
      const title = `${tool.title} ${ready.version}`
      progress(title)
      const all = await runTool(ready, servers, truth, join(folder, name))
      return outcome({ name, title, snippet: ready.snippet }, all)
    }),
  ]
}

function outcome(
  of: Pick<Outcome, 'name' | 'title' | 'snippet'>,
  verdicts: Outcome['verdicts'],
): Outcome {
  return { ...of, verdicts, failed: verdicts.filter(({ complaint }) => complaint !== undefined) }
}

function missing(
  name: string,
  why: { readonly title: string; readonly skipped?: string; readonly broken?: string },
): Outcome {
  const { title, skipped, broken } = why
  const failed =
    broken === undefined
      ? []
      : [{ name: 'the installation', item: 'session and close' as const, complaint: broken }]
  return { name, title, verdicts: failed, failed, skipped, snippet: undefined }
}

/** On a terminal, what is under way; it is overwritten. In a log, what is slow. */
function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line} …`)
  else say(`${line} …`)
}

function say(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}\n` : `${line}\n`)
}

process.exitCode = (await main()) ? 0 : 1
