import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { StatementDecided } from '../../../sidecar/recording/events.ts'
import type { ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { walkthrough } from './walkthrough.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 400, orders: 100 }, example: 'phi' })
  gateway = await world.gateway()
  session = await gateway.login()
})

afterAll(async () => {
  await world.close()
})

const realSsn = /\b9\d\d-\d\d-\d{4}\b/

describe('in examples/phi', () => {
  test.each(walkthrough)('$says', async ({ sql, refused, shows = [] }) => {
    const answer = await session.query(sql)
    expect(answer.message).toContain(refused === undefined ? '' : `[Frostgate ${refused}]`)
    expect(answer.success).toBe(refused === undefined)
    for (const shown of shows) expect(answer.text).toMatch(shown)
    expect(answer.text).not.toMatch(realSsn)
  })

  test('every step is recorded, with its verdict and the rule behind it', async () => {
    const decided = (await gateway.events()).filter(
      (event): event is StatementDecided => event.type === 'statement.decided',
    )
    expect(decided.map(({ verdict }) => verdict)).toEqual(walkthrough.map(({ verdict }) => verdict))
    const held = decided.filter(({ verdict }) => verdict === 'hold')
    expect(held.map(({ rules }) => rules)).toEqual(
      held.map(() => ['coding-agents/clinical-columns']),
    )
    expect(JSON.stringify(await gateway.events())).not.toMatch(realSsn)
  })

  test('auditors see the values as they are, and at most 500 rows', async () => {
    const token = await world.issuer.mint({ subject: 'auditor-1', groups: ['clinical-audit'] })
    const audit = await gateway.client.open(token)
    const answer = await audit.query('SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 5')
    expect(answer.text).toMatch(realSsn)
    const many = await audit.query(
      'SELECT a.id FROM health.phi.visits v JOIN health.phi.patients a ON a.id = v.patient_id',
    )
    expect(many.message).toContain('[Frostgate RowLimitExceeded]')
  })
})
