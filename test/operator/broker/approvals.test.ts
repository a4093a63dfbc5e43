import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { approvalDesk, type RunningDesk } from '../../../operator/approvals/desk.ts'
import { ruleInForce } from '../../../operator/approvals/rule-in-force.ts'
import type { Broker } from '../../../operator/broker/broker.ts'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { TestSidecar } from '../../support/broker-client.ts'
import { BrokerCluster, type TestPod } from '../../support/broker-cluster.ts'
import { decisionOf, questionOf, stewards } from '../approvals/asked.ts'
import { MemoryServer, type MemoryStore } from '../approvals/memory-store.ts'

let cluster: BrokerCluster
let broker: Broker
let port: number
let server: MemoryServer
let store: MemoryStore
let desk: RunningDesk
let pod: TestPod
let sidecar: TestSidecar
let vouches: boolean

/** With one rule that asks, in a policy of this mode. */
function serve(approval: ApprovalSpec = stewards, action = 'RequireApproval', mode = 'Enforce') {
  const { apiVersion, connection, masks } = cluster.serve()
  const rule = { name: 'phi', action, approval }
  const policies = [{ name: 'agents', namespace: 'frostgate', mode, rules: [rule] }]
  const sealed = sealBundle({ apiVersion, connection, masks, policies: policies as never })
  const known = cluster.connections.get('frostgate/acme')
  if (known === undefined) throw new Error('there is none')
  cluster.connections.set('frostgate/acme', { ...known, state: { bundle: sealed } })
}

beforeEach(async () => {
  cluster = new BrokerCluster()
  serve()
  vouches = true
  server = new MemoryServer(cluster.now)
  store = server.store()
  desk = approvalDesk({
    store,
    ruleOf: (connection, rule) => ruleInForce(cluster.connections, connection, rule),
    isLeader: () => true,
    now: cluster.now,
    limits: { openPerPod: 3 },
  })
  ;({ broker, port } = await cluster.replica({
    approvals: () => ({ desk, store }),
    vouches: () => vouches,
  }))
  desk.onStanding(({ spec }, standing) => {
    broker.tellApproval(spec.pod?.uid ?? '', standing)
  })
  ;({ pod, sidecar } = await enrolled())
})

afterEach(async () => {
  await desk.stop()
  await cluster.close()
})

async function enrolled() {
  const own = cluster.addPod()
  const made = await cluster.sidecar(port)
  await made.enrol(cluster.tokenOf(own))
  return { pod: own, sidecar: made }
}

const post = (path: string, body: unknown, from = sidecar) =>
  from.call(`/v1/approvals${path}`, { method: 'POST', body })

const ask = (question: object = questionOf(), from = sidecar, instance = 'process-1') =>
  post('', { instance, question }, from)

const request = () => {
  const [found] = server.requests.values()
  if (found === undefined) throw new Error('there is none')
  return found
}

async function approved(question: object = questionOf()) {
  const { body } = await ask(question)
  server.put(decisionOf(request(), 'alice'))
  await vi.waitFor(() => {
    expect(request().status?.phase).toBe('Approved')
  })
  return { name: String(body['name']), digest: String(body['digest']), instance: 'process-1' }
}

describe('asking', () => {
  test('makes a request of the caller’s pod, with the approvers of the bundle', async () => {
    const mine = { approvers: ['mine'], users: ['me'], count: 1, expiresAfter: 9, uses: 1000 }
    const { status, body } = await ask(questionOf(undefined, mine))
    expect([status, body]).toEqual([
      200,
      {
        name: questionOf().request,
        digest: questionOf().digest,
        phase: 'Pending',
        by: [],
        note: '',
      },
    ])
    expect(request().metadata.namespace).toBe('frostgate')
    expect(request().spec).toMatchObject({
      connectionRef: { name: 'acme' },
      pod: { namespace: 'ci', name: pod.metadata.name, uid: pod.metadata.uid },
      approvers: { groups: ['stewards'], count: 1 },
      uses: 1,
    })
    expect(request().spec.approvers).not.toHaveProperty('users')
  })

  test('about a rule that asks nobody is refused', async () => {
    for (const [action, mode] of [
      ['Allow', 'Enforce'],
      ['RequireApproval', 'Observe'],
    ]) {
      serve(stewards, action, mode)
      expect((await ask()).body).toMatchObject({ error: 'ApprovalRuleUnknown', transient: true })
    }
    serve()
    const other = { ...questionOf(), rule: { policy: 'agents', rule: 'none' } }
    expect((await ask(other)).body['error']).toBe('ApprovalRuleUnknown')
    cluster.shut('a typo')
    expect((await ask()).body['error']).toBe('ConnectionClosed')
    expect(server.requests.size).toBe(0)
  })

  test.each([
    ['no question', {}],
    ['an unknown field', { ...questionOf(), pod: { uid: 'x' } }],
    // That begins as it should: only the whole of it tells.
    [
      'a digest of something else',
      { ...questionOf(), digest: questionOf().request.padEnd(64, '0') },
    ],
    ['a short digest of something else', { ...questionOf(), request: '0'.repeat(16) }],
    ['a part that is no digest', { ...questionOf(), bound: { ...questionOf().bound, rules: 'x' } }],
    ['a number for a statement', { ...questionOf(), sql: 7 }],
    ['no subject', { ...questionOf(), principal: { ...questionOf().principal, subject: '' } }],
    ['too many objects', { ...questionOf(), objects: Array.from({ length: 10_001 }, () => 'A') }],
    ['a count of none', { ...questionOf(), approval: { ...stewards, count: 0 } }],
  ])('with %s is refused', async (_what, question) => {
    const { status, body } = await ask(question)
    expect([status, body['error']]).toEqual([400, 'RequestInvalid'])
    expect(server.requests.size).toBe(0)
  })

  test('is bounded in bytes and in number', async () => {
    expect((await ask({ ...questionOf(), sql: 'x'.repeat(601 * 1024) })).body['error']).toBe(
      'BodyTooLarge',
    )
    for (const text of ['a', 'b', 'c']) expect((await ask(questionOf(text))).status).toBe(200)
    const { status, headers, body } = await ask(questionOf('d'))
    expect([status, body['error'], headers['retry-after']]).toEqual([429, 'ApprovalsTooMany', '15'])
  })

  test('while the store is away says so, and may be tried again', async () => {
    server.fault = () => 'before'
    expect((await ask()).body).toMatchObject({ error: 'ApiUnavailable', transient: true })
  })
})

