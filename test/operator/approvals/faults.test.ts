/**
 * What goes wrong around a held statement, with everything real but the API server: whatever it is,
 * the statement runs at most once, and its client is answered or still waits.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { systemClock } from '../../../sidecar/control/clock.ts'
import { settled } from '../../sidecar/gateway/holds-support.ts'
import { expectRefusal, type ClientAnswer, type ClientSession } from '../../support/client.ts'
import type { HistoryEntry } from '../../support/fake-api-server/objects.ts'
import { eventually } from '../../support/gateway.ts'
import { inTime, pause, phaseIn } from './faults-support.ts'
import { Line, order, plurals, ssn, type LineSidecar, type Replica } from './whole-line.ts'

let line: Line
let replica: Replica
let sidecar: LineSidecar
let session: ClientSession
let statements = 0

beforeAll(async () => {
  line = await Line.start({ timing: { blindAfterMs: 1_000 } })
  replica = await line.replica()
  await line.pod(replica.operator)
  sidecar = await line.sidecar()
  session = await sidecar.login()
  // The first statement of a process takes long.
  await session.query(order(1))
}, 60_000)

afterAll(() => line.close(), 60_000)

/** A statement that nobody has asked for yet, under way. */
function ask(by = session): { readonly sql: string; readonly answer: Promise<ClientAnswer> } {
  const sql = ssn((statements += 1))
  return { sql, answer: by.query(sql).then((first) => settled(by, first)) }
}

/** Its operator knows of it, and its sidecar waits for a notice. */
async function pending(sql: string): Promise<ApprovalRequest> {
  const request = await line.request(sql)
  const told = eventually(() => line.phaseOf(request.metadata.name) === 'Pending')
  await inTime(told, { line, replica, sql })
  // The answer to asking is on its way.
  await pause(100)
  return request
}

/** What is held by another rule than is in force when it is decided does not run. */
async function rule(approval?: object): Promise<void> {
  const { running } = sidecar.gateway
  const before = running.bundle.digest
  line.rule(approval)
  await eventually(() => running.bundle.digest !== before)
}

const becomes = (request: ApprovalRequest, phase: string): Promise<true> =>
  eventually(() => line.phaseOf(request.metadata.name) === phase, 15_000)

/** In the very moment in which the server has stored it, before anybody is answered. */
function atChange(fits: (entry: HistoryEntry) => boolean, act: () => void): void {
  const end = line.server.objects.onChange((entry) => {
    if (!fits(entry)) return
    end()
    act()
  })
}

/** In the moment in which the next status of a request is sent, which is never stored. */
function atNextWrite(act: () => void): void {
  const { server } = line
  const from = server.requests.length
  server.fail('mute', 'patch', { plural: plurals.requests })
  void eventually(() =>
    server.requests
      .slice(from)
      .some((each) => each.verb === 'patch' && each.plural === plurals.requests),
  ).then(act)
}

/** Kills the operator there; another one takes its place once it has happened. */
function killed(arm: (kill: () => void) => void): Promise<void> {
  const happened = Promise.withResolvers<undefined>()
  const before = replica
  arm(() => {
    before.kill()
    happened.resolve(undefined)
  })
  return happened.promise.then(async () => {
    line.expireLease()
    replica = await line.replica()
  })
}

async function expectReleasedOnce(sql: string, answer: Promise<ClientAnswer>): Promise<void> {
  const { success, message } = await inTime(answer, { line, replica, sql })
  expect({ success, message, ran: line.ran(sql) }).toEqual({ success: true, message: '', ran: 1 })
}

