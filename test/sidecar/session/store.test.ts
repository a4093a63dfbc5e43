import { describe, expect, test } from 'vitest'

import type { StatementLedger } from '../../../sidecar/session/ledger.ts'
import { SessionStore, type SessionStoreOptions } from '../../../sidecar/session/store.ts'
import type { CloseReason, GatewaySession } from '../../../sidecar/session/session.ts'

function fixture(age = 8 * 3_600_000, most: Partial<SessionStoreOptions> = {}) {
  const clock = { now: 1_000_000 }
  const closed: CloseReason[] = []
  const store = new SessionStore({
    now: () => clock.now,
    tokenValidity: 100,
    idleTimeout: 1_000,
    ...most,
    onClose: (_session, reason) => {
      closed.push(reason)
      return Promise.resolve()
    },
  })
  const ledger = { running: () => running } as unknown as StatementLedger
  const running: unknown[] = []
  const session = sessionOf('s', { endsAt: clock.now + age, lastUsedAt: clock.now, ledger })
  return { clock, closed, store, session, running }
}

const identity = { provider: 'okta', issuer: 'https://okta.example', subject: 'agent-7' }

function sessionOf(id: string, fields: Partial<GatewaySession>): GatewaySession {
  const principal = identity as GatewaySession['principal']
  return { id, principal, ...fields } as GatewaySession
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

  test('stop asking for renewal of a request that comes a third time, and only of that one', () => {
    const { clock, store, session } = fixture()
    const { sessionToken, masterToken } = store.add(session)
    clock.now += 100_000
    const code = (request: string): string => {
      try {
        store.bySessionToken(sessionToken, request)
        return 'ok'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    const looping = Array.from({ length: 5 }, () => code('a'))
    expect(looping).toEqual(['390112', '390112', '390111', '390111', '390111'])
    // Four side by side, in a driver that is about to renew.
    expect(['b', 'c', 'd', 'e'].map(code)).toEqual(Array(4).fill('390112'))
    const { tokens } = store.renew(masterToken)
    for (const request of ['a', 'b', 'c', 'd', 'e'])
      expect(store.bySessionToken(tokens.sessionToken, request)).toBe(session)
  })

  test('ask again, for a request that comes again after each renewal', () => {
    const { clock, store, session } = fixture()
    let { sessionToken, masterToken } = store.add(session)
    for (let hour = 0; hour < 6; hour += 1) {
      clock.now += 100_000
      expect(() => store.bySessionToken(sessionToken, '/queries/x/result')).toThrow(
        expect.objectContaining({ code: '390112' }),
      )
      ;({ sessionToken, masterToken } = store.renew(masterToken).tokens)
      expect(store.bySessionToken(sessionToken, '/queries/x/result')).toBe(session)
    }
  })

  test('count a bounded number of requests', () => {
    const { clock, store, session } = fixture()
    const { sessionToken } = store.add(session)
    clock.now += 100_000
    const expired = expect.objectContaining({ code: '390112' }) as Error
    const ask = (request: string) => () => store.bySessionToken(sessionToken, request)
    for (const time of [1, 2]) expect(ask('first'), String(time)).toThrow(expired)
    for (let count = 0; count < 300; count += 1) expect(ask(`r${count}`)).toThrow(expired)
    expect(ask('first')).toThrow(expired)
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

  test('not for being idle while a statement of it runs or is held', async () => {
    const { clock, closed, store, session, running } = fixture()
    store.add(session)
    running.push('a statement')
    clock.now += 5_000_000
    await store.reap()
    expect(closed).toEqual([])
    running.pop()
    await store.reap()
    expect(closed).toEqual(['idle'])
  })
})

describe('a place for one more session', () => {
  const exhausted = expect.objectContaining({ entry: 'SessionsExhausted' }) as Error
  const later = 20_000_000

  test('is refused beyond the number of one identity, logins under way included', () => {
    const { store } = fixture(later, { mostPerIdentity: 3 })
    const at = { endsAt: later, lastUsedAt: 1_000_000 }
    store.add(sessionOf('a', at))
    store.add(sessionOf('b', at))
    const leave = store.reserve(identity)
    expect(() => store.reserve(identity)).toThrow(exhausted)
    expect(() => store.reserve({ ...identity, subject: 'agent-8' })).not.toThrow()
    leave()
    expect(() => store.reserve(identity)).not.toThrow()
  })

  test('is refused beyond the number of all', () => {
    const { store } = fixture(later, { mostSessions: 2 })
    store.add(sessionOf('a', { endsAt: later, lastUsedAt: 1_000_000 }))
    store.reserve({ ...identity, subject: 'agent-8' })
    expect(() => store.reserve({ ...identity, subject: 'agent-9' })).toThrow(exhausted)
  })

  test('is made by ending a session that nobody used for ten minutes, never one that was used', () => {
    const { clock, closed, store } = fixture(later, { mostPerIdentity: 2 })
    const at = { endsAt: later, lastUsedAt: clock.now }
    const used = store.add(sessionOf('used', { ...at }))
    store.bySessionToken(used.sessionToken)
    const abandoned = sessionOf('abandoned', { ...at })
    store.add(abandoned)
    clock.now += 599_000
    expect(() => store.reserve(identity)).toThrow(exhausted)
    clock.now += 1_000
    store.reserve(identity)
    expect(store.all().map(({ id }) => id)).toEqual(['used'])
    expect(closed).toEqual(['idle'])
    expect(() => store.reserve(identity)).toThrow(exhausted)
  })

  test("stays a pool's own while there is room, however long it is unused", async () => {
    const { clock, store, session } = fixture(later, { idleTimeout: 14_400 })
    store.add(session)
    clock.now += 3_600_000
    await store.reap()
    store.reserve(identity)
    expect(store.size).toBe(1)
  })
})
