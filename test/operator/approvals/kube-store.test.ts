import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { KubeApprovalStore } from '../../../operator/approvals/kube-store.ts'
import { requestFrom } from '../../../operator/approvals/request-object.ts'
import { KubeClient } from '../../../operator/kube/client.ts'
import { quick } from '../../support/fake-api-server/reflecting.ts'
import { fakeApiServer, type FakeApiServer } from '../../support/fake-api-server/server.ts'
import { asked, decisionOf, questionOf } from './asked.ts'

const key = { namespace: 'frostgate', name: 'abc' }
let server: FakeApiServer
let client: KubeClient
let store: KubeApprovalStore

const request = (text = 'SELECT 1', name = 'abc') =>
  requestFrom(asked({ question: questionOf(text) }), name, 0)

beforeEach(async () => {
  server = await fakeApiServer()
  client = new KubeClient(server.access())
  store = new KubeApprovalStore(client, {
    namespaces: ['frostgate'],
    timing: quick,
    startTimeoutMs: 2_000,
  })
  await store.start()
})

afterEach(async () => {
  await store.stop()
  await client.close()
  await server.close()
})

const read = async (): Promise<ApprovalRequest> => {
  const found = await store.readRequest(key)
  if (found === undefined) throw new Error('there is none')
  return found
}

const listed = () =>
  vi.waitFor(() => {
    const found = store.request(key)
    expect(found).toBeDefined()
    return found as ApprovalRequest
  })

test('keeps requests and the decisions that name them, and tells of both', async () => {
  const told: string[] = []
  store.onChange(({ name }) => told.push(name))
  expect(await store.createRequest(request())).toBe('created')
  expect(await store.createRequest(request())).toBe('exists')
  const made = await listed()
  expect(await store.createDecision(decisionOf(made, 'alice'))).toBe('created')
  await store.createDecision(decisionOf(made, 'bob', { requestRef: { name: 'x' } }))
  await vi.waitFor(() => {
    expect(told).toEqual(['abc', 'abc', 'x'])
  })
  expect(store.decisions(key)).toHaveLength(1)
  expect(await store.readDecisions(key)).toHaveLength(1)
  server.objects.remove('approvaldecisions', 'frostgate', 'abc-alice')
  await vi.waitFor(() => {
    expect(store.decisions(key)).toEqual([])
  })
})

test('makes no decision of which an earlier definition would keep a part', async () => {
  await store.createRequest(request())
  await store.createDecision(decisionOf(await listed(), 'alice'))
  const [made] = server.requests.filter(
    ({ verb, plural }) => verb === 'create' && plural === 'approvaldecisions',
  )
  expect(made?.query.get('fieldValidation')).toBe('Strict')
})

test('compares and sets, and leaves what others keep in the status', async () => {
  await store.createRequest(request())
  const first = await read()
  expect(await store.writeStatus(first, { phase: 'Pending' })).toBe('written')
  expect(await store.writeStatus(first, { phase: 'Approved' })).toBe('conflict')
  const second = await read()
  expect(await store.writeStatus(second, { approvals: 1 })).toBe('written')
  expect((await store.readRequest(key))?.status).toEqual({ phase: 'Pending', approvals: 1 })
  server.objects.remove('approvalrequests', 'frostgate', 'abc')
  expect(await store.writeStatus(second, { phase: 'Used' })).toBe('gone')
  expect(await store.readRequest(key)).toBeUndefined()
})

test('rejects what cannot be asked or written', async () => {
  await store.createRequest(request())
  const made = await read()
  server.fail('serverError', ['get', 'list', 'patch', 'create'], { times: 20 })
  await expect(store.readRequest(key)).rejects.toThrow()
  await expect(store.readDecisions(key)).rejects.toThrow()
  await expect(store.writeStatus(made, { phase: 'Used' })).rejects.toThrow()
  await expect(store.createRequest(request())).rejects.toThrow()
})

test('deletes a request with its decisions, and never another of its name', async () => {
  await store.createRequest(request())
  const old = await read()
  await store.createDecision(decisionOf(old, 'alice'))
  server.objects.remove('approvalrequests', 'frostgate', 'abc')
  await store.createRequest(request())
  await store.deleteRequest(old)
  const now = await read()
  expect(now.metadata.uid).not.toBe(old.metadata.uid)
  await store.deleteRequest(now)
  expect(await store.readRequest(key)).toBeUndefined()
  expect(server.objects.all('approvaldecisions')).toEqual([])
})

test('keeps what is long packed, and gives it as it was', async () => {
  const long = request(`SELECT ${Array.from({ length: 2_000 }, (_, i) => `C${i}`).join(', ')}`)
  await store.createRequest(long)
  const kept = await listed()
  expect(Object.getOwnPropertyDescriptor(kept.spec, 'statement')).toHaveProperty('get')
  expect(JSON.parse(JSON.stringify(kept.spec))).toEqual(long.spec)
  expect({ ...kept.spec }).toEqual(long.spec)
})

test('says what cannot be listed', async () => {
  const other = await fakeApiServer()
  const away = new KubeClient(other.access())
  other.fail('serverError', 'list', { times: 1_000, plural: 'approvaldecisions' })
  const made = new KubeApprovalStore(away, {
    namespaces: ['frostgate'],
    timing: quick,
    startTimeoutMs: 200,
  })
  await expect(made.start()).rejects.toThrow('approvaldecisions')
  await made.stop()
  await away.close()
  await other.close()
})