describe('an operator that is killed', () => {
  test('in the moment in which the request is made', async () => {
    const over = killed((kill) => {
      atChange(({ plural, type }) => plural === plurals.requests && type === 'ADDED', kill)
    })
    const { sql, answer } = ask()
    await over
    line.decide(await pending(sql))
    await expectReleasedOnce(sql, answer)
    expect(line.requests().filter(({ spec }) => spec.statement === sql)).toHaveLength(1)
  })

  test('before the first status is written', async () => {
    const over = killed(atNextWrite)
    const { sql, answer } = ask()
    await over
    line.decide(await pending(sql))
    await expectReleasedOnce(sql, answer)
  })

  test('while people think, and they decide while nobody is there', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed((kill) => {
      kill()
    })
    line.decide(request)
    await over
    await expectReleasedOnce(sql, answer)
  })

  test('after the decision, before it is written that it is approved', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed(atNextWrite)
    line.decide(request)
    await over
    await expectReleasedOnce(sql, answer)
  })

  test('once it is written that it is approved, before anybody is told', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed((kill) => {
      atChange(phaseIn('Approved'), kill)
    })
    line.decide(request)
    await over
    await expectReleasedOnce(sql, answer)
  })

  test('once it is written that it is denied, before anybody is told', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed((kill) => {
      atChange(phaseIn('Denied'), kill)
    })
    line.decide(request, 'alice', { verdict: 'Deny', reason: 'not on a Sunday' })
    await over
    const refused = await answer
    expectRefusal(refused, 'ApprovalDenied')
    expect(refused.message).toContain('not on a Sunday')
    expect(line.ran(sql)).toBe(0)
  })

  test('during the use, before that is written', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed((kill) => {
      atChange(phaseIn('Approved'), () => {
        atNextWrite(kill)
      })
    })
    line.decide(request)
    await over
    await expectReleasedOnce(sql, answer)
  })

  test('during the use, once that is written: the approval is spent, and nothing runs', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const over = killed((kill) => {
      atChange(phaseIn('Used'), kill)
    })
    line.decide(request)
    await over
    const refused = await answer
    expect(refused.success).toBe(false)
    expect(refused.message).toMatch(/approv/i)
    expect(line.ran(sql)).toBe(0)
    // The agent asks again, and people are asked again.
    const again = session.query(sql).then((first) => settled(session, first))
    const second = await pending(sql)
    expect(second.metadata.name).toBe(`${request.metadata.name}-2`)
    line.decide(second)
    await expectReleasedOnce(sql, again)
  })
})

describe('leaders', () => {
  test('one is gone while the sidecar is served by another: that one takes over', async () => {
    const leader = replica
    replica = await line.replica()
    const { sql, answer } = ask()
    const request = await pending(sql)
    leader.kill()
    line.decide(request)
    await pause(300)
    expect(line.ran(sql)).toBe(0)
    line.expireLease()
    await expectReleasedOnce(sql, answer)
  })

  test('two that both believe to lead release it once', async () => {
    const before = replica
    line.expireLease()
    replica = await line.replica()
    const { sql, answer } = ask()
    const request = await pending(sql)
    line.decide(request)
    await expectReleasedOnce(sql, answer)
    const found = line.requests().find(({ metadata }) => metadata.name === request.metadata.name)
    expect(found?.status).toMatchObject({ phase: 'Used' })
    expect(found?.status?.uses).toHaveLength(1)
    before.kill()
  })
})

describe('an API server', () => {
  test('that is away: what was decided meanwhile counts when it is back, and not before', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    replica.away()
    line.decide(request)
    await pause(2_500)
    expect(line.ran(sql)).toBe(0)
    expect(line.phaseOf(request.metadata.name)).toBe('Pending')
    replica.back()
    await expectReleasedOnce(sql, answer)
  })

  test('that goes away between approval and use: nothing runs without the use', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const gone = Promise.withResolvers<undefined>()
    atChange(phaseIn('Approved'), () => {
      replica.away()
      gone.resolve(undefined)
    })
    line.decide(request)
    await gone.promise
    await pause(2_500)
    expect(line.ran(sql)).toBe(0)
    replica.back()
    await expectReleasedOnce(sql, answer)
  })

  test('that is away when a statement asks: it waits, and is asked about when it is back', async () => {
    replica.away()
    const { sql, answer } = ask()
    await pause(1_500)
    expect(line.requests().some(({ spec }) => spec.statement === sql)).toBe(false)
    replica.back()
    line.decide(await pending(sql))
    await expectReleasedOnce(sql, answer)
  })

  test('that is away beyond the expiry: the client is told', async () => {
    await rule({ expiresAfter: '1m' })
    await line.pod(replica.operator, 'hurried')
    const began = Date.now()
    const now = (): number => began + (Date.now() - began) * 20
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 20, signal),
    }
    const hurried = await line.sidecar('hurried', { clock, now, gateway: { now } })
    const { sql, answer } = ask(await hurried.login())
    const request = await pending(sql)
    replica.away()
    line.decide(request)
    const refused = await answer
    expect(refused.message).toMatch(/ApprovalExpired|ApprovalUnavailable/)
    expect(refused.success).toBe(false)
    replica.back()
    await becomes(request, 'Approved')
    // Nobody waits: what is approved too late is not run by anybody.
    expect(line.ran(sql)).toBe(0)
    await hurried.stop()
    await rule()
  })

  test('whose watches break, and that has forgotten what was before', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    line.server.fail('goneByStatus', 'watch', { plural: plurals.decisions, times: 2 })
    line.server.fail('goneByEvent', 'watch', { plural: plurals.requests, times: 2 })
    line.server.resetWatches()
    line.decide(request)
    line.server.compact()
    await expectReleasedOnce(sql, answer)
  })
})

