import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileCondition } from '../../../../sidecar/policy/conditions/index.ts'

const words = [
  'principal', 'statement', 'session', 'now', '.', 'groups', 'claims', 'ref', 'columns', 'size()',
  '(', ')', '[', ']', '{', '}', ',', ':', '?', '&&', '||', '!', '==', '<', 'in', '+', '-', '*', '/', '%',
  "'a'", '"b"', '1', '-1', '1.5', '9223372036854775807', 'true', 'null', 'x', 'has(', 'exists(x,', 'all(x,',
  'map(x,', 'filter(x,', '.matches(', "'[a-z]+'", '.getHours(', 'timestamp(', 'duration(', 'type(', "b'a'", '\n',
  ' ', '//', "'", '"', "r'", '\\', 'dyn(', 'string(', 'int(',
] as const // prettier-ignore

const claims = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 })
const texts = fc.array(fc.string(), { maxLength: 8 })

const environments = fc.record({
  principal: fc.record({
    provider: fc.string(),
    issuer: fc.string(),
    subject: fc.string(),
    groups: texts,
    claims: claims,
    run: fc.string(),
  }),
  statement: fc.record({
    kind: fc.string(),
    class: fc.string(),
    objects: texts,
    columns: texts,
    functions: texts,
    masked: texts,
  }),
  session: fc.record({
    role: fc.string(),
    warehouse: fc.string(),
    database: fc.string(),
    schema: fc.string(),
  }),
  now: fc.integer({ min: 0, max: 4_102_444_800_000 }),
})

/** Texts with the shape of conditions, so that most of them get through. */
const { bool: condition } = fc.letrec<{ bool: string; text: string; list: string }>((tie) => ({
  bool: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('true', 'principal.claims.a == 1', 'has(principal.claims.b)', 'now == now'),
    fc
      .tuple(tie('text'), fc.constantFrom('==', '!=', '<', '>='), tie('text'))
      .map(([left, op, right]) => `(${left} ${op} ${right})`),
    fc
      .tuple(tie('bool'), fc.constantFrom('&&', '||', '=='), tie('bool'))
      .map(([left, op, right]) => `(${left} ${op} ${right})`),
    fc
      .tuple(tie('list'), fc.constantFrom('all', 'exists', 'exists_one'), tie('bool'))
      .map(([list, macro, body]) => `${list}.${macro}(x, x == 'a' || ${body})`),
    fc.tuple(tie('text'), tie('list')).map(([text, list]) => `${text} in ${list}`),
    tie('text').map((text) => `${text}.matches('[a-z]+[0-9]')`),
  ),
  text: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom("'a'", 'principal.run', 'session.role', 'string(principal.claims.a)'),
    fc.tuple(tie('text'), tie('text')).map(([left, right]) => `(${left} + ${right})`),
  ),
  list: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('principal.groups', 'statement.columns', "['a', 'b']"),
    fc.tuple(tie('list'), tie('text')).map(([list, text]) => `${list}.map(y, y + ${text})`),
    fc.tuple(tie('list'), tie('bool')).map(([list, body]) => `${list}.filter(z, ${body})`),
    fc.tuple(tie('list'), tie('list')).map(([left, right]) => `(${left} + ${right})`),
  ),
}))

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...words), { maxLength: 24 }).map((each) => each.join('')),
  condition,
)

describe('whatever a rule says under when', () => {
  it('is refused with a place, or answers true, false or failed, within seconds', () => {
    let answered = 0
    fc.assert(
      fc.property(anyText, environments, (text, environment) => {
        const started = performance.now()
        const compiled = compileCondition(text)
        if ('problem' in compiled) {
          expect(compiled.problem.line).toBeGreaterThan(0)
          expect(compiled.problem.column).toBeGreaterThan(0)
          expect(compiled.problem.message).not.toBe('')
        } else {
          answered += 1
          expect([true, false, 'failed']).toContain(compiled.holds(environment))
        }
        expect(performance.now() - started).toBeLessThan(3_000)
      }),
      { numRuns: 3_000, seed: 5 },
    )
    expect(answered).toBeGreaterThan(500)
  })

  it('answers the same for the same question, whatever the clock says', () => {
    const compiled = compileCondition("now.getFullYear() == 2001 && 'a' in principal.groups")
    if ('problem' in compiled) throw new Error(compiled.problem.message)
    fc.assert(
      fc.property(environments, (environment) => {
        const expected =
          new Date(environment.now).getUTCFullYear() === 2001 &&
          environment.principal.groups.includes('a')
        expect(compiled.holds(environment)).toBe(expected)
      }),
    )
  })
})
