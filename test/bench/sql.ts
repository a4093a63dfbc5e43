/**
 * `npm run bench:sql`: our SQL front end and the parsers on npm, in turn in one run, as ratios to
 * one of them, and what memory 200,000 parses cost. `--json` prints the figures as JSON. Nothing
 * here passes or fails. BENCH_ROUNDS and BENCH_PARSES shorten it; FROSTGATE_CORPORA names a folder
 * of third-party statements.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { paired, type Timed } from './paired.ts'
import type { Growth } from './sql-memory.ts'
import { accepts, baseline, loadReaders, type Reader } from './sql-readers.ts'
import { loadWorkloads, type Workload } from './sql-statements.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 11)
const parses = Number(process.env['BENCH_PARSES'] ?? 200_000)
const json = process.argv.includes('--json')

const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`)

/**
 * V8 doubles its young generation, up to 2 × 16 MB, as garbage goes by. That is no growth of what
 * the parser keeps, so it is measured with that size fixed as well.
 */
const youngGenerations: Readonly<Record<string, readonly string[]>> = {
  'young generation fixed': ['--min-semi-space-size=16', '--max-semi-space-size=16'],
  'young generation sized by V8': [],
}

interface Measured {
  readonly workload: string
  readonly statements: number
  readonly readers: readonly (Timed & { readonly reader: string })[]
}

const readers = await loadReaders()
const workloads = loadWorkloads(process.env['FROSTGATE_CORPORA'], say).map(common)
const measured: Measured[] = []
for (const workload of workloads) measured.push(await measure(workload))
const growth = grow()
if (json) process.stdout.write(`${JSON.stringify({ rounds, measured, growth })}\n`)

/** What all readers take; anything else would compare reading with refusing. */
function common({ name, statements }: Workload): Workload {
  const taken = statements.filter((sql) => readers.every((reader) => accepts(reader, sql)))
  if (taken.length === 0) throw new Error(`none of ${name} is read by all`)
  return { name, statements: taken }
}

async function measure({ name, statements }: Workload): Promise<Measured> {
  const size = statements.reduce((sum, { length }) => sum + length, 0) / statements.length
  say(`\n${name}: ${statements.length} that all read, ${size.toFixed(0)} characters on average`)
  say('times faster than the baseline (lowest to highest round); CPU per statement')
  const work = readers.map((reader) => (): void => {
    for (const sql of statements) reader.read(sql)
  })
  const at = readers.findIndex((reader) => reader.name === baseline)
  const times = await paired(work, at, rounds)
  readers.forEach((reader, index) => {
    const timed = times[index]
    if (timed !== undefined) say(row(reader, timed, statements.length))
  })
  const named = readers.flatMap(({ name: reader }, index) => {
    const timed = times[index]
    return timed === undefined ? [] : [{ reader, ...timed, cpu: timed.cpu / statements.length }]
  })
  return { workload: name, statements: statements.length, readers: named }
}

function row({ name, does }: Reader, { ratio, low, high, cpu }: Timed, statements: number): string {
  const spread = `(${low.toFixed(2)} to ${high.toFixed(2)})`
  const each = `${(cpu / statements).toFixed(1)} µs`
  return `${name.padEnd(28)}${ratio.toFixed(2).padStart(5)} ${spread.padEnd(17)}${each.padStart(11)}  ${does}`
}

function grow(): Readonly<Record<string, Growth>> {
  say(`\nmemory of frostgate over ${parses} parses, after a tenth as many to warm up`)
  const found = Object.entries(youngGenerations).map(([name, flags]) => {
    const growth = growthWith(flags)
    say(
      `${name.padEnd(30)} RSS ${megabytes(growth.rssGrowth)}, heap ${megabytes(growth.heapGrowth)}`,
    )
    return [name, growth] as const
  })
  return Object.fromEntries(found)
}

function growthWith(flags: readonly string[]): Growth {
  const script = fileURLToPath(new URL('sql-memory.ts', import.meta.url))
  const output = execFileSync(process.execPath, ['--expose-gc', ...flags, script, String(parses)], {
    input: JSON.stringify(workloads.flatMap(({ statements }) => statements)),
    encoding: 'utf8',
  })
  return JSON.parse(output) as Growth
}

function megabytes(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${(bytes / 1024 / 1024).toFixed(1)} MB`
}
