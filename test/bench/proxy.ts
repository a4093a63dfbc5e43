/**
 * `npm run bench:proxy [part …]`: what the gateway costs, as ratios to named alternatives in the
 * same run. What is compared is measured in turn, round by round; each round gives one ratio, and
 * the median of them is printed, with the lowest and the highest. Nothing here passes or fails.
 *
 *   BENCH_ROUNDS=9 BENCH_PER_ROUND=1000 BENCH_STATEMENTS=50000 (for memory) BENCH_SESSIONS=200
 *   BENCH_DOWNLOADS=9 FROSTGATE_BENCH_SIDECAR=<another build's main.mjs>
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { connections } from './proxy/connections.ts'
import { downloads } from './proxy/downloads.ts'
import { memory } from './proxy/memory.ts'
import { sessions } from './proxy/sessions.ts'
import { start } from './proxy/start.ts'
import { statements } from './proxy/statements.ts'
import { say, startWorld, type World } from './proxy/world.ts'

const parts: Readonly<Record<string, (world: World) => Promise<void>>> = {
  statements,
  connections,
  downloads,
  sessions,
  memory,
  start,
  stream,
}

/** Two gigabytes through the relay. */
async function stream(): Promise<void> {
  say('\nMemory of relaying 2 GB')
  const script = join(import.meta.dirname, 'stream-memory.ts')
  const child = spawn(process.execPath, [script], { stdio: 'inherit', timeout: 900_000 })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) say(`  it ended with ${String(code)}`)
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in parts))
if (unknown !== undefined) {
  throw new Error(`There is no part ${unknown}: ${Object.keys(parts).join(', ')}.`)
}
const world = await startWorld()
try {
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length === 0 || asked.includes(name)) await part(world)
  }
} finally {
  await world.close()
}
