import { describe, expect, test } from 'vitest'

import { SessionStore } from '../../../sidecar/session/store.ts'
import type { CloseReason, GatewaySession } from '../../../sidecar/session/session.ts'

function fixture(age = 8 * 3_600_000) {
  const clock = { now: 1_000_000 }
  const closed: CloseReason[] = []
  const store = new SessionStore({
    now: () => clock.now,
    tokenValidity: 100,
    idleTimeout: 1_000,
    onClose: (_session, reason) => {
      closed.push(reason)
      return Promise.resolve()
    },
  })
  const session = { id: 's', endsAt: clock.now + age, lastUsedAt: clock.now } as GatewaySession
  return { clock, closed, store, session }
}

describe('session tokens', () => {
  test('name their session until they expire, then ask for renewal', () => {
    const { clock, store, session } = fixture()
    const { sessionToken } = store.add(session)
    expect(store.bySessionToken(sessionToken)).toBe(session)
    clock.now += 100_000
    expect(() => store.bySessionToken(sessionToken)).toThrow(
      expect.objectContaining({ code: '390112' }),
    )
  })

  test('stop asking for renewal when a driver never renews', () => {
    const { clock, store, session } = fixture()
    const { sessionToken } = store.add(session)
    clock.now += 100_000
    const codes = Array.from({ length: 70 }, () => {
      try {
        store.bySessionToken(sessionToken)
        return 'ok'
      } catch (error) {
        return (error as { code: string }).code
      }
    })
    expect(codes[0]).toBe('390112')
    expect(codes.at(-1)).toBe('390111')
  })

  test('of a master token, an unknown token or a closed session are refused', async () => {
    const { store, session } = fixture()
    const { sessionToken, masterToken } = store.add(session)
    const invalid = expect.objectContaining({ code: '390104' }) as Error
    expect(() => store.bySessionToken(masterToken)).toThrow(invalid)
    expect(() => store.bySessionToken('fg-session-guess')).toThrow(invalid)
    expect(() => store.renew(sessionToken)).toThrow(expect.objectContaining({ code: '390115' }))
    await store.close(session, 'logout')
    expect(() => store.bySessionToken(sessionToken)).toThrow(invalid)
    expect(() => store.renew(masterToken)).toThrow(expect.objectContaining({ code: '390115' }))
  })

  test('renewed, the old one works for a minute of retries and no longer', () => {
    const { clock, store, session } = fixture()
    const { sessionToken, masterToken } = store.add(session)
    const { tokens } = store.renew(masterToken)
    expect(store.bySessionToken(sessionToken)).toBe(session)
    clock.now += 61_000
    expect(() => store.bySessionToken(sessionToken)).toThrow(
      expect.objectContaining({ code: '390112' }),
    )
    expect(store.bySessionToken(tokens.sessionToken)).toBe(session)
  })

  test('renewed without end, only the last few are remembered', () => {
    const { store, session } = fixture()
    const { sessionToken, masterToken } = store.add(session)
    for (let count = 0; count < 20; count += 1) store.renew(masterToken)
    expect(store.idOf(sessionToken)).toBeNull()
    expect(store.idOf(store.renew(masterToken).tokens.sessionToken)).toBe('s')
  })
})

describe('a session ends', () => {
  test('at its age, though its tokens are fresh', () => {
    const { clock, closed, store, session } = fixture(50_000)
    const { sessionToken, masterToken } = store.add(session)
    clock.now += 50_000
    expect(() => store.bySessionToken(sessionToken)).toThrow(
      expect.objectContaining({ code: '390111' }),
    )
    expect(() => store.renew(masterToken)).toThrow(expect.objectContaining({ code: '390115' }))
    expect(closed).toEqual(['age'])
  })

  test('when it is idle, once', async () => {
    const { clock, closed, store, session } = fixture()
    store.add(session)
    clock.now += 999_000
    await store.reap()
    expect(closed).toEqual([])
    clock.now += 1_000
    await store.reap()
    await store.reap()
    expect(closed).toEqual(['idle'])
    expect(store.size).toBe(0)
  })
})
