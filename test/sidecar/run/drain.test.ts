import { EventEmitter } from 'node:events'

import { describe, expect, test } from 'vitest'

import { exitOnFault, exitOnSignal } from '../../../sidecar/run/drain.ts'
import { enrolledSettings, readSettings } from '../../../sidecar/run/settings.ts'
import { eventually } from '../../support/gateway.ts'

function fakeProcess() {
  const exits: number[] = []
  const logged: object[] = []
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: object) => logged.push(fields),
  }
  return {
    exits,
    logged,
    log,
    process: Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) }),
  }
}

describe('A process that ends', () => {
  test('exits with 0 once it is drained, and with 1 when it is told twice', async () => {
    const { process, exits, log } = fakeProcess()
    const drained = Promise.withResolvers<undefined>()
    let drains = 0
    exitOnSignal(
      process,
      log,
      async () => {
        drains += 1
        await drained.promise
      },
      60_000,
    )
    process.emit('SIGINT', 'SIGINT')
    expect(exits).toEqual([])
    process.emit('SIGTERM', 'SIGTERM')
    expect(exits).toEqual([1])
    expect(drains).toBe(1)
    drained.resolve(undefined)
    await eventually(() => exits.length === 2)
    expect(exits).toEqual([1, 0])
  })

  test('exits with 0 before it is killed, whatever is still under way', async () => {
    const { process, exits, log } = fakeProcess()
    exitOnSignal(process, log, () => new Promise(() => undefined), 30)
    process.emit('SIGTERM', 'SIGTERM')
    await eventually(() => exits.length === 1)
    expect(exits).toEqual([0])
  })

  test('names an incident in the log when it cannot go on', async () => {
    const { process, exits, log, logged } = fakeProcess()
    exitOnFault(process, log)
    exitOnSignal(process, log, () => Promise.reject(new Error('stuck')), 60_000)
    process.emit('uncaughtException', new Error('boom'))
    process.emit('unhandledRejection', new Error('boom'))
    process.emit('SIGTERM', 'SIGTERM')
    await eventually(() => exits.length === 3)
    expect(exits).toEqual([1, 1, 1])
    expect(logged).toEqual(
      expect.arrayContaining([
        { incident: expect.stringMatching(/^[\da-f-]{36}$/) as string, err: new Error('stuck') },
      ]),
    )
  })
})

describe('Settings of a sidecar with an operator', () => {
  const good = {
    FROSTGATE_BROKER_URL: 'https://frostgate.frostgate.svc:8443',
    FROSTGATE_TRUST: 'pem',
    FROSTGATE_CONNECTION: 'frostgate/acme',
  }

  test('are what Frostgate injects, and where it mounts', () => {
    expect(readSettings(enrolledSettings, good)).toMatchObject({
      ...good,
      FROSTGATE_PORT: 8085,
      FROSTGATE_HEALTH_PORT: 9085,
      FROSTGATE_TOKEN_FILE: '/var/run/frostgate/token/token',
      FROSTGATE_KEY_FOLDER: '/var/run/frostgate/key',
      FROSTGATE_DRAIN_SECONDS: 18,
    })
  })

  test.each([
    ['FROSTGATE_BROKER_URL', 'http://frostgate.frostgate.svc:8443'],
    ['FROSTGATE_BROKER_URL', 'https://user@frostgate:8443'],
    ['FROSTGATE_BROKER_URL', 'https://frostgate:8443/v1'],
    ['FROSTGATE_CONNECTION', 'acme'],
    ['FROSTGATE_CONNECTION', 'a/b/c'],
    ['FROSTGATE_HEALTH_PORT', '65536'],
    ['FROSTGATE_DRAIN_SECONDS', '-1'],
    ['FROSTGATE_DRAIN_SECONDS', '1e3'],
    ['FROSTGATE_TRUST', ''],
  ])('do not take %s=%s', (name, value) => {
    expect(() => readSettings(enrolledSettings, { ...good, [name]: value })).toThrow(
      new RegExp(`^${name} (must be|is not set)`),
    )
  })
})