describe('a use', () => {
  test('is given once, to the pod that asked', async () => {
    const reference = await approved()
    const { sidecar: other } = await enrolled()
    expect((await post('/use', reference, other)).body['error']).toBe('ApprovalUnknown')
    expect((await post('/withdraw', reference, other)).body['error']).toBe('ApprovalUnknown')
    const first = await post('/use', reference)
    expect(first.body).toMatchObject({
      phase: 'Used',
      by: ['alice'],
      id: expect.any(String) as string,
    })
    const second = await post('/use', reference)
    expect([second.status, second.body['phase'], second.body['id']]).toEqual([
      200,
      'Used',
      undefined,
    ])
  })

  test('of delivery Retry is given to another pod of the same digest and connection', async () => {
    const retry = { ...stewards, delivery: 'Retry' as const }
    serve(retry)
    const reference = await approved(questionOf(undefined, retry))
    const { sidecar: other } = await enrolled()
    const wrong = { ...reference, digest: canonicalSha256('x') }
    expect((await post('/use', wrong, other)).body['error']).toBe('ApprovalUnknown')
    expect((await post('/withdraw', reference, other)).body['error']).toBe('ApprovalUnknown')
    expect((await post('/use', reference, other)).body['id']).toEqual(expect.any(String))
  })

  test('is not given by a replica that may not know the rules, nor while the connection is closed', async () => {
    const reference = await approved()
    vouches = false
    expect((await post('/use', reference)).body['error']).toBe('OperatorBlind')
    vouches = true
    cluster.shut('a typo')
    expect((await post('/use', reference)).body['error']).toBe('ConnectionClosed')
    serve({ ...stewards, approvers: ['dba'] })
    expect((await post('/use', reference)).body).toMatchObject({ phase: 'Void' })
    expect(request().status?.uses).toBeUndefined()
  })

  test('of names that are none is refused before anything is read', async () => {
    await ask()
    server.operations.length = 0
    for (const name of ['../x', '0123456789abcdef-0', '', 'x'.repeat(300)]) {
      const { digest } = questionOf()
      expect((await post('/use', { name, digest, instance: 'p' })).body['error']).toBe(
        'RequestInvalid',
      )
    }
    expect(server.operations.filter((each) => each.startsWith('read'))).toEqual([])
  })
})

test('a request that is withdrawn is over', async () => {
  const { body } = await ask()
  const reference = { name: body['name'], digest: body['digest'], instance: 'process-1' }
  expect((await post('/withdraw', reference)).status).toBe(204)
  expect(request().status?.phase).toBe('Withdrawn')
})

test('the sidecar of the pod hears of each phase, and no other does', async () => {
  const other = await enrolled()
  const streams = await Promise.all([sidecar.stream(), other.sidecar.stream()])
  await approved()
  const heard = await streams[0].next('approval')
  expect(heard).toMatchObject({ standing: { phase: 'Pending', digest: questionOf().digest } })
  await vi.waitFor(() => {
    const phases = streams[0].notices.flatMap((each) =>
      each.type === 'approval' ? [each.standing.phase] : [],
    )
    expect(phases).toEqual(['Pending', 'Approved'])
  })
  expect(streams[1].notices.filter(({ type }) => type === 'approval')).toEqual([])
})

test('an operator without approvals says so', async () => {
  const plain = await cluster.replica()
  const own = cluster.addPod()
  const made = await cluster.sidecar(plain.port)
  await made.enrol(cluster.tokenOf(own))
  expect((await ask(questionOf(), made)).body['error']).toBe('ApprovalsOff')
})
