import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { RecordedEvent, Recorder } from '../../../sidecar/recording/events.ts'
import { RecordingError } from '../../../sidecar/recording/recording-error.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession
let full: (event: RecordedEvent) => boolean = () => false
const noSpace = new Error('ENOSPC: no space left on device, write')
let fault = noSpace

const wrap = (recorder: Recorder): Recorder => ({
  record: (event) => (full(event) ? Promise.reject(fault) : recorder.record(event)),
  blob: (mode) => recorder.blob(mode),
})

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway({ wrap })
  session = await gateway.login()
})

beforeEach(() => {
  full = () => false
  fault = noSpace
})

afterAll(async () => {
  await world.close()
})

const only = (type: RecordedEvent['type']) => (event: RecordedEvent) => event.type === type

describe('a disk that is full', () => {
  test('lets no statement run, and works again afterwards', async () => {
    full = only('statement.received')
    const from = world.upstream.seen.length
    expectRefusal(await session.query('SELECT 1'), 'RecordingUnavailable')
    expect(world.upstream.seen).toHaveLength(from)
    full = () => false
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('is told without a path of the gateway', async () => {
    full = () => true
    fault = new RecordingError('FileChanged', '/tmp/recording.jsonl was changed by another program')
    expectRefusal(await session.query('SELECT 1'), 'RecordingUnavailable')
  })

  test('at the decision: nothing runs either', async () => {
    full = only('statement.decided')
    const from = world.upstream.seen.length
    expectRefusal(await session.query('SELECT 2'), 'RecordingUnavailable')
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toEqual([])
  })

  test('at the result: it ran, but its rows stay here', async () => {
    full = only('statement.finished')
    const answer = await session.query("SELECT 'row' || '-kept-here'")
    expectRefusal(answer, 'RecordingUnavailable')
    expect(answer.text).not.toContain('row-kept-here')
    const id = String(answer.data['queryId'])
    expectRefusal(await session.get(`/queries/${id}/result`), 'RecordingUnavailable')
    expect((await gateway.events()).at(-1)).toMatchObject({ type: 'statement.failed' })
  })

  test('lets nobody in, and leaves no session behind at Snowflake', async () => {
    full = () => true
    const from = world.upstream.seen.length
    expectRefusal(await gateway.client.login(await world.mint()), 'RecordingUnavailable')
    const seen = world.upstream.seen.slice(from)
    const given = seen.find(({ sql }) => sql !== '')?.token
    expect(seen.filter(({ query }) => query.get('delete') === 'true')).toMatchObject([
      { token: given },
    ])
    full = () => false
    expect(await gateway.login()).toBeDefined()
  })

  test('does not keep refusals and logouts from being answered', async () => {
    const leaving = await gateway.login()
    full = () => true
    expectRefusal(await gateway.client.post('/no/such/path', {}), 'RouteUnknown', 404)
    expectRefusal(await leaving.query('SELECT', { token: 'nobody' }), 'SessionTokenInvalid')
    expect(await leaving.logout()).toMatchObject({ success: true })
    expectRefusal(await leaving.query('SELECT 1'), 'SessionTokenInvalid')
  })

  test('does not start a gateway', async () => {
    full = only('gateway.started')
    await expect(world.gateway({ wrap })).rejects.toMatchObject({ entry: 'RecordingUnavailable' })
  })

  test('is in the log', async () => {
    full = only('request.refused')
    await gateway.client.post('/api/v2/statements', {})
    await eventually(() => gateway.log().includes('ENOSPC'))
  })
})
