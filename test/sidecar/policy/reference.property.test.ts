/** The indexed decision against the plain one, and what no order and no addition may change. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { relationKey } from '../../../sidecar/catalog/types.ts'
import type { Resolution } from '../../../sidecar/catalog/types.ts'
import type { CompiledPolicy, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { decide } from '../../../sidecar/policy/decide.ts'
import type { DecideInput } from '../../../sidecar/policy/decide.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { naiveVerdict, type Told } from './naive.ts'
import { columnUse } from './columns-support.ts'
import { allow, deny, hold, inputFor, policy, relation, bundle } from './support.ts'

const part = fc.constantFrom('A', 'B')
const object = fc.tuple(part, part, part).map((parts) => parts.join('.'))
const wild = fc.constantFrom('A', 'B', '*')
const pattern = fc.tuple(wild, wild, wild).map((parts) => parts.join('.'))
const column = fc.constantFrom('ID', 'SSN')
const columnPattern = fc
  .tuple(pattern, fc.constantFrom('ID', 'SSN', '*'))
  .map(([text, name]) => `${text}.${name}`)
const classes = fc.subarray(['Query', 'DML', 'DDL', 'Drop', 'Truncate', 'Meta'] as const, {
  maxLength: 2,
})

const sketch = fc.record({
  statements: classes,
  objects: fc.array(pattern, { maxLength: 2 }),
  columns: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(columnPattern, { maxLength: 2 }) },
  ),
})
const allowing = sketch.map((each) => allow(each))
const denying = sketch.map((each) => deny(each))
const holding = sketch.map((each) => hold(each))
const rules = fc.array(fc.oneof(allowing, allowing, denying, holding), { maxLength: 6 })
const policies = fc.array(
  fc
    .tuple(rules, fc.constantFrom('Enforce', 'Enforce', 'Observe'))
    .map(([own, mode]) => policy(own, { mode })),
  { minLength: 1, maxLength: 3 },
)

/** Text, and what it does to which object. */
const forms: readonly ((
  target: string,
  read: string,
) => [string, Omit<Told, 'behind' | 'columns'>])[] = [
  (_target, read) => [`SELECT * FROM ${read}`, { class: 'Query', accesses: [query(read)] }],
  (_target, read) => [`EXPLAIN SELECT * FROM ${read}`, { class: 'Meta', accesses: [query(read)] }],
  (target, read) => [
    `INSERT INTO ${target} SELECT * FROM ${read}`,
    { class: 'DML', accesses: [query(read), write(target, 'DML')] },
  ],
  (target) => [
    `UPDATE ${target} SET id = 1`,
    { class: 'DML', accesses: [query(target), write(target, 'DML')] },
  ],
  (target) => [
    `INSERT OVERWRITE INTO ${target} VALUES (1)`,
    { class: 'DML', accesses: [write(target, 'DML'), write(target, 'Truncate')] },
  ],
  (target) => [`TRUNCATE ${target}`, { class: 'Truncate', accesses: [write(target, 'Truncate')] }],
  (target, read) => [
    `CREATE OR REPLACE TABLE ${target} AS SELECT * FROM ${read}`,
    { class: 'DDL', accesses: [query(read), write(target, 'DDL'), write(target, 'Drop')] },
  ],
  (target) => [`DROP TABLE ${target}`, { class: 'Drop', accesses: [write(target, 'Drop')] }],
]

const query = (name: string) => ({ object: name, privilege: 'SELECT', class: 'Query' }) as const
const write = (name: string, ofClass: Told['class']) =>
  ({ object: name, privilege: 'WRITE', class: ofClass }) as const

interface Case {
  readonly sql: string
  readonly told: Told
}

const statement: fc.Arbitrary<Case> = fc
  .record({
    form: fc.constantFrom(...forms),
    target: object,
    read: object,
    behind: fc.array(object, { maxLength: 1 }),
    columns: fc.array(
      fc
        .tuple(object, column, fc.constantFrom('SELECT', 'WRITE'))
        .map(([name, own, privilege]) => columnUse(`${name}.${own}`, { privilege })),
      { maxLength: 3 },
    ),
  })
  .map(({ form, target, read, behind, columns }) => {
    const [sql, told] = form(target, read)
    const named = told.accesses.map((access) => access.object)
    // What only reads gives no column a value.
    const writes = told.accesses.some((access) => access.privilege === 'WRITE')
    const used = columns.filter(({ privilege }) => writes || privilege === 'SELECT')
    return {
      sql,
      told: { ...told, columns: used, behind: behind.filter((name) => !named.includes(name)) },
    }
  })

