import { describe, expect, test } from 'vitest'

import { catalog, findings, mask, policy, said } from './support.ts'

const read = 'name: read, statements: [Query], objects: ["DB.*.*"], action: Allow'

describe('rules beside each other', () => {
  test('rules that say different things are not mentioned', () => {
    const rules = [read, 'name: write, statements: [DML], objects: ["DB.*.*"], action: Allow']
    expect(said(policy('p', rules))).toEqual([])
  })

  test('a rule that a broader one covers is shadowed, wherever it stands', () => {
    const narrow = 'name: narrow, statements: [Query], objects: [DB.S.T], action: Allow'
    const expected = ['warning shadowed-rule AgentPolicy p, rule narrow']
    expect(said(policy('p', [read, narrow]))).toEqual(expected)
    expect(said(policy('p', [narrow, read]))).toEqual(expected)
  })

  test('a Deny that stands first is not shadowed where it has a message of its own', () => {
    const broad = 'name: all, statements: [Drop], objects: ["DB.*.*"], action: Deny'
    const own = 'name: own, statements: [Drop], objects: [DB.S.T], action: Deny, message: Ask us.'
    expect(said(policy('p', [own, broad]))).toEqual([])
    const shadowed = ['warning shadowed-rule AgentPolicy p, rule own']
    expect(said(policy('p', [broad, own]))).toEqual(shadowed)
    expect(said(policy('p', [own.replace(', message: Ask us.', ''), broad]))).toEqual(shadowed)
  })

  test('of two rules that say the same, the later one is shadowed', () => {
    const again = read.replace('name: read', 'name: again')
    expect(said(policy('p', [read, again]))).toEqual([
      'warning shadowed-rule AgentPolicy p, rule again',
    ])
  })

  test('a rule is shadowed by another policy only where that speaks to all its subjects', () => {
    const narrow = 'name: narrow, statements: [Query], objects: [DB.S.T], action: Allow'
    const narrowed = policy('b', [narrow])
    expect(said(policy('a', [read]) + narrowed)).toEqual([
      'warning shadowed-rule AgentPolicy b, rule narrow',
    ])
    const others = narrowed.replace('groups: [agents]', 'groups: [agents, others]')
    expect(said(policy('a', [read]) + others)).toEqual([])
  })

  test('an Allow that a Deny always beats is unreachable', () => {
    const deny = 'name: never, statements: [Query, Drop], objects: ["DB.*.*"], action: Deny'
    const allow = 'name: read, statements: [Query], objects: [DB.S.T], action: Allow'
    expect(said(policy('p', [allow, deny]))).toEqual([
      'warning unreachable-rule AgentPolicy p, rule read',
    ])
  })

  test('Allow and Deny of the same thing contradict each other', () => {
    const deny = read.replace('name: read', 'name: never').replace('Allow', 'Deny')
    expect(said(policy('p', [read, deny]))).toEqual([
      'error contradiction AgentPolicy p, rule read',
    ])
  })

  test('a Deny of some columns leaves the rest of the Allow', () => {
    const deny = 'name: phi, columns: [DB.S.PATIENTS.SSN], action: Deny'
    expect(said(policy('p', [read, deny]))).toEqual([])
  })

  test('a Deny of an Observe policy beats nothing', () => {
    const deny = read.replace('name: read', 'name: never').replace('Allow', 'Deny')
    expect(said(policy('a', [read]) + policy('b', [deny], 'mode: Observe'))).toEqual([
      'warning observe-beside-enforce AgentPolicy b',
    ])
  })

  test('a rule with objects for statements that name none never matches', () => {
    const rule = 'name: s, statements: [Session], objects: [DB.S.T], action: Allow'
    expect(said(policy('p', [rule]))).toEqual(['warning unreachable-rule AgentPolicy p, rule s'])
  })

  test('an Allow of what no version of a rule can let run is said to be one', () => {
    const rule = 'name: g, statements: [Grant], action: Allow'
    expect(said(policy('p', [rule]))).toEqual(['warning unreachable-rule AgentPolicy p, rule g'])
    expect(said(policy('p', [rule.replace('Allow', 'Deny')]))).toEqual([])
  })

  test('a finding says where the rule is written', () => {
    const [finding] = findings(policy('p', [read, read.replace('name: read', 'name: again')]))
    expect(finding?.place).toMatchObject({ file: 'policies.yaml', line: 25 })
  })
})

describe('policies beside each other', () => {
  test('two that give one agent different roles make it ask at login', () => {
    const other = policy('b', [read], 'session: { role: WRITER }')
    expect(said(policy('a', ['name: x, statements: [DML], action: Allow']) + other)).toEqual([
      'warning ambiguous-session AgentPolicy b',
    ])
  })

  test("the role of an Observe policy is nobody's, so it asks nothing", () => {
    const other = policy('b', [read], 'session: { role: WRITER }\n  mode: Observe')
    expect(said(policy('a', ['name: x, statements: [DML], action: Allow']) + other)).toEqual([
      'warning observe-beside-enforce AgentPolicy b',
    ])
  })

  test('subjects that nobody can be both of do not overlap', () => {
    const of = (name: string, subject: string, role: string): string =>
      policy(name, [read], `session: { role: ${role} }`).replace(
        'groups: [agents]',
        `subjects: [${subject}]`,
      )
    expect(said(of('a', 'one', 'A') + of('b', 'two', 'B'))).toEqual([])
    expect(said(of('a', 'one', 'A') + of('b', 'one', 'B'))).toContain(
      'warning ambiguous-session AgentPolicy b',
    )
  })
})

