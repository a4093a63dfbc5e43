import type { ServerResponse } from 'node:http'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { BundleSource } from '../../../sidecar/control/bundle-source.ts'
import { brokerSigner } from '../../../sidecar/control/credentials.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { refuse, startFakeBroker, type FakeBroker } from '../../support/broker/fake-broker.ts'
import { startLinked, testBundle, type Linked } from '../../support/broker/linked.ts'
import { eventually } from '../../support/gateway.ts'

let broker: FakeBroker
let one: Linked

beforeEach(async () => {
  broker = await startFakeBroker(testBundle())
  one = await startLinked(broker)
  await eventually(() => one.link.state.name === 'InForce')
})

afterEach(async () => {
  await one.close()
  await broker.close()
})

const errorText = (error: unknown): string => (error instanceof Error ? error.message : 'none')

const answer = (value: unknown) => {
  broker.fault = (path, response: ServerResponse) => {
    if (path !== '/v1/credential') return undefined
    response.end(JSON.stringify(value))
    return 'done'
  }
}
const sign = (patienceMs?: number) =>
  brokerSigner(one.link.session, 'frostgate/acme', patienceMs).sign()

describe('A login that the operator signs', () => {
  test('takes one call to the broker', async () => {
    await expect(sign()).resolves.toEqual({ authenticator: 'SNOWFLAKE_JWT', token: 'signed' })
    await sign()
    expect(broker.calls.filter((call) => call === 'POST /v1/credential')).toHaveLength(2)
  })

  test('goes on over a connection that the operator had closed meanwhile', async () => {
    let cuts = 1
    broker.fault = (path, response) => {
      if (path !== '/v1/credential' || cuts-- <= 0) return undefined
      response.destroy()
      return 'done'
    }
    await expect(sign()).resolves.toMatchObject({ token: 'signed' })
    expect(broker.refused).toEqual([])
  })

  test('with a workload identity names its kind of token', async () => {
    answer({ authenticator: 'WORKLOAD_IDENTITY', provider: 'OIDC', token: 't', expiresAt: 5 })
    await expect(sign()).resolves.toEqual({
      authenticator: 'WORKLOAD_IDENTITY',
      provider: 'OIDC',
      token: 't',
    })
  })

  test('goes on over an access token that is not taken any more', async () => {
    broker.expireTokens()
    await expect(sign()).resolves.toMatchObject({ token: 'signed' })
  })

  test.each([
    {},
    { authenticator: 'PASSWORD', token: 'hunter2', expiresAt: 1 },
    { authenticator: 'SNOWFLAKE_JWT', token: '', expiresAt: 1 },
    { authenticator: 'SNOWFLAKE_JWT', token: 'hunter2', expiresAt: 1, also: 1 },
    { authenticator: 'WORKLOAD_IDENTITY', token: 'hunter2', expiresAt: 1 },
    'hunter2',
  ])('is none of what it does not understand, and says nothing of it: %j', async (value) => {
    answer(value)
    const error = await sign().catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ entry: 'CredentialUnavailable' })
    expect(errorText(error)).not.toContain('hunter2')
  })

  test('that is refused says why and what to do', async () => {
    broker.fault = (path, response) =>
      path === '/v1/credential' ? refuse(response, 409, 'CredentialUnusable', true) : undefined
    await expect(sign()).rejects.toThrow(
      'Frostgate has no Snowflake credential for connection "frostgate/acme": the operator answered CredentialUnusable: CredentialUnusable, says the test. The operator holds it. Tell the platform team; then try again. [Frostgate CredentialUnavailable]',
    )
  })

  test('waits for an operator that is busy, or being replaced', async () => {
    const refusals = [429, 503, 429]
    broker.fault = (path, response) => {
      if (path !== '/v1/credential') return undefined
      const status = refusals.shift()
      return status === undefined ? undefined : refuse(response, status, 'Later', true)
    }
    await expect(sign()).resolves.toMatchObject({ token: 'signed' })
    expect(refusals).toEqual([])
  })

  test('is told why it was waited for in vain', async () => {
    broker.fault = (path, response) =>
      path === '/v1/credential' ? refuse(response, 429, 'TooMany', true) : undefined
    await expect(sign(600)).rejects.toThrow(/TooMany, says the test\. The operator holds it/)
  })

  test('does not wait for ever', async () => {
    broker.fault = (path) => (path === '/v1/credential' ? 'done' : undefined)
    const since = performance.now()
    await expect(sign(200)).rejects.toThrow(/CredentialUnavailable/)
    expect(performance.now() - since).toBeLessThan(1_500)
  })
})

describe('Keys of masks', () => {
  const rest = testBundle()
  const keyed = sealBundle({
    ...rest,
    masks: [
      {
        name: 'ssn', namespace: 'frostgate',
        columns: [{ database: null, schema: null, name: null, column: 'SSN' }],
        tags: [], subjects: [], exceptFor: [], usage: 'Strict',
        method: { kind: 'hash', key: { kind: 'inStatement', secretName: 'mask-key' } },
      },
    ],
  }) // prettier-ignore
  const { signal } = new AbortController()
  const source = () => new BundleSource(one.link.session, 'frostgate/acme')

  test('come with the bundle that needs them', async () => {
    broker.maskKeys = { 'mask-key': Buffer.alloc(32, 7).toString('base64'), other: 'AAAA' }
    const keys = await source().maskKeys(keyed, signal)
    expect([...keys]).toEqual([['mask-key', Buffer.alloc(32, 7)]])
  })

  test('are not asked for by one that needs none', async () => {
    await expect(source().maskKeys(testBundle(), signal)).resolves.toEqual(new Map())
    expect(broker.calls).not.toContain('GET /v1/mask-keys')
  })

  test('that are short or missing are refused by name', async () => {
    await expect(source().maskKeys(keyed, signal)).rejects.toThrow(/key in Secret "mask-key"/)
    broker.maskKeys = { 'mask-key': Buffer.alloc(31).toString('base64') }
    await expect(source().maskKeys(keyed, signal)).rejects.toThrow(/of 32 bytes or more/)
  })

  test('are not shown by an answer that cannot be understood', async () => {
    broker.fault = (path, response) => {
      if (path !== '/v1/mask-keys') return undefined
      response.end('{"keys": hunter2')
      return 'done'
    }
    const error = await source()
      .maskKeys(keyed, signal)
      .catch((thrown: unknown) => thrown as Error)
    expect(errorText(error)).toContain('could not be understood')
    expect(errorText(error)).not.toContain('hunter2')
  })
})
