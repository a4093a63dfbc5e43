import { describe, expect, test } from 'vitest'

import type { Reason } from '../../../operator/controllers/conditions.ts'
import { transitionOf } from '../../../operator/controllers/transitions.ts'

const ready = (status: 'True' | 'False' | 'Unknown', reason: Reason, message = 'm') => ({
  conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: 'now' }],
})
const of = (kind: 'SnowflakeConnection' | 'AgentPolicy', before: object | undefined, now: object) =>
  transitionOf(before as never, {
    reference: { kind, namespace: 'n', name: 'x' },
    uid: 'u',
    status: now as never,
  })

describe('A status that is written tells', () => {
  test('that a connection opens: at first, from the schema’s Unknown, and after it was closed', () => {
    const open = ready('True', 'Open')
    for (const before of [undefined, ready('Unknown', 'Pending'), ready('False', 'CompileFailed')])
      expect(of('SnowflakeConnection', before, open)).toMatchObject({ ready: true })
    expect(of('SnowflakeConnection', open, ready('True', 'Open', 'but'))).toBeUndefined()
  })

  test('that it closes, and again when the reason is another', () => {
    const closed = ready('False', 'CompileFailed', 'one')
    expect(of('SnowflakeConnection', ready('True', 'Open'), closed)).toEqual({
      reference: { kind: 'SnowflakeConnection', namespace: 'n', name: 'x' },
      uid: 'u',
      ready: false,
      message: 'one',
    })
    expect(of('SnowflakeConnection', closed, closed)).toBeUndefined()
    expect(of('SnowflakeConnection', closed, ready('False', 'CompileFailed', 'two'))).toBeDefined()
  })

  test('of a policy that is invalid, and not of one whose connection is closed by another', () => {
    expect(of('AgentPolicy', undefined, ready('False', 'Invalid'))).toMatchObject({ ready: false })
    for (const reason of ['TargetClosed', 'BundleRefused', 'NamespaceTerminating'] as const)
      expect(of('AgentPolicy', undefined, ready('False', reason))).toBeUndefined()
  })

  test('nothing while it is on its way', () => {
    expect(of('AgentPolicy', ready('True', 'Programmed'), ready('Unknown', 'Pending'))).toBe(
      undefined,
    )
    expect(of('AgentPolicy', undefined, {})).toBeUndefined()
  })
})
