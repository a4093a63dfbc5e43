/** A gateway whose policy wants some statements approved, and a desk where they are. */

import { expect } from 'vitest'

import type { Bundle, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { textIn, type ClientAnswer, type ClientSession } from '../../support/client.ts'
import { desk, type Desk } from '../../support/desk.ts'
import type { TestGateway, TestOptions, World } from '../../support/gateway.ts'
import { emptyRule } from '../../support/rules.ts'

const anything: CompiledRule = { ...emptyRule, name: 'all', action: 'Allow' }

export const approval = { approvers: ['stewards'], count: 1, expiresAfter: 600 }

export const patients: CompiledRule = {
  ...emptyRule,
  name: 'patients',
  action: 'RequireApproval',
  statements: ['Query'],
  objects: [
    { database: 'HEALTH', schema: 'PHI', name: 'PATIENTS' },
    { database: null, schema: null, name: 'SWAP' },
  ],
  approval,
  message: 'leave the patients out',
}

export const orders: CompiledRule = {
  ...emptyRule,
  name: 'orders',
  action: 'RequireApproval',
  statements: ['DML'],
  objects: [
    { database: 'ANALYTICS', schema: 'PUBLIC', name: 'ORDERS' },
    { database: 'HEALTH', schema: 'PHI', name: 'PATIENTS' },
  ],
  approval,
}

export function holding(
  { bundle }: World,
  rules: readonly CompiledRule[] = [anything, patients, orders],
  change: Partial<Bundle> = {},
): Bundle {
  const policies = bundle.policies.map((policy) => ({ ...policy, rules }))
  return sealBundle({ ...bundle, policies, ...change })
}

export { anything }

/** Long enough that a client asks again only where the test wants that. */
const longPollMs = 20_000

export async function holdingGateway(
  world: World,
  options: TestOptions = {},
): Promise<{ readonly gateway: TestGateway; readonly people: Desk }> {
  const people = desk()
  const gateway = await world.gateway({
    bundle: holding(world),
    approvals: people.approvals,
    longPollMs,
    ...options,
  })
  return { gateway, people }
}

/** As a driver does: asks for the result until there is one. */
export async function settled(session: ClientSession, first: ClientAnswer): Promise<ClientAnswer> {
  let answer = first
  while (answer.code === '333333') answer = await session.get(textIn(answer.data, 'getResultUrl'))
  return answer
}

export async function eventsOf<T extends RecordedEvent['type']>(
  gateway: TestGateway,
  type: T,
): Promise<readonly Extract<RecordedEvent, { type: T }>[]> {
  const events = await gateway.events()
  return events.filter((event): event is Extract<RecordedEvent, { type: T }> => event.type === type)
}

/** Texts of the agent's statements that came upstream and name this. */
export function reached(world: World, name: string): readonly string[] {
  return world.upstream
    .statements()
    .filter((sql) => sql.toUpperCase().includes(name) && !sql.includes('INFORMATION_SCHEMA'))
}

export function expectRows(answer: ClientAnswer): readonly unknown[] {
  expect(answer.message).toBe('')
  expect(answer.success).toBe(true)
  return answer.data['rowset'] as readonly unknown[]
}