describe('decisions', () => {
  test('one for and one against at the same moment: it is denied', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    line.decide(request, 'alice')
    line.decide(request, 'bob', { verdict: 'Deny', reason: 'no' })
    expectRefusal(await answer, 'ApprovalDenied')
    expect(line.ran(sql)).toBe(0)
  })

  test('one against while it is being used: it runs once, or is denied', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    atChange(phaseIn('Approved'), () => {
      line.decide(request, 'bob', { verdict: 'Deny', reason: 'no' })
    })
    line.decide(request, 'alice')
    const { success } = await answer
    expect(line.ran(sql)).toBe(success ? 1 : 0)
    expect(line.phaseOf(request.metadata.name)).toBe(success ? 'Used' : 'Denied')
  })

  test('two of the same person count once', async () => {
    await rule({ count: 2 })
    try {
      const { sql, answer } = ask()
      const request = await pending(sql)
      line.decide(request, 'alice')
      line.decide(request, 'alice', {}, { name: 'again' })
      await pause(500)
      expect(line.phaseOf(request.metadata.name)).toBe('Pending')
      line.decide(request, 'bob')
      await expectReleasedOnce(sql, answer)
    } finally {
      await rule()
    }
  })

  test('one that is made twice, and one that is made after the end, change nothing', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    line.decide(request)
    line.decide(request)
    await expectReleasedOnce(sql, answer)
    line.decide(request, 'bob', { verdict: 'Deny', reason: 'too late' })
    line.decide(request, 'carol')
    await pause(300)
    expect(line.phaseOf(request.metadata.name)).toBe('Used')
    expect(line.ran(sql)).toBe(1)
  })

  test('one that is late lets nothing run; one in time still does', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    const creationTimestamp = new Date(Date.parse(request.spec.expiresAt) + 1_000).toISOString()
    line.decide(request, 'alice', {}, { creationTimestamp })
    await pause(400)
    expect(line.ran(sql)).toBe(0)
    line.decide(request, 'bob')
    await expectReleasedOnce(sql, answer)
  })
})

describe('a sidecar', () => {
  test('whose stream breaks in the moment of the decision asks what became of it', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    atChange(phaseIn('Approved'), () => {
      line.breakStreams()
    })
    line.decide(request)
    await expectReleasedOnce(sql, answer)
  })

  test('that starts again leaves nothing behind that could run', async () => {
    const { sql, answer } = ask()
    const request = await pending(sql)
    await sidecar.stop()
    await answer.catch(() => undefined)
    expect(line.phaseOf(request.metadata.name)).toBe('Pending')
    sidecar = await line.sidecar('runner', { folder: sidecar.folder })
    session = await sidecar.login()
    const next = ask()
    await pending(next.sql)
    await becomes(request, 'Withdrawn')
    line.decide(request)
    line.decide(await pending(next.sql))
    await expectReleasedOnce(next.sql, next.answer)
    expect(line.phaseOf(request.metadata.name)).toBe('Withdrawn')
    expect(line.ran(sql)).toBe(0)
  })
})
