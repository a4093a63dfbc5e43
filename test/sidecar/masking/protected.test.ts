import { describe, expect, test } from 'vitest'
import { masksFor, protectedColumns } from '../../../sidecar/masking/protected.ts'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'
import {
  integer,
  mask,
  maskedPatients,
  person,
  plan,
  refusal,
  schema,
  ssnMask,
  table,
  text,
} from './fixture.ts'

const auditors = [
  { provider: 'okta', groups: ['clinical-audit'], subjects: undefined, claims: undefined },
]

describe('whom a rule binds', () => {
  test('everyone, where it names no subjects', () => {
    expect(masksFor([ssnMask], person())).toEqual([ssnMask])
  })

  test('those it names, and no others', () => {
    const rule = { ...ssnMask, subjects: auditors }
    expect(masksFor([rule], person('clinical-audit'))).toEqual([rule])
    expect(masksFor([rule], person('agents'))).toEqual([])
  })

  test('an exemption is of the principal, not of whom its token speaks of', () => {
    const rule = { ...ssnMask, exceptFor: auditors }
    const agent = { ...person('agents'), claims: { act: { groups: ['clinical-audit'] } } }
    expect(masksFor([rule], agent)).toEqual([rule])
    expect(masksFor([rule], { ...person('clinical-audit'), provider: 'other' })).toEqual([rule])
  })

  test('every rule binds an agent that acts for somebody who is exempt', () => {
    const auditor = person('clinical-audit')
    const delegated = { ...auditor, claims: { ...auditor.claims, act: { sub: 'agent-7' } } }
    const agents = auditors.map((matcher) => ({ ...matcher, groups: ['agents'] }))
    const rules = [
      { ...ssnMask, exceptFor: auditors },
      { ...ssnMask, subjects: agents },
    ]
    expect(masksFor(rules, auditor)).toEqual([])
    expect(masksFor(rules, delegated)).toEqual(rules)
  })

  test('not those it exempts', () => {
    const rule = { ...ssnMask, exceptFor: auditors }
    const exempt = plan('SELECT ssn FROM patients ORDER BY ssn', {
      masks: [rule],
      principal: person('clinical-audit'),
    })
    expect(exempt).toMatchObject({ touchesProtected: false, maskedColumns: [] })
    expect(exempt.emitted).toContain('SELECT ssn FROM "DB"."S"."PATIENTS" ORDER BY')
    expect(plan('SELECT ssn FROM patients', { masks: [rule] }).emitted).toContain(maskedPatients)
  })
})

describe('which columns a rule means', () => {
  test('names are exact; null in a pattern is any', () => {
    const everywhere = {
      ...ssnMask,
      columns: [{ database: null, schema: null, name: null, column: 'SSN' }],
    }
    const planned = plan('SELECT p.ssn, v.ssn FROM patients p, visits v', { masks: [everywhere] })
    expect(planned.maskedColumns).toEqual(['DB.S.PATIENTS.SSN', 'DB.S.VISITS.SSN'])
    const quoted = {
      ...ssnMask,
      columns: [{ database: 'DB', schema: 'S', name: 'PATIENTS', column: 'ssn' }],
    }
    expect(refusal('SELECT ssn FROM patients', { masks: [quoted] }).entry).toBe('MaskUnmatched')
  })

  test('a method that gives no valid value of the type refuses the relation', () => {
    const masks = [mask('PATIENTS.ID', { kind: 'partial', keepFirst: 0, keepLast: 4 })]
    const error = refusal('SELECT name FROM patients', { masks })
    expect(error.entry).toBe('MaskImpossible')
    expect(error.message).toContain('DB.S.PATIENTS.ID has type NUMBER(38,0)')
    expect(error.message).toContain('mask "partial" of MaskingRule "hide-id"')
  })
})

