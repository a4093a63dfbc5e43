import { describe, expect, test } from 'vitest'

import {
  Acknowledgements,
  sumReports,
  type SidecarReport,
} from '../../../operator/broker/acknowledgements.ts'

const connection = { namespace: 'frostgate', name: 'acme' }
const key = 'frostgate/acme'
const podOf = (uid: string) => ({ namespace: 'ci', name: uid, uid, serviceAccount: 'ci' })

function told(connected: number) {
  const known = new Acknowledgements(() => 0)
  const tell = (uid: string, digest: string, accepted: boolean) => {
    known.add({ pod: podOf(uid), connection }, { digest, accepted, reason: 'no such method' })
  }
  const report = (digest = 'new') => known.report(new Map([[key, connected]]), () => digest)
  return { known, tell, report }
}

describe('Sidecars that refused', () => {
  test('are counted while what they refused is in force', () => {
    const { tell, report } = told(2)
    tell('a', 'new', true)
    tell('b', 'new', false)
    expect(report().get(key)).toMatchObject({ connected: 2, inSync: 1, refused: 1 })
    expect(report('newer').get(key)?.refused).toBeUndefined()
    tell('b', 'new', true)
    expect(report().get(key)).toMatchObject({ inSync: 2 })
    expect(report().get(key)?.refused).toBeUndefined()
  })

  test('are not counted once they are gone, or have come anew', () => {
    const { known, tell, report } = told(2)
    tell('a', 'new', false)
    tell('b', 'new', false)
    known.forget('a')
    known.forgetRefusal('b')
    expect(report().get(key)?.refused).toBeUndefined()
    tell('a', 'new', true)
    known.forgetRefusal('a')
    expect(report().get(key)?.inSync).toBe(1)
  })

  test('are summed over replicas, and are never in sync as well', () => {
    const one: SidecarReport = new Map([[key, { connected: 1, inSync: 2, refused: 1 }]])
    const other: SidecarReport = new Map([[key, { connected: 1, inSync: 0 }]])
    expect(sumReports([one, other]).get(key)).toEqual({ connected: 2, inSync: 1, refused: 1 })
    const gone: SidecarReport = new Map([[key, { connected: 0, inSync: 0, refused: 1 }]])
    expect(sumReports([gone]).get(key)).toEqual({ connected: 0, inSync: 0 })
  })
})
