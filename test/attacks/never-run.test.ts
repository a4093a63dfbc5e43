/** Statements that are read to the last token, so that refusals speak of them, but never run. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Bundle, CompiledPolicy, CompiledRule } from '../../sidecar/control/bundle.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { ClientSession } from '../support/client.ts'
import { startWorld, type World } from '../support/gateway.ts'
import { isAgentStatement } from '../support/upstream.ts'
import { noLimits } from '../support/limits.ts'
import { emptyRule } from '../support/rules.ts'
import { neverRun } from './never-run.ts'

let world: World
const sessions = new Map<string, ClientSession>()

const everything: CompiledRule = {
  name: 'everything',
  action: 'Allow',
  ...emptyRule,
}

const under: Readonly<Record<string, (policy: CompiledPolicy) => CompiledPolicy>> = {
  quickstart: (policy) => policy,
  everything: (policy) => ({ ...policy, rules: [everything] }),
  observe: (policy) => ({ ...policy, mode: 'Observe' }),
}

function bundleUnder(bundle: Bundle, change: (policy: CompiledPolicy) => CompiledPolicy): Bundle {
  const policies = bundle.policies.map((policy) => change({ ...policy, limits: noLimits }))
  return sealBundle({ ...bundle, policies })
}

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 10, orders: 10 } })
  for (const [name, change] of Object.entries(under)) {
    const gateway = await world.gateway({ bundle: bundleUnder(world.bundle, change) })
    const query = { databaseName: 'HEALTH', schemaName: 'PHI' }
    sessions.set(name, await gateway.login({ query }))
  }
}, 30_000)

afterAll(async () => {
  await world.close()
})

beforeEach(() => {
  world.upstream.seen.length = 0
})

async function refusal(policy: keyof typeof under, sql: string): Promise<string> {
  const answer = await sessions.get(policy)?.query(sql)
  expect(answer?.success).toBe(false)
  expect(world.upstream.seen.filter(isAgentStatement)).toEqual([])
  return answer?.message ?? ''
}

const supported = 'statements are not run by this version of the gateway.'

describe('under policies that do not speak of it, the refusal names statement and object', () => {
  test.each(neverRun)('$sql', async ({ sql, described, unsupported }) => {
    const message = await refusal('quickstart', sql)
    if (described === undefined) expect(message).toContain(`${unsupported} ${supported}`)
    else if (message.includes('[Frostgate PolicyDenied]')) expect(message).toContain(described)
    else expect(message).toContain(`No policy rule allows ${described}`)
  })
})

describe('no policy lets it run, be it one that allows everything or only observes', () => {
  test.each(neverRun)('$sql', async ({ sql, unsupported }) => {
    for (const policy of ['everything', 'observe']) {
      expect(await refusal(policy, sql)).toContain(`${unsupported} ${supported}`)
    }
  })
})

test('the same sessions do run what is governed', async () => {
  for (const session of sessions.values()) {
    expect((await session.query('SELECT id FROM patients')).success).toBe(true)
  }
  expect(world.upstream.seen.filter(isAgentStatement)).toHaveLength(sessions.size)
})