describe('which columns a tag protects', () => {
  const pii = { database: 'GOV', schema: 'TAGS', name: 'PII' }
  const [patients] = schema
  const tagged = (tags: CatalogRelation['tags']): readonly CatalogRelation[] =>
    schema.map((relation) => (relation === patients ? { ...relation, tags } : relation))
  const byTag = (value: string | null) =>
    mask('X.Y', { kind: 'null' }, { columns: [], tags: [{ ...pii, value }] })
  const ssn = { ...pii, column: 'SSN', value: 'ssn' }

  test('those that carry it, with its value or any', () => {
    const relations = tagged([ssn, { ...pii, column: 'NAME', value: 'name' }])
    const masked = (value: string | null) =>
      plan('SELECT ssn FROM patients', { relations, masks: [byTag(value)] }).maskedColumns
    expect(masked('ssn')).toEqual(['DB.S.PATIENTS.SSN'])
    expect(masked(null)).toEqual(['DB.S.PATIENTS.NAME', 'DB.S.PATIENTS.SSN'])
    expect(masked('SSN')).toEqual([])
  })

  test('no tag of another database, schema or name', () => {
    const others = [
      { ...ssn, database: 'OTHER' },
      { ...ssn, schema: 'OTHER' },
      { ...ssn, name: 'OTHER' },
    ]
    const planned = plan('SELECT ssn FROM patients', {
      relations: tagged(others),
      masks: [byTag(null)],
    })
    expect(planned.maskedColumns).toEqual([])
  })

  test('also through a view, and a rule by name beside it', () => {
    const planned = plan('SELECT x FROM v_renamed', {
      relations: tagged([ssn]),
      masks: [byTag(null), ssnMask],
    })
    expect(planned.maskedColumns).toEqual(['DB.S.V_RENAMED.X'])
    expect(planned.emitted).toContain('CAST(NULL AS VARCHAR(11))')
    expect(planned.maskingRules).toEqual(['hide-ssn', 'hide-y'])
  })

  test('where tags cannot be read and a rule goes by them, nothing of the relation can', () => {
    const relations = tagged(null)
    const setting = { relations, masks: [byTag('ssn')] }
    for (const sql of ['SELECT id FROM patients', 'SELECT x FROM v_renamed']) {
      expect(refusal(sql, setting)).toMatchObject({
        entry: 'TagsUnreadable',
        message: expect.stringContaining('DB.S.PATIENTS') as string,
      })
    }
    expect(plan('SELECT id FROM visits', setting).maskedColumns).toEqual([])
    expect(plan('SELECT id FROM patients', { relations }).maskedColumns).not.toEqual([])
    const exempt = { ...setting, masks: [{ ...byTag('ssn'), exceptFor: auditors }] }
    expect(
      plan('SELECT id FROM patients', { ...exempt, principal: person('clinical-audit') })
        .maskedColumns,
    ).toEqual([])
  })

  test('columns of the past, which have no tags to tell, do not come back', () => {
    const sql = 'SELECT * FROM visits AT(OFFSET => -60)'
    expect(plan(sql, { relations: tagged([ssn]), masks: [byTag('ssn')] }).emitted).toContain(
      '(SELECT "PID", "SSN", "FEE" FROM "DB"."S"."VISITS"',
    )
  })
})

describe('wildcards in a rule', () => {
  const pattern = { database: 'DB', schema: 'S', name: 'PATIENTS', column: 'SSN' }
  const columns = (change: Partial<Record<keyof typeof pattern, null>>) => {
    const [patients] = schema
    if (patients === undefined) throw new Error('no relation')
    const rule = { ...ssnMask, columns: [{ ...pattern, ...change }] }
    return [...protectedColumns([rule], patients).keys()]
  }

  test('* for the relation, the column, or all of it', () => {
    expect(columns({ name: null })).toEqual(['SSN'])
    expect(columns({ column: null })).toEqual(['ID', 'NAME', 'SSN', 'CITY'])
    const all = { database: null, schema: null, name: null, column: null }
    expect(columns(all)).toEqual(['ID', 'NAME', 'SSN', 'CITY'])
  })
})

describe('a rename must not unmask', () => {
  const renamed = table('PATIENTS', { ID: integer, SSN_OLD: text(11) })

  test('a relation without a column that a rule names is closed', () => {
    expect(refusal('SELECT ssn_old FROM patients', { relations: [renamed] })).toMatchObject({
      entry: 'MaskUnmatched',
      message: expect.stringContaining('DB.S.PATIENTS.SSN') as string,
    })
  })

  test('so is a view over it', () => {
    const view = table('V', { X: text(11) }, 'SELECT ssn_old FROM patients')
    expect(refusal('SELECT x FROM v', { relations: [renamed, view] }).entry).toBe('MaskUnmatched')
  })

  test('a rule for any relation, or for another, closes nothing', () => {
    const everywhere = mask('PATIENTS.SSN')
    const [pattern] = everywhere.columns
    const wide = { ...everywhere, columns: pattern ? [{ ...pattern, name: null }] : [] }
    for (const masks of [[wide], [mask('VISITS.SSN')]]) {
      expect(
        plan('SELECT id FROM patients', { relations: [renamed], masks }).maskedColumns,
      ).toEqual([])
    }
  })

  test('nor does one that does not bind the principal', () => {
    const masks = [{ ...ssnMask, exceptFor: auditors }]
    const principal = person('clinical-audit')
    expect(
      plan('SELECT id FROM patients', { relations: [renamed], masks, principal }),
    ).toBeDefined()
  })
})
