/**
 * `npm run test:drivers`: unchanged Snowflake drivers, and tools on top of them, through
 * `frostgate up`. Prints what each makes of the same statements; exit code 0 only if all is as
 * promised.
 *
 *   --only NAME    this client alone; may be given again
 *   --match TEXT   only checks whose names match, for looking into one of them
 *   --write-docs   writes the table into docs/clients.md (after a run of everything)
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import type { Truth } from './answer.ts'
import { clients, scenarios, tools } from './registry.ts'
import { printOutcome, printTable, type Outcome } from './report.ts'
import { runDriver } from './run-driver.ts'
import { runScenario, runTool } from './run-tool.ts'
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
  const known = [clients, tools, scenarios].flatMap((all) => Object.keys(all))
  const unknown = values.only.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    say(`There is no client ${unknown}. There are: ${known.join(', ')}.`)
    return false
  }
  const match = values.match === undefined ? undefined : new RegExp(values.match)
  const outcomes = await runAll({ only: values.only, match })
  const inTable = outcomes.filter(({ name }) => !(name in scenarios))
  printTable(inTable.length === 0 ? outcomes : inTable, say)
  const well = outcomes.every(({ failed }) => failed.length === 0)
  if (values['write-docs']) {
    const whole = values.only.length === 0 && match === undefined
    if (!whole || !well) {
      say('docs/clients.md is not written: it shows a whole run in which nothing fails.')
      return false
    }
    await writeClientsPage(inTable)
  }
  return well
}

/** At a time; each has servers of its own, because clients of one lane share their recordings. */
const lanes = 2

/** In the order of the registry, whichever ended first. */
async function runAll(chosen: Chosen): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-drivers-'))
  try {
    const truth = await readTruth()
    const waiting = runs(chosen).entries()
    const outcomes: Outcome[] = []
    const follow = async (lane: number): Promise<void> => {
      const place = join(folder, String(lane))
      await mkdir(place)
      const servers = onDemand(place)
      try {
        for (const [index, run] of waiting) {
          const outcome = await timed(() => run(servers.started, truth, place))
          printOutcome(outcome, say)
          outcomes[index] = outcome
        }
      } finally {
        await servers.stop()
      }
    }
    const count = Math.min(lanes, runs(chosen).length)
    const ended = await Promise.allSettled(Array.from({ length: count }, (_, lane) => follow(lane)))
    for (const lane of ended) if (lane.status === 'rejected') throw lane.reason
    return outcomes
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of a lane, started for the first that asks for them. */
function onDemand(folder: string) {
  let servers: Promise<Servers> | undefined
  return {
    started: () => (servers ??= startServers(folder)),
    stop: async () => {
      await servers?.then((all) => all.stop())
    },
  }
}

type Run = (servers: () => Promise<Servers>, truth: Truth, folder: string) => Promise<Untimed>
type Untimed = Omit<Outcome, 'seconds'>

async function timed(run: () => Promise<Untimed>): Promise<Outcome> {
  const started = performance.now()
  const outcome = await run()
  return { ...outcome, seconds: Math.round((performance.now() - started) / 1000) }
}

function runs({ only, match }: Chosen): readonly Run[] {
  const chosen = ([name]: readonly [string, unknown]): boolean =>
    only.length === 0 || only.includes(name)
  const drivers = Object.entries(clients).filter(chosen)
  const suites = match ? [] : Object.entries(tools).filter(chosen)
  const together = match ? [] : Object.entries(scenarios).filter(chosen)
  return [
    ...drivers.map(([name, available]): Run => async (servers, truth, folder) => {
      const driver = await available(progress)
      if (!('command' in driver)) return missing(name, driver)
      progress(driver.title)
      const all = await runDriver(driver, await servers(), truth, join(folder, name), match)
      return outcome({ name, title: driver.title, snippet: driver.snippet }, all)
    }),
    ...suites.map(([name, tool]): Run => async (servers, truth, folder) => {
      const ready = await tool.prepare(progress)
      if (!('run' in ready)) return missing(name, ready)
      const title = `${tool.title} ${ready.version}`
      progress(title)
      const all = await runTool(ready, await servers(), truth, join(folder, name))
      return outcome({ name, title, snippet: ready.snippet }, all)
    }),
    ...together.map(([name, suite]): Run => async (_servers, truth, folder) => {
      const ready = await suite.prepare(progress)
      if (!('run' in ready)) return missing(name, ready)
      const title = `${suite.title} ${ready.version}`
      progress(title)
      const all = await runScenario(ready, truth, join(folder, name))
      return outcome({ name, title, snippet: undefined, notes: ready.notes }, all)
    }),
  ]
}

function outcome(
  of: Pick<Outcome, 'name' | 'title' | 'snippet' | 'notes'>,
  verdicts: Outcome['verdicts'],
): Untimed {
  return { ...of, verdicts, failed: verdicts.filter(({ complaint }) => complaint !== undefined) }
}

function missing(
  name: string,
  why: { readonly title: string; readonly skipped?: string; readonly broken?: string },
): Untimed {
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