describe('rules and the catalogue', () => {
  test('patterns that match nothing are named', () => {
    const rule =
      'name: r, statements: [Query], objects: ["DB.S.*", "DB.TYPO.*", DB.S.NONE], action: Allow'
    const found = findings(policy('p', [rule]), catalog).filter(
      ({ check }) => check === 'matches-nothing',
    )
    expect(found.map(({ message }) => message)).toEqual([
      'DB.TYPO.* matches nothing in the catalogue',
      'DB.S.NONE matches nothing in the catalogue',
    ])
  })

  test('without a catalogue nothing is said of it', () => {
    const rule = 'name: r, statements: [Query], objects: ["NO.*.*"], action: Allow'
    expect(said(policy('p', [rule]))).toEqual([])
  })

  test('a masking rule that names a column that is not there is an error: it closes a schema', () => {
    const rules =
      mask('m', '"DB.S.PATIENTS.{SSN,SNN}"', 'redact: {}') + mask('w', '"*.*.*.NIX"', 'redact: {}')
    expect(said(rules, catalog)).toEqual([
      'error mask-matches-nothing MaskingRule m',
      'warning mask-matches-nothing MaskingRule w',
    ])
  })

  test('a mask that fits no value of the column is foreseen', () => {
    const rule = mask('dob', 'DB.S.PATIENTS.DOB', 'partial: { keepLast: 4 }')
    const found = findings(rule, catalog)
    expect(found.map(({ check }) => check)).toEqual(['mask-impossible'])
    expect(found[0]?.message).toContain('DB.S.PATIENTS.DOB of type DATE')
    expect(said(rule.replace('partial: { keepLast: 4 }', 'redact: {}'), catalog)).toEqual([])
  })
})

describe('columns that look personal', () => {
  test('those that agents may read and no rule masks are suggested, with the rule to paste', () => {
    const found = findings(policy('p', [read]), catalog)
    expect(found.map(({ severity, check }) => `${severity} ${check}`)).toEqual([
      'suggestion unmasked-column',
      'suggestion unmasked-column',
    ])
    const [ssn, dob] = found.map(({ paste }) => paste ?? '')
    expect(ssn).toContain('- DB.S.PATIENTS.SSN')
    expect(ssn).toContain('keepLast: 4')
    expect(dob).toContain('dateTruncate')
    // Views follow their tables; flags and keys are no addresses.
    expect(JSON.stringify(found)).not.toMatch(/DB\.S\.V|HAS_EMAIL|ADDRESS_ID/)
  })

  test('those that the same policy denies, or has approved, are not suggested', () => {
    const guard = 'name: phi, columns: ["DB.S.PATIENTS.{SSN,DOB}"], action'
    const approval = 'RequireApproval, approval: { approvers: { groups: [stewards] } }'
    for (const action of ['Deny', approval])
      expect(said(policy('p', [read, `${guard}: ${action}`]), catalog)).toEqual([])
    const sometimes = `${guard}: Deny, when: "session.role == 'X'"`
    const writes = `${guard}: Deny, statements: [DML]`
    for (const rule of [sometimes, writes])
      expect(said(policy('p', [read, rule]), catalog)).toHaveLength(2)
    const elsewhere = policy('p', [read]) + policy('q', [`${guard}: Deny`])
    expect(said(elsewhere, catalog)).toHaveLength(2)
    const others = 'name: ids, columns: [DB.S.PATIENTS.ID], action: Allow'
    expect(said(policy('p', [others]), catalog)).toEqual([])
  })

  test('what is suggested, pasted, is a rule that satisfies the linter', () => {
    const pasted = findings(policy('p', [read]), catalog)
      .map(({ paste }) => paste ?? '')
      .filter((paste) => paste.includes('partial'))
      .join('---\n')
    expect(findings(`${policy('p', [read])}${pasted}`, catalog)).toHaveLength(1)
  })

  test('what no rule lets agents read is not suggested', () => {
    expect(
      said(
        policy('p', ['name: none, statements: [Query], objects: [DB.S.ORDERS], action: Allow']),
        catalog,
      ),
    ).toEqual([])
  })

  test('a tag that says so is believed, whatever the name of the column', () => {
    const tagged = catalog.replace(
      "AMOUNT: 'NUMBER(10,2)'",
      "AMOUNT: { type: 'NUMBER(10,2)', tags: { GOV.TAGS.PII: 'yes' } }",
    )
    const found = findings(policy('p', [read]), tagged)
    expect(found.map(({ message }) => message).join()).toContain(
      'sensitive by its tag, and no rule masks it: DB.S.ORDERS.AMOUNT',
    )
  })
})
