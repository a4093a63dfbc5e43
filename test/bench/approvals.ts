/**
 * `npm run bench:approvals`: what an approval costs. First the time from a person's decision to the
 * statement at Snowflake, with a whole operator and a whole sidecar over an API server in memory;
 * then an operator as its image runs it, with thousands of statements held. Prints figures and
 * judges nothing.
 *
 *   BENCH_STATEMENTS=100 BENCH_HELD=10000 BENCH_IDLE=60 (seconds)
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { figure, heading, ratio, row } from './approvals/figures.ts'
import { measureHeld } from './approvals/held.ts'
import { measureLatency } from './approvals/latency.ts'
import { bundleOperator, startBenchOperator } from './operator/operator.ts'

const numberOf = (name: string, otherwise: number): number =>
  Number(process.env[`BENCH_${name}`] ?? otherwise)
const statements = numberOf('STATEMENTS', 100)
const held = numberOf('HELD', 10_000)
const idleSeconds = numberOf('IDLE', 60)

if (statements > 0) await latency()
if (held > 0) await many()

async function latency(): Promise<void> {
  const { operator, together, inProcess, unheld, catalogueQueries } =
    await measureLatency(statements)
  heading(`Decision stored to statement sent to Snowflake, ${statements} statements, ms`)
  row('operator, decided one by one', operator.upstream)
  row('operator, 16 decided at the same moment', together.upstream)
  row("approvals of the gateway's own process", inProcess.upstream)
  row('a statement that no rule holds: asked to sent', unheld.upstream)
  ratio('operator / own process', operator.upstream, inProcess.upstream)
  ratio('operator / not held', operator.upstream, unheld.upstream)
  figure('queries to the catalogue for each of the 16', catalogueQueries)
  heading('Decision stored to rows at a client that polls without a pause, ms')
  row('operator, decided one by one', operator.rows)
  row('operator, 16 decided at the same moment', together.rows)
  row("approvals of the gateway's own process", inProcess.rows)
  row('a statement that no rule holds: asked to rows', unheld.rows)
}

async function many(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-bench-approvals-'))
  try {
    const program = await bundleOperator(folder)
    const operator = await startBenchOperator(program, folder, 1)
    try {
      const found = await measureHeld(operator, held, idleSeconds)
      heading(`One operator, ${held} statements held by ${found.sidecars} sidecars`)
      figure('RSS, MB: started', found.rss.empty)
      figure('with the sidecars, nothing held', found.rss.streams)
      figure('with all held', found.rss.held)
      figure(`after ${idleSeconds} idle seconds`, found.rss.idle)
      figure('the most', found.rss.most)
      figure('after a restart', found.rss.restarted)
      row('asking, 8 at a time, ms', found.asking)
      figure('asked a second', found.askedPerSecond)
      figure('CPU ms in an idle minute, nothing held', found.idleMs.before, 0)
      figure('CPU ms in an idle minute, all held', found.idleMs.held, 0)
      row('decision stored to its sidecar told, the others pending, ms', found.told)
      figure('seconds from start to serving, nothing held', found.startSeconds.empty, 2)
      figure('seconds from start to serving, all held', found.startSeconds.held, 2)
    } finally {
      await operator.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
