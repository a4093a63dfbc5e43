/** What people are shown of a statement that waits: what it reads, what it changes, since when it is so. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal } from '../../support/client.ts'
import { startWorld, type World } from '../../support/gateway.ts'
import {
  anything,
  approval,
  eventsOf,
  holding,
  holdingGateway,
  orders,
  patients,
} from './holds-support.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

afterAll(() => world.close())

describe('a held statement', () => {
  test('tells apart what it changes from what it reads', async () => {
    const { gateway, people } = await holdingGateway(world)
    const session = await gateway.login()
    await session.query('CREATE TEMPORARY TABLE health.phi.copies (id INT)')
    for (const [sql, objects, changed] of [
      ['SELECT ssn FROM health.phi.patients', ['HEALTH.PHI.PATIENTS'], undefined],
      [
        'INSERT INTO health.phi.copies SELECT id FROM health.phi.patients',
        ['HEALTH.PHI.COPIES', 'HEALTH.PHI.PATIENTS'],
        ['HEALTH.PHI.COPIES'],
      ],
    ] as const) {
      const answer = session.query(sql)
      const { question, answer: say } = await people.question(people.asked.length)
      say({ verdict: 'denied', by: ['steward-1'], note: 'no' })
      expectRefusal(await answer, 'ApprovalDenied')
      expect(question.objects).toEqual(objects)
      expect(question.changed).toEqual(changed)
      expect(Object.keys(question.altered ?? {})).toEqual(['HEALTH.PHI.PATIENTS'])
      expect(question.altered?.['HEALTH.PHI.PATIENTS']).toMatch(/^20\d\d-.*Z$/)
    }
  })

  test('is recorded with everybody who was asked: groups and users', async () => {
    const asking = { ...patients, approval: { ...approval, users: ['https://idp.example#ann'] } }
    const { gateway, people } = await holdingGateway(world, {
      bundle: holding(world, [anything, asking]),
    })
    const answer = (await gateway.login()).query('SELECT ssn FROM health.phi.patients')
    ;(await people.question(0)).approve()
    await answer
    expect(await eventsOf(gateway, 'approval.requested')).toMatchObject([
      { approvers: ['stewards', 'https://idp.example#ann'], count: 1 },
    ])
  })

  test('that writes into a protected table shows types, and no value of it', async () => {
    const writes = { ...orders, statements: ['DML' as const] }
    const { gateway, people } = await holdingGateway(world, {
      bundle: holding(world, [anything, writes]),
    })
    const session = await gateway.login()
    await session.query("SET given = '987-65-4321'")
    const answer = session.query(
      "INSERT INTO health.phi.patients (id, ssn, email) SELECT 4711, '123-45-6789', $given",
    )
    const { question, answer: say } = await people.question(0)
    say({ verdict: 'denied', by: ['steward-1'], note: 'no' })
    expectRefusal(await answer, 'ApprovalDenied')
    expect(question.sql).toMatch(/SELECT :NUMBER ?, :TEXT ?, \$given/)
    expect(JSON.stringify(question)).not.toMatch(/4711|123-45-6789|987-65-4321/)
  })

  test('of more text than people are shown is refused', async () => {
    const { gateway, people } = await holdingGateway(world)
    const session = await gateway.login()
    const long = `SELECT ssn, '${'x'.repeat(65 * 1024)}' AS c FROM health.phi.patients`
    expectRefusal(await session.query(long), 'ApprovalTooLarge')
    expect(people.asked).toEqual([])
  })
})
