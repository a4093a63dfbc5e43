import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { ColumnPattern } from '../../../sidecar/control/bundle.ts'
import { expectRefusal } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world.close()
})

/** A gateway whose second masking rule names this column; for everyone, unless `subjects` say whom. */
async function gatewayWith(
  [database, schema, name, column]: readonly (string | null)[],
  group?: string,
): Promise<TestGateway> {
  const [mask] = world.bundle.masks
  if (!mask) throw new Error('the quickstart has no masking rule')
  const pattern: ColumnPattern = {
    database: database ?? null,
    schema: schema ?? null,
    name: name ?? null,
    column: column ?? null,
  }
  const subjects =
    group === undefined
      ? []
      : [{ provider: 'local', groups: [group], subjects: undefined, claims: undefined }]
  const masks = [mask, { ...mask, name: 'second', columns: [pattern], subjects }]
  return await world.gateway({ bundle: sealBundle({ ...world.bundle, masks }) })
}

const patients = 'SELECT id, ssn FROM health.phi.patients LIMIT 1'
const visits = 'SELECT visit_id FROM health.phi.visits LIMIT 1'
const orders = 'SELECT order_id FROM analytics.public.orders LIMIT 1'

describe('a masking rule that names what is not there', () => {
  test.each([
    ['table', ['HEALTH', 'PHI', 'PATIENT', 'SSN']],
    ['column', ['HEALTH', 'PHI', 'VISITS', 'SSN']],
    ['table by another case', ['HEALTH', 'PHI', 'patients', 'SSN']],
  ])('(a %s) closes its schema and no other', async (_what, column) => {
    const session = await (await gatewayWith(column)).login()
    for (const sql of [patients, visits, 'SELECT id FROM health.phi.patient_directory LIMIT 1']) {
      const answer = await session.query(sql)
      expectRefusal(answer, 'MaskUnmatched')
      expect(answer.text).toContain('second')
      expect(answer.text).toContain('schema HEALTH.PHI is closed')
    }
    expect((await session.query(orders)).success).toBe(true)
    expect((await session.query('SELECT 1')).success).toBe(true)
  })

  test('closes nothing for whom it does not bind', async () => {
    const gateway = await gatewayWith(['HEALTH', 'PHI', 'PATIENT', 'SSN'], 'somebody-else')
    const session = await gateway.login()
    expect((await session.query(visits)).success).toBe(true)
  })

  test('with a wildcard for the table speaks of what some tables have, and closes nothing', async () => {
    const session = await (await gatewayWith(['HEALTH', 'PHI', null, 'SSN'])).login()
    expect((await session.query(visits)).success).toBe(true)
  })
})

test('rules that match nothing can be asked for at the start', async () => {
  const gateway = await gatewayWith(['HEALTH', 'PHY', 'PATIENTS', 'SSN'])
  const [unmatched, ...more] = await gateway.unmatchedRules()
  expect(more).toEqual([])
  expect(unmatched).toMatchObject({ entry: 'MaskUnmatched' })
  expect(unmatched?.message).toContain('HEALTH.PHY.PATIENTS.SSN')
  expect(await (await world.gateway()).unmatchedRules()).toEqual([])
})
