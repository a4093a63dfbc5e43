import { describe, expect, test } from 'vitest'

import { compileAll } from '../../../operator/compile/compile-all.ts'
import { connectionAspects, noSidecars } from '../../../operator/controllers/connection-status.ts'
import type { Reason } from '../../../operator/controllers/conditions.ts'
import { transitionOf } from '../../../operator/controllers/transitions.ts'
import { recordTransition } from '../../../operator/wiring/status-events.ts'
import { connection, policy, snapshotOf } from '../compile/objects.ts'

const principals = [{ provider: 'okta', subject: 'agent-7' }]

function aspects(suspend: unknown, sidecars = noSidecars) {
  const snapshot = snapshotOf(connection('acme', { suspend }), policy('agents', 'acme'))
  const compiled = compileAll(snapshot, {}).connections.get('frostgate/acme')
  if (compiled === undefined) throw new Error('there is no such connection')
  return connectionAspects(compiled, snapshot.objects, sidecars)
}

describe('the status of a suspended connection', () => {
  test('is not Ready where everybody is, whatever its credential, and says why', () => {
    expect(aspects({ all: true, reason: 'incident 4711.' })).toEqual([
      {
        type: 'Ready',
        status: 'False',
        reason: 'Suspended',
        message: 'Suspended: everybody (incident 4711). Take spec.suspend away to lift that.',
      },
      expect.objectContaining({ type: 'Stalled', reason: 'Suspended' }),
    ])
  })

  test('tells of sidecars that it has not reached, and of those that cannot take it', () => {
    const behind = aspects({ all: true }, { connected: 3, inSync: 1 })
    expect(behind).toContainEqual(expect.objectContaining({ type: 'Reconciling' }))
    const [ready] = aspects({ all: true }, { connected: 3, inSync: 1, refused: 1 })
    expect(ready?.reason).toBe('Suspended')
    expect(ready?.message).toContain('1 of 3 sidecars could not take')
  })
})

describe('a transition', () => {
  const ready = (status: 'True' | 'False', reason: Reason, message = 'm') => ({
    conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: 'now' }],
  })
  const reference = { kind: 'SnowflakeConnection', namespace: 'n', name: 'x' } as const
  const of = (before: object, now: object) =>
    transitionOf(before as never, { reference, uid: 'u', status: now as never })

  test('tells of a principal that is suspended, of another, and of the end of it', () => {
    const [open, one] = [ready('True', 'Open'), ready('True', 'Suspended', 'one')]
    expect(of(open, one)).toMatchObject({ suspended: true, message: 'one' })
    expect(of(one, one)).toBeUndefined()
    expect(of(one, ready('True', 'Suspended', 'two'))).toMatchObject({ suspended: true })
    expect(of(one, open)).toEqual({ reference, uid: 'u', ready: true, message: 'm' })
  })

  test('of a suspension is an Event of its own', () => {
    const recorded: unknown[] = []
    const events = { record: (...given: unknown[]) => recorded.push(given) }
    const transition = { reference, uid: 'u', message: 'Suspended: everybody (why).' }
    const tell = recordTransition(events as never, () => ({ connections: new Map() }) as never)
    tell({ ...transition, ready: false, suspended: true })
    tell({ ...transition, ready: true, suspended: true })
    expect(recorded).toMatchObject([
      [{ name: 'x' }, 'ConnectionSuspended', { message: transition.message }],
      [{ name: 'x' }, 'ConnectionSuspended', { message: transition.message }],
    ])
  })
})

test('principals leave the connection Ready for the others', () => {
  // Without a Secret the credential would be told first: it is what is wrong for the others.
  const [ready] = aspects({ all: false, principals, reason: 'why' })
  expect(ready?.reason).toBe('InvalidCredential')
})
