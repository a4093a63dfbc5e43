import { readFile } from 'node:fs/promises'

import { beforeAll, describe, expect, test } from 'vitest'

import { parseCatalog } from '../../../cli/catalog-file/read.ts'
import { catalogOf } from '../../../cli/catalog-file/source.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import type { Bundle, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { FrostgateError } from '../../../sidecar/errors.ts'
import type { Principal } from '../../../sidecar/identity/principal.ts'
import { judge } from '../../../sidecar/statement/judge.ts'
import type { Judgement } from '../../../sidecar/statement/judgement.ts'

let bundle: Bundle
let catalog: (role: string) => CatalogSource

beforeAll(async () => {
  const compiled = await compileDirectory('examples/quickstart')
  const file = 'examples/quickstart/tests/catalog.yaml'
  const parsed = parseCatalog(file, await readFile(file, 'utf8'))
  if ('problems' in compiled || 'problems' in parsed) throw new Error('the example is broken')
  bundle = compiled.bundle
  catalog = (role) => catalogOf(parsed.relations, role)
})

const principal: Principal = {
  provider: 'local',
  issuer: '',
  subject: 'a',
  groups: ['ai-coding-agents'],
  claims: {},
  run: undefined,
  expiresAt: 0,
}

async function judged(
  sql: string,
  more: Partial<Parameters<typeof judge>[0]> = {},
): Promise<Judgement> {
  const context = { database: 'HEALTH', schema: 'PHI' }
  return await judge({ bundle, principal, sql, context, catalog, now: 0, ...more })
}

const withRule = (rule: Partial<CompiledRule>): Bundle => ({
  ...bundle,
  policies: bundle.policies.map((policy) => ({
    ...policy,
    rules: policy.rules.map((each) => (each.action === 'Allow' ? { ...each, ...rule } : each)),
  })),
})

describe('a statement that is judged and not run', () => {
  test('has the role and warehouse that a login would give', async () => {
    const { grant } = await judged('SELECT 1')
    expect(grant).toMatchObject({ role: 'AGENT_READER', warehouse: 'AGENT_WH' })
    const refused = await judged('SELECT 1', { requested: { role: 'ACCOUNTADMIN' } })
    expect(refused).toMatchObject({
      verdict: 'noLogin',
      error: { name: 'SessionChoiceUnavailable' },
    })
  })

  test('shows no key, not even of those that stand in for the real ones', async () => {
    const key = { kind: 'inStatement', secretName: 'mask-key' } as const
    const hashed = await judged('SELECT notes FROM patients', {
      bundle: {
        ...bundle,
        masks: bundle.masks.map((mask) => ({
          ...mask,
          columns: [{ database: 'HEALTH', schema: 'PHI', name: 'PATIENTS', column: 'NOTES' }],
          method: { kind: 'hash', key },
        })),
      },
    })
    expect(hashed).toMatchObject({ verdict: 'allow', error: null })
    expect(hashed.emitted).toContain('‹key of Secret mask-key›')
    expect(hashed.emitted).not.toMatch(/[0-9a-f]{32}/)
  })

  test('is held where a rule wants approval, and says of whom', async () => {
    const approval = { approvers: ['stewards'], count: 2, expiresAfter: 900 }
    const held = await judged('SELECT name FROM patients', {
      bundle: withRule({ action: 'RequireApproval', approval }),
    })
    expect(held).toMatchObject({
      verdict: 'hold',
      approval: { approvers: ['stewards'], count: 2 },
      rules: [{ policy: 'ai-agents', rule: 'read-analytics' }],
      error: { name: 'ApprovalRequired' },
    })
  })

  test('without a catalogue is undecided, unless its text is enough', async () => {
    const none = { catalog: undefined }
    expect(await judged('SELECT name FROM patients', none)).toMatchObject({
      verdict: 'undecided',
      error: null,
      emitted: null,
      missing: ['HEALTH.PHI.PATIENTS'],
    })
    expect(await judged('SELECT 1', none)).toMatchObject({ verdict: 'allow' })
    expect(await judged('DROP TABLE patients', none)).toMatchObject({ verdict: 'deny' })
  })

  test('is refused where the catalogue cannot be read', async () => {
    const broken = (role: string): CatalogSource => ({
      role,
      relation: () => Promise.reject(FrostgateError.of('UpstreamUnavailable', { reason: 'gone' })),
      lastDdl: () => Promise.resolve([]),
    })
    expect(await judged('SELECT name FROM patients', { catalog: broken })).toMatchObject({
      verdict: 'deny',
      error: { name: 'UpstreamUnavailable' },
    })
  })

  test('a fault of the program is no verdict', async () => {
    const broken = (role: string): CatalogSource => ({
      role,
      relation: () => Promise.reject(new TypeError('oops')),
      lastDdl: () => Promise.resolve([]),
    })
    await expect(judged('SELECT name FROM patients', { catalog: broken })).rejects.toThrow('oops')
  })

  test.each([
    ['SELECT name AS n, ssn, 1 + 1 FROM patients', ['N', 'SSN', '1 + 1']],
    ['SELECT *, 1 FROM visits', ['VISIT_ID', 'PATIENT_ID', 'VISITED_AT', 'FEE', 'DIAGNOSIS', '1']],
    ['SELECT fee AS a FROM visits UNION ALL SELECT 1', ['A']],
    ['SELECT "fee" FROM (SELECT fee AS "fee" FROM visits)', ['fee']],
  ])('tells the columns of %s', async (sql, names) => {
    const { outputs } = await judged(sql)
    expect(outputs?.map(({ name }) => name)).toEqual(names)
  })

  test('is plain data', async () => {
    const judgement = await judged('SELECT ssn FROM patient_directory')
    expect(JSON.parse(JSON.stringify(judgement))).toMatchObject({
      verdict: 'allow',
      masks: [{ column: 'HEALTH.PHI.PATIENT_DIRECTORY.SSN', rule: 'ssn' }],
    })
  })
})
