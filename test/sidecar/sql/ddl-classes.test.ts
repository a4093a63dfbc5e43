import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { objectClasses } from '../../../sidecar/sql/ddl/classes.ts'
import { commonPhrases } from '../../../sidecar/sql/ddl/properties.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

const everyVerb = ['CREATE', 'ALTER', 'DROP', 'UNDROP'] as const
const usual = ['CREATE', 'ALTER', 'DROP']

describe('The table of object classes', () => {
  test('names each class once', () => {
    const names = objectClasses.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(objectClasses.map((row) => [row.name, row] as const))(
    '%s is dropped and undropped only where it can be',
    (name, { verbs = usual, naming }) => {
      const types = naming === 'signature' ? '()' : ''
      for (const verb of ['DROP', 'UNDROP'] as const) {
        const sql = `${verb} ${name} x${types}`
        if (!verbs.includes(verb)) {
          expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlSyntax')
          continue
        }
        const { writes } = factsOf(parseStatement(sql).statement)
        expect(writes).toMatchObject([{ objectClass: name, privilege: verb }])
      }
    },
  )

  test('no class takes a bare word that it does not list', () => {
    const word = fc.stringMatching(/^[A-Z]{3,12}$/)
    fc.assert(
      fc.property(
        fc.constantFrom(...objectClasses),
        fc.constantFrom(...everyVerb),
        word,
        ({ name, phrases = commonPhrases, actions = {}, drop = {} }, verb, bare) => {
          const listed = [phrases, actions, drop].flatMap((table) => Object.keys(table))
          const known = [...listed, 'CASCADE', 'RESTRICT']
          fc.pre(!known.some((phrase) => phrase.split(' ')[0] === bare))
          expect(refusal(() => parseStatement(`${verb} ${name} x ${bare}`))).toBeDefined()
        },
      ),
    )
  })

  test('no option holds a statement, an expression or a call', () => {
    const value = fc.constantFrom('(SELECT 1)', 'f(1)', '1 + 1', 'a = b', "'a' || 'b'", '-x', ')')
    const options = objectClasses.filter(({ create }) => create === undefined)
    fc.assert(
      fc.property(fc.constantFrom(...options), value, ({ name }, given) => {
        expect(refusal(() => parseStatement(`CREATE ${name} x P = ${given}`))).toBeDefined()
      }),
    )
  })
})
