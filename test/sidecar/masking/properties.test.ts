import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrostgateError } from '../../../sidecar/errors.ts'
import { factsOf, parseStatement, partsOf, walk } from '../../../sidecar/sql/index.ts'
import type { Statement, TableReference } from '../../../sidecar/sql/index.ts'
import { integer, plan, schema, ssnMask, table } from './fixture.ts'

/** Queries over the fixture's schema, most of them valid, all of them parsable. */
const { query } = fc.letrec<{ query: string; relation: string; expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(
      'id',
      'ssn',
      'name',
      'a.ssn',
      'b.id',
      'patients.ssn',
      's.patients.id',
      'x',
      '1',
    ),
    fc.constantFrom("'patients'", 'db.s.patients.name', '$2', 'a.$3', 'COUNT(*)', 'MAX(id)'),
    tie('expression').map((e) => `UPPER(${e})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} || ${b})`),
    tie('query').map((q) => `(${q})`),
    tie('query').map((q) => `EXISTS (${q})`),
  ),
  relation: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('patients', 'patients a', 'db.s.patients AS b', 's.patients', 'visits a'),
    fc.constantFrom("IDENTIFIER('patients') b", 'v_renamed', 'v_star a', 'guess', '"PATIENTS"'),
    fc.constantFrom('patients SAMPLE (5) a', 'patients AT(OFFSET => -1)', 'c'),
    tie('query').map((q) => `(${q}) a`),
    fc
      .tuple(tie('relation'), tie('relation'), tie('expression'))
      .map(([l, r, on]) => `(${l} JOIN ${r} ON ${on} = 1)`),
  ),
  query: fc.oneof(
    { maxDepth: 2 },
    fc
      .tuple(
        fc.array(tie('expression'), { minLength: 1, maxLength: 3 }),
        fc.array(tie('relation'), { minLength: 1, maxLength: 2 }),
        fc.option(tie('expression')),
      )
      .map(([items, from, where]) => {
        const filter = where === null ? '' : ` WHERE ${where} = 1`
        // An open relation in every block: it may have any column, so no name is untraceable.
        return `SELECT ${items.join(', ')} FROM ${from.join(', ')}, guess${filter}`
      }),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) UNION ALL (${b})`),
    fc
      .tuple(fc.constantFrom('c', 'patients', 'visits'), tie('query'), tie('query'))
      .map(([name, body, rest]) => `WITH ${name} AS (${body}) SELECT * FROM (${rest})`),
  ),
}))

const relations = [...schema, table('C', { ID: integer })]
const atRead = { relations, masks: [{ ...ssnMask, usage: 'AtRead' as const }] }

/** The plan, or null where the statement is refused: both are fine, a raw read is not. */
function planned(sql: string, setting = {}) {
  try {
    return plan(sql, setting)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}

/** What is read by a block that does nothing but mask it. */
function maskedReferences(statement: Statement): ReadonlySet<TableReference> {
  const found = new Set<TableReference>()
  walk(statement, {
    Select: ({ from: [item, ...more], items }) => {
      const masks = items.some(({ alias, expression }) => {
        const name = alias?.value
        return (name === 'SSN' || name === 'X') && expression.kind === 'Cast'
      })
      if (masks && item?.kind === 'TableReference' && more.length === 0) found.add(item)
      return undefined
    },
  })
  return found
}

describe('for any query over the schema', () => {
  test('the protected table is named only inside its masking derived table', () => {
    let accepted = 0
    fc.assert(
      fc.property(query, (sql) => {
        const emitted = planned(sql, atRead)?.emitted
        if (emitted === undefined) return
        accepted += 1
        // Read anew, so that neither spelling nor the planner's own idea of a reference counts.
        const { statement } = parseStatement(emitted)
        const inside = maskedReferences(statement)
        const raw = factsOf(statement)
          .reads.filter(({ reference }) => !inside.has(reference))
          .map(({ name }) => partsOf(name).join('.'))
        expect(raw.filter((name) => !/^DB\.S\.(VISITS|GUESS|C)$/.test(name))).toEqual([])
      }),
      { numRuns: 250 },
    )
    expect(accepted).toBeGreaterThan(50)
  })

  test('whatever Strict lets through, AtRead runs as the same text', () => {
    fc.assert(
      fc.property(query, (sql) => {
        const strict = planned(sql, { relations, masks: [ssnMask] })
        if (strict === null) return
        expect(plan(sql, atRead).emitted).toBe(strict.emitted)
      }),
      { numRuns: 150 },
    )
  })

  test('without rules nothing is masked, and every name is complete', () => {
    fc.assert(
      fc.property(query, (sql) => {
        const free = planned(sql, { relations, masks: [] })
        if (free === null) return
        expect(free.maskedColumns).toEqual([])
        expect(free.emitted).not.toContain('REPEAT')
      }),
      { numRuns: 100 },
    )
  })
})
