import { describe, expect, test } from 'vitest'
import type { CompiledPolicy } from '../../../sidecar/control/bundle.ts'
import { bundleOf, changed, problemsOf } from './folder.ts'

/** `valid` with its second rule, `never`, replaced. */
const withRule = (text: string) =>
  changed('policy.yaml', '    - name: never\n      action: Deny\n      statements: [Drop]\n', text)

/** `valid` with fields before the rules of its policy. */
const withSpec = (text: string) => changed('policy.yaml', '  rules:', `${text}\n  rules:`)

async function policyOf(files: Readonly<Record<string, string>>): Promise<CompiledPolicy> {
  const [policy] = (await bundleOf(files)).policies
  if (policy === undefined) throw new Error('no policy')
  return policy
}

const ruleOf = async (text: string) => (await policyOf(withRule(text))).rules[1]

describe('A rule', () => {
  test('may wait for approval', async () => {
    const rule = '    - { name: ddl, action: RequireApproval, statements: [DDL], '
    const given = 'approval: { approvers: { groups: [dba, lead] }, count: 2, expiresAfter: 1h } }\n'
    expect(await ruleOf(rule + given)).toMatchObject({
      action: 'RequireApproval',
      approval: { approvers: ['dba', 'lead'], count: 2, expiresAfter: 3_600 },
    })
    expect(
      (await ruleOf(`${rule}approval: { approvers: { groups: [dba] } } }\n`))?.approval,
    ).toEqual({ approvers: ['dba'], count: 1, expiresAfter: 900 })
  })

  test('may have a condition, which stays as written', async () => {
    const when = "principal.claims.ref == 'refs/heads/main'"
    const rule = `    - { name: main, action: Allow, statements: [DML], when: "${when}" }\n`
    expect((await ruleOf(rule))?.when).toBe(when)
  })

  test('may name stages', async () => {
    const rule =
      '    - { name: load, action: Allow, statements: [Load], stages: [A.B.in, A.C.*] }\n'
    expect((await ruleOf(rule))?.stages).toEqual([
      { database: 'A', schema: 'B', name: 'IN' },
      { database: 'A', schema: 'C', name: null },
    ])
  })

  test('that allows columns only is about their tables, and no other object', async () => {
    const rule = '    - { name: some, action: Allow, columns: ["A.B.C.{X,Y}", D.E.F.X] }\n'
    const compiled = await ruleOf(rule)
    expect(compiled?.columns).toHaveLength(3)
    expect(compiled?.objects).toEqual([
      { database: 'A', schema: 'B', name: 'C' },
      { database: 'D', schema: 'E', name: 'F' },
    ])
  })

  test('that denies columns is about any object that has them', async () => {
    const compiled = await ruleOf('    - { name: unread, action: Deny, columns: [A.B.C.X] }\n')
    expect(compiled?.objects).toEqual([])
  })
})

describe('A policy', () => {
  test('may limit bytes, concurrency and rows in an hour', async () => {
    const limits = 'bytesPerStatement: 10, concurrentStatements: 2, rowsPerHour: 99'
    expect((await policyOf(withSpec(`  limits: { ${limits} }`))).limits).toEqual({
      rowsPerStatement: undefined,
      bytesPerStatement: 10,
      statementsPerMinute: undefined,
      concurrentStatements: 2,
      rowsPerHour: 99,
    })
  })

  test('may name more warehouses, and parameters in their own types', async () => {
    const parameters = `{ timezone: UTC, WEEK_START: '1', Autocommit: 'FALSE' }`
    const session = `  session: { warehouses: [small, '"Big one"'], parameters: ${parameters} }`
    expect((await policyOf(withSpec(session))).session).toMatchObject({
      warehouses: ['SMALL', 'Big one'],
      parameters: { TIMEZONE: 'UTC', WEEK_START: 1, AUTOCOMMIT: false },
    })
  })
})

