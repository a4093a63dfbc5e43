import { describe, expect, it } from 'vitest'

import { renderStatus, rowOf } from '../../../cli/status/rows.ts'

const connection = {
  metadata: { namespace: 'frostgate', name: 'acme', generation: 2 },
  status: {
    bundle: 'sha256:0123456789abcdef0123',
    sidecars: { connected: 3, inSync: 2 },
    lastError: { message: 'pod ci/x refused the bundle', time: '2026-11-22T10:00:00Z' },
    conditions: [
      { type: 'Ready', status: 'True', reason: 'InForce', message: 'fine', observedGeneration: 2 },
    ],
  },
}

describe('frostgate status', () => {
  it('shows a connection with its sidecars, its bundle and its last error', () => {
    const lines = renderStatus([rowOf('SnowflakeConnection', connection)]).join('\n')
    expect(lines).toMatch(/^frostgate\/acme +True +2\/3 +0123456789ab$/m)
    expect(lines).toContain('frostgate/acme at 2026-11-22T10:00:00Z: pod ci/x refused the bundle')
  })

  it('does not take the status of an earlier generation for the state of now', () => {
    const changed = { ...connection, metadata: { ...connection.metadata, generation: 3 } }
    expect(rowOf('SnowflakeConnection', changed)).toMatchObject({
      ready: 'Unknown',
      reason: 'Changed',
    })
  })

  it('shows an object that nobody has looked at as Unknown', () => {
    const fresh = { metadata: { namespace: 'n', name: 'p', generation: 1 } }
    expect(rowOf('AgentPolicy', fresh).ready).toBe('Unknown')
  })

  it('says below the table what is wrong with an object that is not ready', () => {
    const rule = {
      metadata: { namespace: 'frostgate', name: 'ssn', generation: 1 },
      status: {
        conditions: [
          {
            type: 'Ready', status: 'False', reason: 'Invalid', observedGeneration: 1,
            message: 'spec.columns[0]: has three parts, four are needed',
          },
        ],
      },
    } // prettier-ignore
    expect(renderStatus([rowOf('MaskingRule', rule)]).join('\n')).toContain(
      'MaskingRule frostgate/ssn: Invalid\n  spec.columns[0]: has three parts, four are needed',
    )
  })
})
