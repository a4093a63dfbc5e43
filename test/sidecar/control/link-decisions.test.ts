import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { maskKeyId } from '../../../sidecar/control/mask-keys.ts'
import { testAuthority } from '../../support/broker/certificates.ts'
import { refuse, startFakeBroker, type FakeBroker } from '../../support/broker/fake-broker.ts'
import {
  hurried,
  reaches,
  startLinked,
  testBundle,
  type Linked,
  type LinkedOptions,
} from '../../support/broker/linked.ts'
import { eventually } from '../../support/gateway.ts'

const first = testBundle('FIRST')
const second = testBundle('SECOND')

let broker: FakeBroker
let open: Linked[] = []

beforeEach(async () => {
  broker = await startFakeBroker(first)
})

afterEach(async () => {
  await Promise.all(open.map((linked) => linked.close()))
  open = []
  await broker.close()
})

async function linked(options?: LinkedOptions): Promise<Linked> {
  const started = await startLinked(broker, options)
  open.push(started)
  return started
}

describe('What the operator decides', () => {
  test('a connection that the operator closes is suspended, and opened again by a bundle', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.publish({ closed: 'policy "agents" does not compile' })
    await reaches(one, 'Closed')
    broker.publish(first)
    await reaches(one, 'InForce')
    expect(one.asked).toEqual([
      'apply FIRST',
      'suspend policy "agents" does not compile',
      'apply FIRST',
    ])
  })

  test('a bundle that is gone when it is fetched closes', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.bundle = { closed: 'gone' }
    broker.send({ type: 'bundle', digest: second.digest })
    await reaches(one, 'Closed')
    expect(one.asked.at(-1)).toContain('suspend the operator answered ConnectionClosed')
  })

  test('a bundle whose digest is wrong is refused by name, and the one before stays', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.publish({ ...second, digest: `sha256:${'0'.repeat(64)}` })
    await eventually(() => broker.acks.length === 2)
    expect(broker.acks[1]).toMatchObject({ digest: `sha256:${'0'.repeat(64)}`, accepted: false })
    expect(broker.acks[1]?.reason).toContain('its digest is sha256:0000')
    expect(one.link.state).toEqual({ name: 'InForce', digest: first.digest })
    expect(one.asked).toEqual(['apply FIRST'])
  })

  test('a bundle of another connection is refused', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.publish(testBundle('OTHER', { name: 'other' }))
    await eventually(() => broker.acks.some(({ accepted }) => !accepted))
    expect(one.asked).toEqual(['apply FIRST'])
  })

  test('a bundle that the gateway cannot take is reported with the reason', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    one.onApply = () => {
      throw new Error('no such warehouse')
    }
    broker.publish(second)
    await eventually(() => broker.acks.length === 2)
    expect(broker.acks[1]).toEqual({
      digest: second.digest,
      accepted: false,
      reason: 'no such warehouse',
    })
    expect(one.link.state).toEqual({ name: 'InForce', digest: first.digest })
  })

  test('a certificate authority that is replaced while sidecars run is followed, and kept', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    const next = await testAuthority('The next CA')
    broker.send({ type: 'trust', pem: `${broker.authority.pem}\n${next.pem}` })
    await eventually(async () =>
      (await readFile(join(one.folder, 'trust.pem'), 'utf8').catch(() => '')).includes(next.pem),
    )
    const before = broker.authority.pem
    broker.authority = next
    await broker.stop()
    await broker.resume()
    broker.publish(second)
    await eventually(() => one.link.digest === second.digest, 4_000)
    await one.link.close()
    const again = await linked({ folder: one.folder, trust: before })
    await reaches(again, 'InForce')
  })

  test('an operator of another authority is not talked to', async () => {
    const other = await testAuthority('Somebody else')
    const one = await linked({ trust: other.pem })
    await eventually(() => {
      const { state } = one.link
      return state.name === 'Enrolling' && state.reason.includes('could not be reached')
    })
    expect(broker.calls).toEqual([])
  })

  test('a trust notice that holds no certificate changes nothing', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.send(JSON.stringify({ type: 'trust', pem: 'none' }) + '\n')
    await eventually(() => one.said.some((line) => line.includes('certificates in PEM')))
    await eventually(() => one.link.connected && broker.streams.size === 1)
  })

  test('a pod that is refused is told of once, and asks again slowly', async () => {
    broker.fault = (path, response) =>
      path === '/v1/enrol' ? refuse(response, 403, 'PodNotInjected', false) : undefined
    const one = await linked()
    await eventually(() => broker.calls.length >= 3, 4_000)
    expect(one.said.filter((line) => line.startsWith('refused'))).toEqual([
      'refused: the operator answered PodNotInjected: PodNotInjected, says the test',
    ])
    expect(one.link.state.name).toBe('Enrolling')
    broker.fault = undefined
    await reaches(one, 'InForce')
  })

  test('a pod that the operator takes for one of another connection serves nothing', async () => {
    broker.connection = { namespace: 'frostgate', name: 'other' }
    const one = await linked()
    await eventually(() => one.said.length > 0)
    expect(one.said[0]).toBe(
      'refused: the operator enrolled this pod for connection frostgate/other, but it was injected for frostgate/acme. Delete the pod, so that it is injected again.',
    )
    expect(broker.calls).not.toContain('GET /v1/stream')
  })

  test('a renewal that is refused for good closes the gateway', async () => {
    broker.expiresIn = 5
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    broker.fault = (path, response) =>
      path === '/v1/enrol' ? refuse(response, 403, 'PodNotLive', false) : undefined
    await reaches(one, 'Closed')
    expect(one.asked.at(-1)).toContain('suspend the operator answered PodNotLive')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(one.states).toEqual(['Waiting', 'InForce', 'Closed'])
    expect(one.asked).toHaveLength(2)
    broker.fault = undefined
    await reaches(one, 'InForce')
  })

  test('a renewal that fails for a while does no harm', async () => {
    broker.expiresIn = 1
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    broker.fault = (path, response) =>
      path === '/v1/enrol' ? refuse(response, 503, 'NotReady', true) : undefined
    const count = broker.calls.length
    await eventually(() => broker.calls.length > count + 5, 4_000)
    expect(one.link.state.name).toBe('InForce')
  })

  test('a revoked sidecar ends its sessions at once, though a bundle is being fetched', async () => {
    const one = await linked({ pace: { refused: { first: 1e5, next: 1e5, most: 1e5 } } })
    await reaches(one, 'InForce')
    broker.fault = (path) => (path === '/v1/bundle' ? 'done' : undefined)
    broker.publish(second)
    broker.send({ type: 'revoked', reason: 'a second key asked for this pod' })
    await reaches(one, 'Revoked')
    await eventually(() => one.asked.at(-1) === 'revoke a second key asked for this pod')
    expect(one.link.digest).toBe(first.digest)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(broker.enrolments.length).toBe(1)
    expect(broker.calls.filter((call) => call.endsWith('/v1/stream'))).toHaveLength(1)
    expect(one.asked).toHaveLength(2)
  })

  test('a bundle that is named to a revoked sidecar opens nothing', async () => {
    const one = await linked({ pace: { refused: { first: 1e5, next: 1e5, most: 1e5 } } })
    await reaches(one, 'InForce')
    broker.bundle = second
    for (const stream of broker.streams) {
      stream.write(
        `{"type":"revoked","reason":"gone"}\n{"type":"bundle","digest":"${second.digest}"}\n`,
      )
    }
    await reaches(one, 'Revoked')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(one.asked).toEqual(['apply FIRST', 'revoke gone'])
  })

  test('one that the operator lets in again after a revocation is in force again', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.send({ type: 'revoked', reason: 'by mistake' })
    await eventually(() => one.states.join() === 'Waiting,InForce,Revoked,Waiting,InForce', 4_000)
    expect(one.asked).toEqual(['apply FIRST', 'revoke by mistake', 'apply FIRST'])
  })

  test('a revocation that was missed is learnt with the next stream', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.fault = (path, response) =>
      path === '/v1/stream' ? refuse(response, 403, 'ConnectionUnknown', true) : undefined
    broker.reset()
    await eventually(() => one.asked.some((each) => each.startsWith('revoke ')))
    expect(one.asked.at(-1)).toContain('ConnectionUnknown')
    broker.fault = undefined
    await reaches(one, 'InForce')
  })

  test('what closes while a bundle is being put in force stays closed', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    const held = Promise.withResolvers<undefined>()
    const begun = Promise.withResolvers<undefined>()
    one.onApply = () => {
      begun.resolve(undefined)
      return held.promise
    }
    broker.publish(second)
    await begun.promise
    broker.send({ type: 'closed', reason: 'too late' })
    await reaches(one, 'Closed')
    held.resolve(undefined)
    await eventually(() => one.asked.at(-1) === 'suspend too late')
    expect(one.asked).toEqual(['apply FIRST', 'apply SECOND', 'suspend too late'])
    expect(one.link.state.name).toBe('Closed')
  })

  test('the last bundle holds for maxStale without the operator, then the gateway closes, and opens with it', async () => {
    broker.bundle = testBundle('FIRST', { maxStale: 5 })
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    const since = performance.now()
    await broker.stop()
    await reaches(one, 'Stale')
    expect(performance.now() - since).toBeGreaterThan(250)
    expect(one.asked.at(-1)).toMatch(
      /^suspend the operator has been out of reach for \d+ s, and the connection allows 5 s/,
    )
    await broker.resume()
    await reaches(one, 'InForce')
    expect(one.asked.at(-1)).toBe('apply FIRST')
  })

  test('pings do not make a bundle younger that another should have replaced', async () => {
    broker.bundle = testBundle('FIRST', { maxStale: 5 })
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    broker.fault = (path, response) =>
      path === '/v1/bundle' ? refuse(response, 503, 'Busy', true) : undefined
    broker.publish(second)
    await reaches(one, 'Stale')
  })

  test('a bundle that this sidecar cannot take closes it after maxStale, however often the operator pings', async () => {
    broker.bundle = testBundle('FIRST', { maxStale: 3 })
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    one.onApply = () => {
      throw new Error('no such mask method')
    }
    broker.publish(second)
    await eventually(() => broker.acks.some(({ accepted }) => !accepted))
    expect(one.link.state.name).toBe('InForce')
    await reaches(one, 'Stale')
    expect(one.asked.at(-1)).toMatch(
      /^suspend the operator's bundle cannot be used here, and the one before it has been replaced for \d+ s \(no such mask method\), and the connection allows 3 s/,
    )
    one.onApply = undefined
    broker.reset()
    await reaches(one, 'InForce')
    expect(one.asked.at(-1)).toBe('apply SECOND')
  })

  test('back from stale with a bundle that is no good, it stays closed: the one before was replaced', async () => {
    broker.bundle = testBundle('FIRST', { maxStale: 1 })
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    await broker.stop()
    await reaches(one, 'Stale')
    const digest = `sha256:${'0'.repeat(64)}`
    broker.bundle = { ...second, digest }
    await broker.resume()
    await eventually(() => broker.acks.some((ack) => ack.digest === digest && !ack.accepted))
    expect(one.link.state).toMatchObject({
      name: 'Stale',
      reason: expect.stringContaining('its bundle cannot be used') as unknown,
    })
    expect(one.asked.filter((each) => each === 'apply FIRST')).toHaveLength(1)
  })

  test('a bundle that is taken back in favour of the one in force counts as fresh again', async () => {
    const kept = testBundle('FIRST', { maxStale: 10 })
    broker.bundle = kept
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    one.onApply = () => {
      throw new Error('no good')
    }
    broker.publish(second)
    await eventually(() => broker.acks.some(({ accepted }) => !accepted))
    broker.publish(kept)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect(one.link.state.name).toBe('InForce')
    expect(one.link.ageMs).toBeLessThan(10_000)
  })

  test('the key of a mask that was changed is fetched and put in force', async () => {
    const masked = (key: Buffer) => {
      const { apiVersion, connection, policies } = first
      const content = { apiVersion, connection, policies }
      const method = {
        kind: 'hash',
        key: { kind: 'inStatement', secretName: 'mask-key', keyId: maskKeyId(key) },
      } as const
      const mask = {
        name: 'ssn', namespace: 'frostgate', tags: [], subjects: [], exceptFor: [], method,
        columns: [{ database: 'A', schema: 'B', name: 'C', column: 'D' }], usage: 'AtRead',
      } as const // prettier-ignore
      return sealBundle({ ...content, masks: [mask] })
    }
    const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    expect(masked(old).digest).not.toBe(masked(fresh).digest)
    broker.bundle = masked(old)
    broker.maskKeys = { 'mask-key': old.toString('base64') }
    const one = await linked()
    await reaches(one, 'InForce')
    // The other replica may be behind: the key of before does not fit, and it is asked again.
    broker.publish(masked(fresh))
    await eventually(() => one.said.some((said) => said.includes('is not the one that the bundle')))
    expect(one.link.digest).toBe(masked(old).digest)
    expect(broker.acks.every(({ accepted }) => accepted)).toBe(true)
    broker.maskKeys = { 'mask-key': fresh.toString('base64') }
    await eventually(() => one.link.digest === masked(fresh).digest)
  })

  test('a key file that something else wrote is not replaced', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    await one.link.close()
    await chmod(join(one.folder, 'key.json'), 0o600)
    await writeFile(join(one.folder, 'key.json'), '{"kty":"EC"}')
    await expect(startLinked(broker, { folder: one.folder })).rejects.toThrow(
      /holds no ES256 key as this sidecar writes it.*delete the pod/,
    )
  })
})