describe('A policy that cannot be meant so is refused at the field:', () => {
  test.each([
    [
      'functions in a Deny rule',
      withRule('    - { name: never, action: Deny, statements: [Drop], functions: [F] }\n'),
      'policy.yaml:15:56 spec.rules[1].functions: functions goes with the action Allow: approval is for statements, and what no rule allows is refused anyway. It says ["F"].',
    ],
    [
      'stages in a Deny rule',
      withRule('    - { name: never, action: Deny, statements: [Drop], stages: [A.B.C] }\n'),
      'policy.yaml:15:56 spec.rules[1].stages: stages goes with Allow and RequireApproval: a stage that no rule names is refused anyway. It says ["A.B.C"].',
    ],
    [
      'a message in an Allow rule',
      changed('policy.yaml', 'objects: [A.B.*]', 'message: welcome'),
      'policy.yaml:14:7 spec.rules[0].message: message is shown on refusal only; move it to a Deny rule. It says "welcome".',
    ],
    [
      'functions that wait for approval',
      withRule(
        '    - { name: f, action: RequireApproval, statements: [Query], functions: [F], approval: { approvers: { groups: [dba] } } }\n',
      ),
      'policy.yaml:15:64 spec.rules[1].functions: functions goes with the action Allow: approval is for statements, and what no rule allows is refused anyway. It says ["F"].',
    ],
    [
      'approval without approvers',
      withRule('    - { name: never, action: RequireApproval, statements: [Drop] }\n'),
      'policy.yaml:15:7 spec.rules[1].approval: approval goes with the action RequireApproval, and with no other. It is not there.',
    ],
    [
      'approvers of a rule that denies',
      withRule(
        '    - { name: never, action: Deny, statements: [Drop], approval: { approvers: { groups: [dba] } } }\n',
      ),
      'policy.yaml:15:56 spec.rules[1].approval: approval goes with the action RequireApproval, and with no other. It says {"approvers":{"groups":["dba"]},"count":1,"expiresAfter":"15m","delivery":"Wa….',
    ],
    [
      'an approval that stays open too long',
      withRule(
        '    - { name: never, action: RequireApproval, statements: [Drop], approval: { approvers: { groups: [dba] }, expiresAfter: 169h } }\n',
      ),
      'policy.yaml:15:109 spec.rules[1].approval.expiresAfter: must be from 1m to 168h, such as 15m. It says "169h".',
    ],
    [
      'a condition that is not CEL',
      withRule(
        `    - { name: never, action: Deny, statements: [Drop], when: "principal.run = 'x'" }\n`,
      ),
      'policy.yaml:15:56 spec.rules[1].when: line 1, column 15 of the condition: Unexpected character: =. Write a CEL expression; see docs/policy.md.',
    ],
    [
      'a condition on what there is not',
      withRule(
        "    - { name: never, action: Deny, statements: [Drop], when: principal.claim.ref == 'x' }\n",
      ),
      'policy.yaml:15:56 spec.rules[1].when: line 1, column 11 of the condition: No such key: claim. Use principal, statement, session and now as docs/policy.md describes them; ints and doubles do not mix.',
    ],
    [
      'a stage without its database',
      withRule('    - { name: load, action: Allow, statements: [Load], stages: [B.C] }\n'),
      'policy.yaml:15:65 spec.rules[1].stages[0]: "B.C" has 2 parts instead of 3. Write DATABASE.SCHEMA.NAME, each part an identifier or *.',
    ],
    [
      'a warehouse that is not one name',
      withSpec('  session: { warehouses: [a.b] }'),
      'policy.yaml:10:27 spec.session.warehouses[0]: "a.b" has 2 parts instead of 1. Write one identifier; quote it as in SQL if it needs quotes.',
    ],
    [
      'a parameter that is misspelt',
      withSpec('  session: { parameters: { TIMEZON: UTC } }'),
      'policy.yaml:10:28 spec.session.parameters.TIMEZON: is not a session parameter that policy can set. Did you mean TIMEZONE?',
    ],
    [
      'a value that its parameter does not take',
      withSpec(`  session: { parameters: { WEEK_START: '8' } }`),
      'policy.yaml:10:28 spec.session.parameters.WEEK_START: "8" cannot be its value: it takes a whole number from 0 to 7. Write such a value, in quotes.',
    ],
    [
      'one parameter in two spellings',
      withSpec('  session: { parameters: { TIMEZONE: UTC, timezone: UTC } }'),
      'policy.yaml:10:43 spec.session.parameters.timezone: is there twice, in different spellings. Remove one.',
    ],
    [
      'the statement timeout as a parameter',
      withSpec(`  session: { parameters: { STATEMENT_TIMEOUT_IN_SECONDS: '9' } }`),
      'policy.yaml:10:28 spec.session.parameters.STATEMENT_TIMEOUT_IN_SECONDS: has a field of its own. Use statementTimeoutSeconds.',
    ],
  ])('%s', async (_, files, problem) => {
    expect(await problemsOf(files)).toEqual([problem])
  })

  test('a parameter that decides how text is read', async () => {
    const name = 'QUOTED_IDENTIFIERS_IGNORE_CASE'
    const [problem = ''] = await problemsOf(
      withSpec(`  session: { parameters: { ${name}: 'true' } }`),
    )
    expect(problem).toContain('is not a session parameter that policy can set. Parameters are: ')
  })
})
