/**
 * `npm run bench:policy`: what it costs to judge a statement, as ratios to what it costs to read
 * it, and of a large policy to a small one; pieces of one table are timed in turn in one run. And
 * the memory of a large catalogue. `--json` prints the figures as JSON. Nothing here passes or
 * fails. BENCH_ROUNDS shortens it; FROSTGATE_CORPORA names a folder of third-party statements.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bundle, CompiledMask } from '../../sidecar/control/bundle.ts'
import { columnUses } from '../../sidecar/masking/column-uses.ts'
import { planMasking, type MaskPlan } from '../../sidecar/masking/plan.ts'
import { decide, screen, type DecideInput } from '../../sidecar/policy/decide.ts'
import { grantSession } from '../../sidecar/policy/session-grant.ts'
import {
  emit,
  factsOf,
  parseStatement,
  positionOf,
  verifyEmitted,
} from '../../sidecar/sql/index.ts'
import { authorise, refuseEarly, resolve } from '../../sidecar/statement/analyse.ts'
import type {
  Analysis,
  Asked,
  Deciding,
  JudgedSession,
  Resolving,
} from '../../sidecar/statement/stages.ts'
import { approvable, principal } from '../sidecar/policy/support.ts'
import { paired, type Timed, type Work } from './paired.ts'
import { bundleOf, context, masks, warmCatalogue } from './policy-fixture.ts'
import { loadWorkloads, type Workload } from './sql-statements.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 11)
const json = process.argv.includes('--json')
const columns = 100_000

const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`)

type Analysed = Asked & Analysis

interface Row {
  readonly what: string
  readonly run: Work
}

interface Measured {
  readonly what: string
  /** Times the CPU of the first row: the median of the rounds and their extremes. */
  readonly times: number
  readonly low: number
  readonly high: number
  /** Microseconds of CPU for one statement. */
  readonly cpu: number
}

const small = bundleOf(10)
const naming = bundleOf(10, { columns: true })
const large = bundleOf(1_000, { columns: true })
const found: Record<string, readonly Measured[]> = {}
for (const workload of loadWorkloads(process.env['FROSTGATE_CORPORA'], say)) {
  Object.assign(found, await measure(workload))
}
const heap = heapOf(columns)
say(`\nheap of a catalogue of ${columns} columns: ${(heap / 1024 / 1024).toFixed(1)} MB`)
if (json) process.stdout.write(`${JSON.stringify({ rounds, found, heap })}\n`)

async function measure({ name, statements }: Workload): Promise<typeof found> {
  const { session, judged } = await fixture(statements)
  say(`\n${name}: ${judged.length} of ${statements.length} that would run with every table masked`)
  const analysed = judged.map((sql) => askedOf(session, sql))
  const few = await columnsMasked(analysed, masks.fewTables)
  say(`by a rule for few tables, a statement reads ${few.toFixed(2)} masked ones on average`)
  const reading = await table('reading it (lex, parse, facts)', judged.length, [
    {
      what: 'reading it',
      run: each(judged, (sql) => {
        factsOf(parseStatement(sql).statement)
      }),
    },
    { what: 'resolve', run: eachAwaited(analysed, resolve) },
    { what: 'resolve + decide', run: eachAwaited(analysed, decided) },
    { what: '… by rules that name columns', run: eachAwaited(analysed, byColumns) },
    { what: 'resolve + decide + rewrite', run: eachAwaited(analysed, rewriting(masks.fewTables)) },
    { what: '… with nothing protected', run: eachAwaited(analysed, rewriting(masks.none)) },
    {
      what: '… with every table protected',
      run: eachAwaited(analysed, rewriting(masks.everyTable)),
    },
    {
      what: '… and read again what was written',
      run: eachAwaited(analysed, verifying(masks.fewTables)),
    },
    {
      what: '… so with every table protected',
      run: eachAwaited(analysed, verifying(masks.everyTable)),
    },
  ])
  const resolved: WithColumns[] = []
  for (const one of analysed) resolved.push(withColumns(await resolve(one)))
  const deciding = await table('deciding by 10 rules', judged.length, [
    {
      what: '10 rules',
      run: each(resolved, (one) => {
        policyOf(one, naming)
      }),
    },
    {
      what: '1,000 rules',
      run: each(resolved, (one) => {
        policyOf(one, large)
      }),
    },
  ])
  return { [`${name}: reading`]: reading, [`${name}: rules`]: deciding }
}

/** Each table has one protected column, so that many protected tables a statement reads. */
async function columnsMasked(
  analysed: readonly Analysed[],
  rules: readonly CompiledMask[],
): Promise<number> {
  let count = 0
  for (const one of analysed) count += (await verified(one, rules)).maskedColumns.length
  return count / analysed.length
}

