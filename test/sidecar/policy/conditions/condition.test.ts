import { describe, expect, it } from 'vitest'
import type { ConditionEnvironment } from '../../../../sidecar/policy/conditions/index.ts'
import { compileCondition } from '../../../../sidecar/policy/conditions/index.ts'

export const asked: ConditionEnvironment = {
  principal: {
    provider: 'github',
    issuer: 'https://token.actions.example',
    subject: 'repo:acme/etl:ref:refs/heads/main',
    groups: ['ci', 'etl'],
    claims: {
      ref: 'refs/heads/main',
      run_attempt: 2,
      protected: true,
      teams: ['data', 'core'],
      owner: { id: 7, name: 'acme' },
    },
    run: 'acme/etl/42',
  },
  statement: {
    kind: 'insert',
    class: 'DML',
    objects: ['STAGING.PUBLIC.ORDERS'],
    columns: ['STAGING.PUBLIC.ORDERS.ID'],
    functions: ['SUM'],
    masked: [],
  },
  session: { role: 'ETL', warehouse: 'WH', database: 'STAGING', schema: 'PUBLIC' },
  now: Date.parse('2026-03-02T14:30:00Z'),
}

const holds = (text: string, environment = asked) => {
  const compiled = compileCondition(text)
  if ('problem' in compiled) throw new Error(`${text}: ${compiled.problem.message}`)
  return compiled.holds(environment)
}

const problemOf = (text: string) => {
  const compiled = compileCondition(text)
  return 'problem' in compiled ? compiled.problem : undefined
}

describe('a condition', () => {
  it.each([
    ["principal.claims.ref == 'refs/heads/main'", true],
    ["principal.claims.ref == 'refs/heads/dev'", false],
    ["principal.claims['ref'].startsWith('refs/heads/')", true],
    ['principal.claims.run_attempt <= 2', true],
    ['principal.claims.run_attempt == 2', true],
    ['principal.claims.protected == true', true],
    ["'data' in principal.claims.teams", true],
    ["principal.claims.owner.name == 'acme'", true],
    ['has(principal.claims.environment)', false],
    ["'etl' in principal.groups && principal.provider == 'github'", true],
    ["principal.run == ''", false],
    ["statement.class == 'DML' && statement.kind in ['insert', 'merge']", true],
    ["statement.objects.all(o, o.startsWith('STAGING.'))", true],
    ["statement.columns.exists(c, c.endsWith('.SSN'))", false],
    ['statement.masked.size() == 0', true],
    ["session.role == 'ETL' && session.database == 'STAGING'", true],
    ["principal.subject.matches('^repo:acme/[a-z]+:')", true],
    ['now.getHours() >= 8 && now.getHours() < 18', true],
    ["now.getHours('America/New_York') == 9", true],
    ["now < timestamp('2026-04-01T00:00:00Z')", true],
    ["now - timestamp('2026-03-01T14:30:00Z') == duration('24h')", true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected)
  })

  it.each([
    ['a claim that is not there', "principal.claims.environment == 'production'"],
    ['a claim of another type', 'principal.claims.ref < 3'],
    ['what every JavaScript object inherits', "principal.claims.constructor == 'x'"],
    ['a prototype', "principal.claims['__proto__'] == 'x'"],
    ['what an object claim inherits', "principal.claims.owner.toString == 'x'"],
    ['a division by zero', 'principal.claims.run_attempt / 0 == 1'],
    ['a time zone that is not one', 'now.getHours(principal.run) == 1'],
  ])('fails on %s', (_, text) => {
    expect(holds(text)).toBe('failed')
  })

  it('fails where claims are nested more deeply than can be looked through', () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100; level++) deep = { deep }
    const principal = { ...asked.principal, claims: { deep } }
    expect(holds('has(principal.claims.deep)', { ...asked, principal })).toBe('failed')
  })

  it('is compiled once', () => {
    const text = "principal.run == 'once'"
    expect(compileCondition(text)).toBe(compileCondition(text))
    expect(compileCondition('once')).toBe(compileCondition('once'))
  })
})

describe('what is not a condition', () => {
  it.each([
    ['', 'EOF', 1, 1],
    ['principal.claims.ref ==', 'EOF', 1, 24],
    ["principal.claim.ref == 'x'", 'claim', 1, 11],
    ["true &&\n  staement.kind == 'x'", 'staement', 2, 3],
    ["statement.columns == 'x'", 'overload', 1, 1],
    ['size(principal.groups)', 'type int, not bool', 1, 1],
    ['principal.claims.protected', 'type dyn, not bool', 1, 1],
    ['principal.run.reverse() == true', 'no method reverse', 1, 1],
    ["true || cel.bind(x, 'a', x == 'b')", 'no method bind', 1, 9],
    ["principal.groups.join() == 'a'", 'no method join', 1, 1],
    ['now > now()', 'no function now', 1, 7],
    ['random() > 0.5', 'no function random', 1, 1],
    ['principal.run.matches(principal.subject)', 'not a text in quotes', 1, 1],
    ["principal.run.matches('(a+)+$')", 'exponential', 1, 1],
    ["principal.run.matches('(?=a)b')", 'no look-around', 1, 1],
  ])('%s', (text, message, line, column) => {
    const problem = problemOf(text)
    expect(problem?.message).toContain(message)
    expect({ line: problem?.line, column: problem?.column }).toEqual({ line, column })
    expect(problem?.advice).not.toBe('')
  })

  it.each([
    ['a text longer than 4096 characters', `principal.run == '${'x'.repeat(4_096)}'`],
    ['brackets without end', '('.repeat(1_000)],
    ['more than 500 nodes', Array.from({ length: 300 }, () => 'true').join(' && ')],
    [
      'macros four deep',
      "statement.objects.all(a, statement.objects.all(b, statement.objects.all(c, statement.objects.all(d, d == ''))))",
    ],
  ])('%s', (_, text) => {
    expect(problemOf(text)).toBeDefined()
  })
})

describe('the cost of a condition', () => {
  const withColumns = (count: number): ConditionEnvironment => ({
    ...asked,
    statement: {
      ...asked.statement,
      columns: Array.from({ length: count }, (_, index) => `DB.S.T.COLUMN_${index}`),
    },
  })

  it('lets a look at each of a thousand columns pass', () => {
    const text = "statement.columns.all(c, !(c in statement.masked) && c != 'DB.S.T.SSN')"
    expect(holds(text, withColumns(1_000))).toBe(true)
  })

  it('fails where each of a thousand columns would be compared with each, thrice', () => {
    const text =
      'statement.columns.all(a, statement.columns.all(b, statement.columns.all(c, a != b || b != c || true)))'
    expect(holds(text, withColumns(1_000))).toBe('failed')
  })

  it('fails where a pattern would walk back and forth through a long text', () => {
    const text = "principal.run.matches('[a-z]+[a-z0-9]+[0-9]+!')"
    expect(holds(text)).toBe(false)
    const principal = { ...asked.principal, run: 'a'.repeat(10_000) }
    expect(holds(text, { ...asked, principal })).toBe('failed')
  })
})
