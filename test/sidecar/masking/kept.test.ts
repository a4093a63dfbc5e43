import { describe, expect, test } from 'vitest'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'
import { masksFor } from '../../../sidecar/masking/protected.ts'
import {
  integer,
  mask,
  person,
  plan,
  schema,
  ssnMask,
  table,
  text,
  type Setting,
} from './fixture.ts'

const other = {
  provider: 'okta',
  groups: ['clinical-audit'],
  subjects: undefined,
  claims: undefined,
}
const sql = 'SELECT name, ssn FROM patients'

function emitted(setting: Setting, statement = sql): string {
  return plan(statement, setting).emitted
}

function withPatients(
  columns: Readonly<Record<string, CatalogRelation['columns'][number]['type']>>,
) {
  const fresh = table('PATIENTS', columns)
  return schema.map((relation) => (relation.name.name === 'PATIENTS' ? fresh : relation))
}

describe('what is worked out for one statement is kept for the next', () => {
  test('principals with different exemptions get different plans, in whatever order they ask', () => {
    const masks = [{ ...ssnMask, exceptFor: [other] }]
    const [agent, auditor] = [person('agents'), person('clinical-audit')]
    const masked = emitted({ masks, principal: agent })
    const plain = emitted({ masks, principal: auditor })
    expect(masked).toContain('RIGHT("SSN", 4)')
    expect(plain).toBe('SELECT name, ssn FROM "DB"."S"."PATIENTS"')
    for (const principal of [auditor, agent, person('agents'), auditor, person('clinical-audit')]) {
      const exempt = principal.groups.includes('clinical-audit')
      expect(emitted({ masks, principal })).toBe(exempt ? plain : masked)
    }
  })

  test('principals whom different rules bind get each their own mask, through views too', () => {
    const redact = mask('PATIENTS.SSN', { kind: 'redact' }, { name: 'r', subjects: [other] })
    const nothing = mask('PATIENTS.SSN', { kind: 'null' }, { name: 'n', exceptFor: [other] })
    const masks = [redact, nothing]
    const ask = (group: string) =>
      plan('SELECT x FROM v_renamed', { masks, principal: person(group) })
    expect(ask('agents').maskingRules).toEqual(['n'])
    expect(ask('clinical-audit').maskingRules).toEqual(['r'])
    expect(ask('agents').emitted).toContain('NULL')
    expect(ask('clinical-audit').emitted).toContain("'***'")
  })

  test('the same rules in another bundle are worked out anew', () => {
    const masks = [ssnMask]
    expect(emitted({ masks })).toContain('RIGHT("SSN", 4)')
    expect(emitted({ masks: [{ ...ssnMask, method: { kind: 'null' } }] })).not.toContain('RIGHT')
    expect(emitted({ masks: [] })).toBe('SELECT name, ssn FROM "DB"."S"."PATIENTS"')
  })

  test('a relation that was read anew is planned for as it is now', () => {
    const masks = [ssnMask]
    const before = emitted({ masks })
    expect(before).toContain('VARCHAR(11)')
    const wider = withPatients({ ID: integer, NAME: text(100), SSN: text(20), BORN: integer })
    const after = emitted({ masks, relations: wider })
    expect(after).toContain('VARCHAR(20)')
    expect(after).toContain('"BORN"')
    expect(emitted({ masks })).toBe(before)
  })

  test('a view is worked out anew when a relation behind it is another, though the view is not', () => {
    const masks = [ssnMask]
    const ask = (relations: readonly CatalogRelation[]) =>
      plan('SELECT * FROM v_star', { masks, relations }).maskedColumns
    expect(ask(schema)).toEqual(['DB.S.V_STAR.SSN'])
    // The star now gives the protected column under the name that stands second in the view.
    const turned = withPatients({ ID: integer, SSN: text(11), NAME: text(100), CITY: text(50) })
    expect(ask(turned)).toEqual(['DB.S.V_STAR.NAME'])
    expect(ask(schema)).toEqual(['DB.S.V_STAR.SSN'])
  })

  test('and so is a view over a view, when a table below both is another', () => {
    const masks = [ssnMask]
    const below = (relations: readonly CatalogRelation[]) =>
      plan('SELECT * FROM v_nested', { masks, relations }).maskedColumns
    expect(below(schema)).toEqual(['DB.S.V_NESTED.Y'])
    expect(below(withPatients({ SSN: text(11) }))).toEqual(['DB.S.V_NESTED.Y'])
    const open = schema.map((relation) =>
      relation.name.name === 'V_RENAMED'
        ? table('V_RENAMED', { X: text(11) }, 'SELECT name FROM patients')
        : relation,
    )
    expect(below(open)).toEqual([])
    expect(below(schema)).toEqual(['DB.S.V_NESTED.Y'])
  })

  test('also when only the table below both is another', () => {
    const masks = [ssnMask]
    const columns = { ID: integer, NAME: text(100), SSN: text(11), CITY: text(50) }
    const top = table('V_TOP', columns, 'SELECT * FROM v_star')
    const ask = (relations: readonly CatalogRelation[]) =>
      plan('SELECT * FROM v_top', { masks, relations: [...relations, top] }).maskedColumns
    expect(ask(schema)).toEqual(['DB.S.V_TOP.SSN'])
    const turned = withPatients({ ID: integer, SSN: text(11), NAME: text(100), CITY: text(50) })
    expect(ask(turned)).toEqual(['DB.S.V_TOP.NAME'])
  })

  test('other keys give another text, and every plan tells the keys that it holds', () => {
    const key = { kind: 'inStatement', secretName: 'hashing' } as const
    const masks = [mask('GUESS.G', { kind: 'hash', key })]
    const relations = [table('GUESS', { G: text(64) })]
    const keysOf = (fill: number) => new Map([['hashing', new Uint8Array(32).fill(fill)]])
    const [one, two] = [keysOf(1), keysOf(2)]
    const ask = (keys: typeof one) => plan('SELECT g FROM guess', { masks, relations, keys })
    const first = ask(one)
    const second = ask(two)
    expect(second.emitted).not.toBe(first.emitted)
    for (const planned of [first, second, ask(one), ask(one), ask(two)]) {
      expect(planned.secrets).toHaveLength(2)
      for (const secret of planned.secrets) expect(planned.emitted).toContain(secret.text)
    }
    expect(ask(one).emitted).toBe(first.emitted)
  })
})

describe('the rules that bind a principal', () => {
  const masks = [
    mask('A.B', { kind: 'null' }, { exceptFor: [other] }),
    mask('A.C', { kind: 'null' }, { subjects: [other] }),
  ]

  test('are one list for those whom the very same rules bind, and no other list', () => {
    const [agent, auditor] = [person('agents'), person('clinical-audit')]
    expect(masksFor(masks, agent)).toBe(masksFor(masks, person('agents', 'others')))
    expect(masksFor(masks, agent)).toEqual([masks[0]])
    expect(masksFor(masks, auditor)).toEqual([masks[1]])
    expect(masksFor([...masks], agent)).not.toBe(masksFor(masks, agent))
  })
})
