import { afterAll, beforeAll, expect, test } from 'vitest'

import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 1, orders: 1 } })
  gateway = await world.gateway()
})

afterAll(() => world.close())

// Node's own answer would be 417 without a body, of which nothing is recorded.
test('an expectation that nobody knows changes nothing: refused in its shape, and recorded', async () => {
  const request =
    'GET /api/v2/databases HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nConnection: close\r\n\r\n'
  const { text } = await gateway.client.raw(request, { waitMs: 20_000 })
  expect(text).toMatch(/^HTTP\/1\.1 404 /)
  expect(text).toContain('[Frostgate EndpointRefused]')
  expect(await gateway.events()).toContainEqual(
    expect.objectContaining({ type: 'request.refused', path: '/api/v2/databases' }),
  )
})
