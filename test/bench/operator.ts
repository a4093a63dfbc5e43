/**
 * `npm run bench:operator`: the operator as its image runs it, with 5,000 objects at a fake API
 * server: how long its webhooks take beside a bare HTTPS server that allows everything, how long a
 * change takes to reach sidecars, and what it weighs. Prints figures and judges nothing.
 *
 *   BENCH_CONNECTIONS=1000 (five objects each) BENCH_SIDECARS=500 BENCH_CHANGES=10
 *   BENCH_REVIEWS=1000 BENCH_ROUNDS=3
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { PatchOperation } from '../../operator/admission/inject/patch.ts'
import { apply } from '../operator/admission/support/json-patch.ts'
import { measureCompile } from './operator/compile.ts'
import { changePolicy, measureFanOut } from './operator/fan-out.ts'
import { policy } from './operator/objects.ts'
import {
  bundleOperator,
  startBenchOperator,
  webhookHost,
  type BenchOperator,
} from './operator/operator.ts'
import { Reviewer, runner, type Review } from './operator/reviews.ts'
import { startMeasured } from './processes.ts'

const numberOf = (name: string, otherwise: number): number =>
  Number(process.env[`BENCH_${name}`] ?? otherwise)
const connections = numberOf('CONNECTIONS', 1_000)
const sidecars = numberOf('SIDECARS', 500)
const changes = numberOf('CHANGES', 10)
const reviews = numberOf('REVIEWS', 1_000)
const rounds = numberOf('ROUNDS', 3)

const folder = await mkdtemp(join(tmpdir(), 'frostgate-bench-operator-'))
try {
  compiling()
  const program = await bundleOperator(folder)
  await idle(program)
  const operator = await startBenchOperator(program, folder, connections)
  try {
    await loaded(operator)
  } finally {
    await operator.close()
  }
} finally {
  await rm(folder, { recursive: true })
}

function compiling(): void {
  const { all, oneChanged, validate } = measureCompile(connections, 9)
  heading(`Compiling ${connections * 5} objects, ms`)
  row('all of them', all)
  row('one of them changed', oneChanged)
  row('verdict on one object', validate)
}

async function idle(program: string): Promise<void> {
  const operator = await startBenchOperator(program, folder, 0)
  await pause(10_000)
  heading('RSS of the operator, MB')
  figure('idle, no objects', operator.process.rss())
  await operator.close()
}

async function loaded(operator: BenchOperator): Promise<void> {
  await pause(10_000)
  figure(`with ${connections * 5} objects`, operator.process.rss())
  figure('seconds from start to serving them', operator.startSeconds)
  const target = { port: operator.ports.webhooks, host: webhookHost, ca: operator.trust }
  const reviewer = new Reviewer(target)
  await reviewing(operator, reviewer)
  figure('RSS after the reviews, MB', operator.process.rss())
  const times = await measureFanOut(operator, reviewer, sidecars, changes)
  heading(`From a change at the API server, ${sidecars} sidecars, ${changes} changes, ms`)
  row('a sidecar is told', times.told)
  row('a sidecar acknowledges', times.acknowledged)
  row('the last one acknowledges', times.last)
  figure('enrolled a second', times.enrolledPerSecond)
  figure('RSS after that, MB', operator.process.rss())
  reviewer.close()
}

async function reviewing(operator: BenchOperator, reviewer: Reviewer): Promise<void> {
  const bare = await startMeasured([join(import.meta.dirname, 'operator/allow-all.ts')], {}, json)
  const { port, ca } = JSON.parse(bare.url) as { readonly port: number; readonly ca: string }
  const other = new Reviewer({ port, ca, host: webhookHost })
  const kinds = await kindsOfReview(reviewer)
  let change = 1_000
  const cases = Object.entries(kinds).flatMap(([name, review]) =>
    [1, 20].map((concurrency) => ({ name, review, concurrency })),
  )
  for (const { name, review, concurrency } of cases) {
    const ours: number[] = []
    const theirs: number[] = []
    const busy: number[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const one = await reviewer.times(review, reviews, concurrency)
      const two = await other.times(review, reviews, concurrency)
      const changing = setInterval(() => {
        void changePolicy(operator, (change += 1))
      }, 100)
      const three = await reviewer.times(review, reviews, concurrency)
      clearInterval(changing)
      // The first round warms all up.
      if (round === 0) continue
      ours.push(...one)
      theirs.push(...two)
      busy.push(...three)
    }
    heading(`Review of ${name}, ${concurrency} at a time, ms`)
    row('operator', ours)
    row('the same while a policy changes 10 times a second', busy)
    row('node:https that allows everything', theirs)
    const ratios = [0.5, 0.99].map((share) => quantile(ours, share) / quantile(theirs, share))
    print('operator / node:https: p50, p99', ratios)
  }
  other.close()
  await bare.stop()
}

async function kindsOfReview(
  reviewer: Reviewer,
): Promise<Readonly<Record<string, (index: number) => Review>>> {
  const pods = (path: string, object: object): Review => ({ path, resource: 'pods', object })
  const pod = runner('verified', 7)
  const { patch, status } = await reviewer.ask(pods('/inject', pod))
  if (patch === undefined) throw new Error(status?.message ?? 'the pod was not injected')
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as PatchOperation[]
  const injected = apply(pod, operations)
  return {
    '/inject': (index) => pods('/inject', runner(`job-${index}`, index % connections)),
    '/verify': () => pods('/verify', injected),
    '/validate of a policy': (index) => ({
      path: '/validate',
      resource: 'agentpolicies',
      object: policy(index % connections, 'first', index).object,
    }),
  }
}

function json(line: string): string | undefined {
  return line.startsWith('{') ? line : undefined
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

function heading(text: string): void {
  console.log(`\n${text}`)
}

function row(what: string, values: readonly number[]): void {
  const text = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1))
  console.log(
    `  ${what.padEnd(52)} p50 ${text[0] ?? ''}  p99 ${text[1] ?? ''}  max ${text[2] ?? ''}`,
  )
}

function figure(what: string, value: number): void {
  console.log(`  ${what.padEnd(52)} ${value.toFixed(1)}`)
}

function print(what: string, values: readonly number[]): void {
  console.log(`  ${what.padEnd(52)} ${values.map((value) => `${value.toFixed(2)} x`).join('  ')}`)
}
