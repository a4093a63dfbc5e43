import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { viewBody } from '../../../sidecar/catalog/view-definition.ts'

describe('the body of a view', () => {
  test.each([
    ['CREATE VIEW V AS SELECT 1', 'SELECT 1'],
    ['create or replace view DB.S."my v" as\n  select a, b from t ;', 'select a, b from t'],
    ['CREATE OR REPLACE SECURE VIEW IF NOT EXISTS V (A, B) AS SELECT 1, 2', 'SELECT 1, 2'],
    [
      "CREATE VIEW V (A COMMENT 'x, y', B) COPY GRANTS COMMENT = 'AS SELECT 9' AS SELECT 1, 2",
      'SELECT 1, 2',
    ],
    ["CREATE VIEW V (A WITH TAG (T = 'x', U = 'y'), B) AS SELECT 1, 2", 'SELECT 1, 2'],
    [
      'CREATE VIEW V /* AS SELECT 9 */ AS -- AS\n WITH c AS (SELECT 1) SELECT * FROM c',
      'WITH c AS (SELECT 1) SELECT * FROM c',
    ],
    ['CREATE VIEW V CHANGE_TRACKING = TRUE AS SELECT "AS" FROM t', 'SELECT "AS" FROM t'],
    ['CREATE VIEW "AS" AS (SELECT 1)', '(SELECT 1)'],
  ])('of %s', (definition, body) => {
    expect(viewBody(definition, 2)).toBe(body)
  })

  test.each([
    ['nothing', ''],
    ['no body', 'CREATE VIEW V AS'],
    ['a lone semicolon', 'CREATE VIEW V AS ;'],
    ['another object', 'CREATE TABLE V AS SELECT 1'],
    ['a bare query', 'SELECT 1'],
    ['an option it does not know', 'CREATE VIEW V WITH ROW ACCESS POLICY P ON (A) AS SELECT 1'],
    ['a recursive view', 'CREATE RECURSIVE VIEW V (A, B) AS SELECT 1, 2'],
    ['a column list of another length', 'CREATE VIEW V (A) AS SELECT 1'],
    ['an empty column list', 'CREATE VIEW V () AS SELECT 1'],
    ['an open column list', 'CREATE VIEW V (A, B AS SELECT 1'],
    ['no name', 'CREATE VIEW AS SELECT 1'],
    ['no AS', 'CREATE VIEW V SELECT 1'],
    ['what the lexer refuses', 'CREATE VIEW V AS SELECT `x`'],
    ['an option in quotes', 'CREATE VIEW V "COPY" GRANTS AS SELECT 1'],
  ])('is unreadable in %s', (_what, definition) => {
    expect(viewBody(definition, 2)).toBeNull()
  })

  test('is the end of the definition or nothing, whatever it says', () => {
    const word = fc.constantFrom(
      'CREATE',
      'OR',
      'REPLACE',
      'VIEW',
      'V',
      'AS',
      'SELECT',
      '(',
      ')',
      ',',
      ';',
      "'x'",
      '"AS"',
      '=',
      'COMMENT',
      '.',
      '/*',
      '--',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.nat(3), (words, columns) => {
        const definition = `CREATE ${words.join(' ')}`
        const body = viewBody(definition, columns)
        if (body === null) return
        expect(body).not.toBe('')
        expect(definition).toContain(`AS ${body}`)
      }),
      { numRuns: 1000 },
    )
  })
})
