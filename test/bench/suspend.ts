/**
 * From `spec.suspend` in the store to the cancel at Snowflake, in the two parts that are added up:
 * store → compiled → notice → bundle fetched, over a whole operator; and bundle → cancel of a running
 * statement at Snowflake, in a gateway.
 *
 * `node test/bench/suspend.ts [rounds=100]` prints figures and judges nothing.
 */

import { performance } from 'node:perf_hooks'

import type { Bundle } from '../../sidecar/control/bundle.ts'
import { eventually, startWorld } from '../support/gateway.ts'
import { connection } from '../operator/compile/objects.ts'
import {
  annotated,
  clusterInMemory,
  put,
  wholeOperator,
} from '../operator/wiring/whole-operator.ts'
import { agent, holdUpstream, since, suspending } from '../sidecar/gateway/suspend-support.ts'

const rounds = Number(process.argv[2] ?? 100)

const fetched = await told(rounds)
const cancelled = await stopped(rounds)
say('store to fetched bundle', fetched)
say('bundle to cancel at Snowflake', cancelled)
// Of the worst of one with the worst of the other.
say(
  'both',
  fetched.map((each, index) => each + (cancelled[index] ?? 0)),
)

async function told(count: number): Promise<readonly number[]> {
  const server = await clusterInMemory()
  const operator = await wholeOperator(server)
  await eventually(async () => (await operator.health('/readyz')).status === 200)
  await operator.createPod(annotated())
  const sidecar = await operator.sidecar()
  await sidecar.enrol('pod:runner')
  const stream = await sidecar.stream()
  const { digest: first } = await stream.next('bundle')
  const times: number[] = []
  for (let round = 0; round < count; round += 1) {
    const last = stream.notices.findLast((notice) => notice.type === 'bundle')
    const before = last?.type === 'bundle' ? last.digest : first
    const on = round % 2 === 0
    const suspend = { all: true, reason: `round ${round}` }
    const from = performance.now()
    put(
      server,
      connection('acme', { allowedNamespaces: { from: 'All' }, ...(on ? { suspend } : {}) }),
    )
    const at = stream.notices.length
    await eventually(() =>
      stream.notices.slice(at).some((each) => each.type === 'bundle' && each.digest !== before),
    )
    const { body } = await sidecar.call('/v1/bundle')
    const isSuspended = (body as unknown as Bundle).connection.suspend?.all === true
    if (isSuspended !== on) throw new Error('the bundle is not the one that was stored')
    times.push(performance.now() - from)
  }
  await operator.close()
  await server.close()
  return times
}

async function stopped(count: number): Promise<readonly number[]> {
  const world = await startWorld({ seed: { patients: 5, orders: 5 } })
  const gateway = await world.gateway()
  const times: number[] = []
  for (let round = 0; round < count; round += 1) {
    const session = await gateway.login()
    const held = holdUpstream(world)
    const asked = session.query('SELECT 1')
    await held.reached()
    const at = world.upstream.seen.length
    const from = performance.now()
    const applied = gateway.running.apply(suspending(world.bundle, agent))
    await eventually(() => since(world, at, /abort-request/).length > 0)
    await asked
    times.push(performance.now() - from)
    held.release()
    world.upstream.script = undefined
    await applied
    await gateway.running.apply(world.bundle)
  }
  await world.close()
  return times
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other)
  const of = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0)
  console.log(`${what}: p50 ${of(0.5)} ms, p99 ${of(0.99)} ms, most ${of(1)} ms (${times.length})`)
}
