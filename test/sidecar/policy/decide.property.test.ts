import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CompiledPolicy, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { statementClasses } from '../../../sidecar/sql/facts-types.ts'
import {
  allow,
  ask,
  call,
  deny,
  describeTable,
  head,
  policy,
  select,
  show,
  use,
  type Sketch,
} from './support.ts'

const part = fc.constantFrom('A', 'B')
const object = fc.tuple(part, part, part).map((parts) => parts.join('.'))
const wild = fc.constantFrom('A', 'B', '*')
const objectPattern = fc.tuple(wild, wild, wild).map((parts) => parts.join('.'))
const statements = fc.subarray([...statementClasses], { maxLength: 3 })

const sketchOfRule = fc.record({
  statements,
  objects: fc.array(objectPattern, { maxLength: 2 }),
  functions: fc.subarray(['F', 'A.A.F']),
})
const allowing = sketchOfRule.map((sketch) => allow(sketch))
const denying = fc
  .tuple(
    sketchOfRule,
    fc.array(
      objectPattern.map((text) => `${text}.ID`),
      { maxLength: 1 },
    ),
  )
  .map(([sketch, columns]) => deny({ ...sketch, columns }))
const modes = fc.constantFrom<CompiledPolicy['mode']>('Enforce', 'Observe')
const policies = fc.array(
  fc
    .tuple(fc.array(fc.oneof(allowing, denying), { maxLength: 4 }), modes)
    .map(([rules, mode]) => policy(rules, { mode })),
  { minLength: 1, maxLength: 3 },
)

const statement: fc.Arbitrary<Sketch> = fc.oneof(
  fc
    .tuple(fc.array(object, { maxLength: 3 }), fc.subarray(['F', 'UPPER', 'A.A.F']))
    .map(([objects, functions]) =>
      select(objects, { functions: functions.map((name) => call(name)) }),
    ),
  object.map((name) => describeTable(name)),
  object.map((name) => use('SCHEMA', name.slice(0, 3))),
  part.map((name) => show('TABLES', 'DATABASE', name)),
  fc
    .tuple(object, fc.constantFrom(...statementClasses))
    .map(([name, statementClass]) => head('X', 'TABLE', name, statementClass)),
)

function withRule(
  all: readonly CompiledPolicy[],
  at: number,
  rule: CompiledRule,
): CompiledPolicy[] {
  return all.map((one, index) =>
    index === at % all.length ? { ...one, rules: [...one.rules, rule] } : one,
  )
}

test('adding a Deny rule never turns a denial into leave', () => {
  fc.assert(
    fc.property(policies, statement, fc.nat(), denying, (all, sketch, at, rule) => {
      if (ask(all, sketch).verdict === 'allow') return
      expect(ask(withRule(all, at, rule), sketch).verdict).toBe('deny')
    }),
    { numRuns: 500 },
  )
})

test('adding an Allow rule never turns leave into a denial', () => {
  fc.assert(
    fc.property(policies, statement, fc.nat(), allowing, (all, sketch, at, rule) => {
      if (ask(all, sketch).verdict === 'deny') return
      expect(ask(withRule(all, at, rule), sketch).verdict).toBe('allow')
    }),
    { numRuns: 500 },
  )
})

test('without Allow rules every statement with an object is denied', () => {
  const denyOnly = fc.array(
    fc.array(denying, { maxLength: 3 }).map((rules) => policy(rules)),
    { minLength: 1 },
  )
  const withObjects = statement.filter(
    ({ statement: { kind }, facts }) => facts.reads.length > 0 || kind === 'Describe',
  )
  fc.assert(
    fc.property(denyOnly, withObjects, (all, sketch) => {
      expect(ask(all, sketch).verdict).toBe('deny')
    }),
    { numRuns: 300 },
  )
})

test('an Observe policy beside an Enforce one never changes the verdict', () => {
  fc.assert(
    fc.property(
      policies,
      statement,
      fc.array(fc.oneof(allowing, denying)),
      (all, sketch, rules) => {
        const enforcing = all.map((one) => ({ ...one, mode: 'Enforce' as const }))
        const watch = policy(rules, { name: 'watch', mode: 'Observe' })
        expect(ask([...enforcing, watch], sketch).verdict).toBe(ask(enforcing, sketch).verdict)
      },
    ),
    { numRuns: 300 },
  )
})

test('a head is denied whatever the rules', () => {
  const heads = fc
    .tuple(object, fc.constantFrom(...statementClasses))
    .map(([name, statementClass]) => head('X', undefined, name, statementClass))
  fc.assert(
    fc.property(policies, heads, (all, sketch) => {
      expect(ask(all, sketch).verdict).toBe('deny')
    }),
    { numRuns: 300 },
  )
})
