import { expect, test } from 'vitest'

import { secretChanges } from '../../../operator/wiring/own-secret.ts'
import { connection, secret, snapshotOf } from '../compile/objects.ts'

test('A change of the operator’s own Secret is seen once, one of another not at all', () => {
  const changed = secretChanges('frostgate', 'frostgate-keys')
  const keys = secret('frostgate-keys', { material: 'a' })
  const { objects } = snapshotOf(keys, connection('acme'))
  expect([changed(objects), changed(objects)]).toEqual([true, false])
  const { secrets } = snapshotOf(secret('acme-key', { privateKey: 'x' })).objects
  expect(changed({ secrets: [...objects.secrets, ...secrets] })).toBe(false)
  expect(changed(snapshotOf(keys).objects)).toBe(true)
  expect(changed(snapshotOf().objects)).toBe(true)
})