function verdict(all: readonly CompiledPolicy[], { sql, told }: Case): string {
  const parsed = parseStatement(sql)
  const facts = factsOf(parsed.statement)
  const known = (name: { readonly parts: readonly { readonly value: string }[] }) =>
    relation(name.parts.map(({ value }) => value).join('.'))
  const objects = facts.reads.map((use) => {
    const found = known(use.name)
    return { use, name: found.name, relation: found }
  })
  const reached = [
    ...objects.map((each) => each.relation),
    ...told.behind.map((name) => relation(name)),
  ]
  const resolution: Resolution = {
    objects,
    targets: facts.writes.map((use) => {
      const found = known(use.name)
      return { use, name: found.name, relation: found }
    }),
    relations: new Map(reached.map((each) => [relationKey(each.name), each])),
    viewFunctions: [],
  }
  const input: DecideInput = {
    ...inputFor(all, { statement: parsed.statement, facts, resolution }),
    columns: told.columns,
  }
  return decide(input).verdict
}

test('the indexed decision is the plain one', () => {
  fc.assert(
    fc.property(policies, statement, (all, each) => {
      expect(verdict(all, each)).toBe(naiveVerdict(all, each.told))
    }),
    { numRuns: 3000 },
  )
})

test('the order of rules and of policies never changes a verdict', () => {
  fc.assert(
    fc.property(policies, statement, (all, each) => {
      const turned = all.toReversed().map((one) => ({ ...one, rules: one.rules.toReversed() }))
      expect(verdict(turned, each)).toBe(verdict(all, each))
    }),
    { numRuns: 500 },
  )
})

function withRule(
  all: readonly CompiledPolicy[],
  at: number,
  rule: CompiledRule,
): readonly CompiledPolicy[] {
  return all.map((one, index) =>
    index === at % all.length ? { ...one, rules: [...one.rules, rule] } : one,
  )
}

const harshness = ['allow', 'hold', 'deny']

test('one more Deny or RequireApproval rule never makes an enforced denial milder', () => {
  fc.assert(
    fc.property(policies, statement, fc.nat(), denying, (all, each, at, rule) => {
      const before = harshness.indexOf(verdict(all, each))
      expect(harshness.indexOf(verdict(withRule(all, at, rule), each))).toBeGreaterThanOrEqual(
        before,
      )
    }),
    { numRuns: 500 },
  )
})

test('one more Allow rule never makes a verdict harsher, except from a denial to a hold', () => {
  fc.assert(
    fc.property(policies, statement, fc.nat(), allowing, (all, each, at, rule) => {
      const [before, after] = [verdict(all, each), verdict(withRule(all, at, rule), each)]
      if (before === 'deny') return
      expect(after).toBe(before)
    }),
    { numRuns: 500 },
  )
})

test('the same bundle gives the same verdict again, and another bundle its own', () => {
  fc.assert(
    fc.property(policies, policies, statement, (one, other, each) => {
      const parsed = parseStatement(each.sql)
      const ask = (own: ReturnType<typeof bundle>) =>
        decide({
          ...inputFor([], {
            statement: parsed.statement,
            facts: factsOf(parsed.statement),
            resolution: undefined,
          }),
          bundle: own,
          columns: [],
        })
      const [first, second] = [bundle(...one), bundle(...other)]
      const safe = (own: ReturnType<typeof bundle>) => {
        try {
          return ask(own).verdict
        } catch {
          return 'unresolved'
        }
      }
      const answers = [safe(first), safe(second)]
      expect([safe(first), safe(second)]).toEqual(answers)
      expect([safe(bundle(...one)), safe(bundle(...other))]).toEqual(answers)
    }),
    { numRuns: 200 },
  )
})