/** Statements that the gateway would run; the others would be compared with a refusal. */
async function fixture(statements: readonly string[]) {
  const queries = statements.filter((sql) => {
    try {
      return parseStatement(sql).statement.kind === 'QueryStatement'
    } catch {
      return false
    }
  })
  const session: JudgedSession = {
    principal,
    grant: grantSession(small, principal, {}),
    catalog: await warmCatalogue(queries, columns),
  }
  const judged: string[] = []
  for (const sql of queries) {
    try {
      await verified(askedOf(session, sql), masks.everyTable)
      await verified(askedOf(session, sql), masks.fewTables)
      judged.push(sql)
    } catch {
      // Refused: not of this table.
    }
  }
  if (judged.length === 0) throw new Error('no statement would run')
  return { session, judged }
}

function askedOf(session: JudgedSession, sql: string): Analysed {
  const parsed = parseStatement(sql)
  const request = { sql, bindings: undefined, refusal: undefined }
  return { session, request, context, now: 0, parsed, facts: factsOf(parsed.statement) }
}

function decideOn<T extends Analysed & Resolving>(resolved: T, bundle: Bundle): T & Deciding {
  refuseEarly(resolved, bundle)
  return authorise(resolved, bundle)
}

type WithColumns = Analysed & Resolving & Pick<DecideInput, 'columns'>

function withColumns(resolved: Analysed & Resolving): WithColumns {
  return { ...resolved, columns: columnUses(resolved, small) }
}

/** Policy alone: which columns are used is masking's analysis, whatever the rules. */
function policyOf(known: WithColumns, bundle: Bundle): void {
  const { parsed, facts, resolution, columns, session } = known
  const input: DecideInput = {
    ...{ bundle, principal, statement: parsed.statement, facts, resolution, columns },
    ...{ session: { grant: session.grant, context }, priorResults: undefined, now: 0 },
    ...{ position: (token) => positionOf(parsed, token), approvable },
  }
  screen(input)
  if (decide(input).verdict !== 'allow') throw new Error('not allowed')
}

async function decided(analysed: Analysed): Promise<Analysed & Resolving & Deciding> {
  return decideOn(await resolve(analysed), small)
}

async function byColumns(analysed: Analysed): Promise<void> {
  decideOn(await resolve(analysed), naming)
}

function rewriting(masks: readonly CompiledMask[]) {
  return (analysed: Analysed): Promise<unknown> => rewritten(analysed, masks)
}

function verifying(masks: readonly CompiledMask[]) {
  return (analysed: Analysed): Promise<unknown> => verified(analysed, masks)
}

async function rewritten(analysed: Analysed, masks: readonly CompiledMask[]) {
  const { parsed, facts, resolution, decision } = await decided(analysed)
  const plan = planMasking({
    ...{ parsed, facts, resolution, principal, context },
    ...{ masks, visibility: decision.visibility },
    ...{ bindings: undefined, keys: new Map() },
  })
  return { plan, emitted: emit(parsed, plan.replacements) }
}

async function verified(analysed: Analysed, masks: readonly CompiledMask[]): Promise<MaskPlan> {
  const { plan, emitted } = await rewritten(analysed, masks)
  verifyEmitted(analysed.parsed, emitted, plan.replacements, analysed.facts)
  return plan
}

// ── Telling ───────────────────────────────────────────────────────────────────────────────────

async function table(
  baseline: string,
  statements: number,
  rows: readonly Row[],
): Promise<readonly Measured[]> {
  const times = await paired(
    rows.map(({ run }) => run),
    0,
    rounds,
  )
  say(`times ${baseline} (lowest to highest round); CPU per statement`)
  return rows.flatMap(({ what }, index) => {
    const timed = times[index]
    if (timed === undefined) return []
    const measured = told(what, timed, statements)
    const spread = `(${measured.low.toFixed(2)} to ${measured.high.toFixed(2)})`
    const each = `${measured.cpu.toFixed(1)} µs`
    say(
      `${what.padEnd(34)}${measured.times.toFixed(2).padStart(6)} ${spread.padEnd(17)}${each.padStart(10)}`,
    )
    return [measured]
  })
}

/** `paired` tells how much faster; here a cost is told. */
function told(what: string, { ratio, low, high, cpu }: Timed, statements: number): Measured {
  return { what, times: 1 / ratio, low: 1 / high, high: 1 / low, cpu: cpu / statements }
}

function each<T>(items: readonly T[], run: (item: T) => void): Work {
  return () => {
    for (const item of items) run(item)
  }
}

function eachAwaited<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Work {
  return async () => {
    for (const item of items) await run(item)
  }
}

function heapOf(count: number): number {
  const script = fileURLToPath(new URL('policy-memory.ts', import.meta.url))
  const output = execFileSync(process.execPath, ['--expose-gc', script, String(count)], {
    encoding: 'utf8',
  })
  return Number(output)
}
