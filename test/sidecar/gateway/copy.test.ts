/** COPY INTO through the whole gateway; the warehouse has no stages, so its answers are scripted. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { startWorld, type World } from '../../support/gateway.ts'
import { noLimits } from '../../support/limits.ts'
import { emptyRule } from '../../support/rules.ts'
import { isAgentStatement, json, type Envelope } from '../../support/upstream.ts'

let world: World
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
  const stages = [{ database: 'HEALTH', schema: 'PHI', name: 'FILES' }]
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    limits: { ...noLimits, rowsPerStatement: 2, rowsPerHour: 2, bytesPerStatement: 10 },
    rules: [
      { ...emptyRule, name: 'all', action: 'Allow' as const },
      { ...emptyRule, name: 'files', action: 'Allow' as const, stages },
    ],
  }))
  const gateway = await world.gateway({ bundle: sealBundle({ ...world.bundle, policies }) })
  session = await gateway.login({ query: { databaseName: 'HEALTH', schemaName: 'PHI' } })
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

const columns = ['file', 'status', 'first_error']
const rowset = ['a', 'b', 'c'].map((file) => [`files/${file}.csv`, 'LOADED', null])

/** Answers the agent's statement as COPY INTO is answered; tells which texts came. */
async function scripted(statementTypeId: number): Promise<string[]> {
  let known: Envelope | undefined
  world.upstream.script = async (request, forward) => {
    if (isAgentStatement(request)) known = await forward()
    return undefined
  }
  await session.query('SELECT CURRENT_DATE()')
  const data = known?.data ?? {}
  const [column] = data['rowtype'] as readonly object[]
  const rowtype = columns.map((name) => ({ ...column, name, type: 'text', nullable: true }))
  const count = { total: rowset.length, returned: rowset.length }
  const texts: string[] = []
  world.upstream.script = (request) => {
    if (!isAgentStatement(request)) return undefined
    texts.push(request.sql)
    return json({ ...known, data: { ...data, statementTypeId, rowtype, rowset, ...count } })
  }
  return texts
}

test('a load tells of every file, whatever the limits: it has happened', async () => {
  const texts = await scripted(0x3600)
  const answer = await session.query('COPY INTO visits FROM @files/new/ FORCE = TRUE')
  expect(answer).toMatchObject({ success: true, data: { rowset, statementTypeId: 0x3600 } })
  expect(texts).toEqual([
    'COPY INTO "HEALTH"."PHI"."VISITS" FROM @"HEALTH"."PHI"."FILES"/new/ FORCE = TRUE',
  ])
})

test('an unload reads protected relations from behind masks', async () => {
  const texts = await scripted(0x3700)
  const answer = await session.query('COPY INTO @files FROM (SELECT city FROM patients)')
  expect(answer).toMatchObject({ success: true, data: { statementTypeId: 0x3700 } })
  expect(texts).toHaveLength(1)
  expect(texts[0]).toMatch(
    /^COPY INTO @"HEALTH"."PHI"."FILES" FROM \(SELECT city FROM \(SELECT "ID", .* AS "SSN"/,
  )
})

test('an answer of the other way is withheld', async () => {
  await scripted(0x3700)
  expectRefusal(await session.query('COPY INTO visits FROM @files'), 'UpstreamAnswerRefused')
})

test('nothing protected, and no other stage, is sent upstream', async () => {
  const texts = await scripted(0x3700)
  expectRefusal(await session.query('COPY INTO @files FROM patients'), 'PersistRefused')
  expectRefusal(await session.query('COPY INTO patients FROM @files'), 'ProtectedValueRefused')
  expectRefusal(await session.query('COPY INTO @other FROM visits'), 'PolicyUncovered')
  expectRefusal(await session.query('COPY INTO @~ FROM visits'), 'StatementUnsupported')
  expectRefusal(await session.query('SELECT $1 FROM @files'), 'StageRefused')
  expect(texts).toEqual([])
})
