/** Replicas whose clocks differ by minutes, over one API server, whose clock stamps what it keeps. */

import { setTimeout as delay } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { approvalDesk } from '../../../operator/approvals/desk.ts'
import { KubeApprovalStore } from '../../../operator/approvals/kube-store.ts'
import { KubeClient } from '../../../operator/kube/client.ts'
import { quick } from '../../support/fake-api-server/reflecting.ts'
import { fakeApiServer, type FakeApiServer } from '../../support/fake-api-server/server.ts'
import { eventually } from '../../support/gateway.ts'
import { asked, decisionOf, questionOf, stewards } from './asked.ts'

let server: FakeApiServer
let statements = 0

beforeAll(async () => {
  server = await fakeApiServer()
  server.objects.stamps = Date.now
})

afterAll(() => server.close())

function decide(
  request: ApprovalRequest | undefined,
  metadata: Partial<ApprovalDecision['metadata']> = {},
): void {
  if (request === undefined) throw new Error('there is no request')
  server.objects.put('approvaldecisions', decisionOf(request, 'alice', {}, metadata) as never)
}

describe('replicas whose clocks are ten minutes off', () => {
  const offs = [-10, 0, 10]
  const cases = offs.flatMap((leads) => offs.map((serves) => ({ leads, serves })))

  test.each(cases)('leader $leads, other $serves: one use, and one only', async (off) => {
    const { first, other, store, key, digest, stop } = await skewed(off, 1_800)
    await eventually(() => store.request(key)?.status?.phase === 'Pending')
    decide(store.request(key))
    await eventually(() => store.request(key)?.status?.phase === 'Approved')
    const uses = await Promise.all([first, other, first].map((desk) => desk.use(key, digest)))
    expect(uses.filter(({ id }) => id !== undefined)).toHaveLength(1)
    await stop()
  })

  test('one that is ahead ends early what is short; nobody can use it any more', async () => {
    const { other, store, key, digest, stop } = await skewed({ leads: 10, serves: 0 }, 300)
    await eventually(() => store.request(key)?.status?.phase === 'Expired')
    decide(store.request(key))
    await delay(200)
    expect(await other.use(key, digest)).toMatchObject({ phase: 'Expired' })
    expect((await other.use(key, digest)).id).toBeUndefined()
    await stop()
  })

  test('one that is behind takes no decision that the API server stamped too late', async () => {
    const { first, store, key, digest, stop } = await skewed({ leads: -10, serves: 0 }, 300)
    await eventually(() => store.request(key)?.status?.phase === 'Pending')
    const request = store.request(key)
    const creationTimestamp = new Date(
      Date.parse(request?.spec.expiresAt ?? '') + 1_000,
    ).toISOString()
    decide(request, { creationTimestamp })
    await delay(200)
    expect((await first.use(key, digest)).id).toBeUndefined()
    await stop()
  })
})

/** Two desks over the API server, the first of which leads; the other one was asked. */
async function skewed(off: { leads: number; serves: number }, expiresAfter: number) {
  const client = new KubeClient(server.access())
  const store = new KubeApprovalStore(client, { namespaces: ['skew'], timing: quick })
  await store.start()
  const approval = { ...stewards, expiresAfter }
  const at = (minutes: number) => () => Date.now() + minutes * 60_000
  const ruleOf = () => approval
  const first = approvalDesk({ store, ruleOf, isLeader: () => true, now: at(off.leads) })
  const other = approvalDesk({ store, ruleOf, isLeader: () => false, now: at(off.serves) })
  const question = questionOf(`SELECT ${(statements += 1)}`, approval)
  const { name } = await other.ask(asked({ namespace: 'skew', question, approval }))
  const stop = async (): Promise<void> => {
    await Promise.all([first.stop(), other.stop()])
    await store.stop()
    await client.close()
  }
  return { first, other, store, stop, digest: question.digest, key: { namespace: 'skew', name } }
}
