import { describe, expect, test } from 'vitest'
import { masksFor, strictest } from '../../../sidecar/masking/protected.ts'
import type { Protection } from '../../../sidecar/masking/masked.ts'
import {
  integer,
  mask,
  maskedPatients,
  person,
  plan,
  refusal,
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

describe('several rules on one column', () => {
  const rule = (name: string, method: Protection['method']): Protection => ({
    rule: name,
    method,
    usage: 'Strict',
  })

  test('null is stricter than redact, redact than partial', () => {
    const partial = rule('p', { kind: 'partial', keepFirst: 0, keepLast: 4 })
    const redact = rule('r', { kind: 'redact' })
    const nothing = rule('n', { kind: 'null' })
    expect(strictest([redact, partial])?.method.kind).toBe('redact')
    expect(strictest([partial, redact])?.method.kind).toBe('redact')
    expect(strictest([partial, nothing, redact])?.method.kind).toBe('null')
  })

  test('two partial rules together keep only what both keep', () => {
    const first = rule('a', { kind: 'partial', keepFirst: 3, keepLast: 1 })
    const last = rule('b', { kind: 'partial', keepFirst: 0, keepLast: 4 })
    expect(strictest([last, first])).toEqual({
      rule: 'a',
      usage: 'Strict',
      method: { kind: 'partial', keepFirst: 0, keepLast: 1 },
    })
  })

  test('none is no protection', () => {
    expect(strictest([])).toBeUndefined()
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
