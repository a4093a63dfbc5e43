/**
 * `npm run fuzz:sql`: texts without end against the SQL front end, until the time is over.
 * FUZZ_MINUTES (10), FUZZ_SEED (the date), FROSTGATE_CORPORA for more texts to start from.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { check } from './check.ts'
import { families } from './families.ts'
import { sentence } from './grammar.ts'
import { mutate } from './mutate.ts'
import { random } from './random.ts'

const minutes = Number(process.env['FUZZ_MINUTES'] ?? 10)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const folder = process.env['FROSTGATE_CORPORA']
const end = Date.now() + minutes * 60_000

const counts = new Map<string, number>()
const faults: { readonly source: string; readonly fault: string; readonly text: string }[] = []
let slowest = { ms: 0, text: '' }

function run(source: string, text: string): void {
  const outcome = check(text)
  const key = `${source}: ${outcome.result}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
  if (outcome.ms > slowest.ms) slowest = { ms: outcome.ms, text: text.slice(0, 80) }
  if (outcome.result === 'fault') faults.push({ source, fault: outcome.fault, text })
}

const chance = random(seed)
const seeds = corpus()
process.stderr.write(
  `seed ${seed}, ${minutes} minutes, ${seeds.length} texts to start from` +
    (folder === undefined ? ' (SKIPPED: third-party ones; set FROSTGATE_CORPORA)\n' : '\n'),
)

for (const [index, family] of families().entries()) {
  for (const depth of [3, 12, 60, 140, 260, 4000]) run('families', family.text(depth))
  if (index % 500 === 0) progress()
}
for (let turn = 0; Date.now() < end; turn += 1) {
  const made = sentence(chance)
  run('grammar', made)
  run('grammar, mutated', mutate(made, sentence(chance), chance))
  if (seeds.length > 0)
    run('corpus, mutated', mutate(chance.pick(seeds), chance.pick(seeds), chance))
  if (turn % 2000 === 0) progress()
}
report()

function corpus(): readonly string[] {
  if (folder === undefined) return []
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const rows: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      return Array.isArray(rows) ? (rows as { readonly sql: string }[]).map(({ sql }) => sql) : []
    })
  for (const text of texts) run('corpus', text)
  return texts
}

function progress(): void {
  if (!process.stderr.isTTY) return
  const inputs = [...counts.values()].reduce((sum, count) => sum + count, 0)
  process.stderr.write(`\r${inputs} inputs, ${faults.length} faults `)
}

function report(): void {
  for (const [name, count] of [...counts].sort()) process.stdout.write(`${name}: ${count}\n`)
  process.stdout.write(`slowest: ${slowest.ms.toFixed(1)} ms, ${JSON.stringify(slowest.text)}\n`)
  for (const { source, fault, text } of faults.slice(0, 20)) {
    process.stdout.write(
      `FAULT (${source}) ${fault.slice(0, 300)}\n  ${JSON.stringify(text.slice(0, 300))}\n`,
    )
  }
  process.stdout.write(`${faults.length} faults; seed ${seed}\n`)
  if (faults.length === 0) return
  writeFileSync('fuzz-faults.jsonl', faults.map((fault) => `${JSON.stringify(fault)}\n`).join(''))
  process.stdout.write('All of them are in fuzz-faults.jsonl.\n')
  process.exitCode = 1
}
