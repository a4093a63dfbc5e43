import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { tokenize } from '../../../sidecar/sql/lexer.ts'
import { splitStatements } from '../../../sidecar/sql/parser/split.ts'

/** The statements of a text, by their source. */
function split(text: string): readonly string[] {
  const { tokens } = tokenize(text)
  return splitStatements(tokens).map(({ start, end }) =>
    text.slice(tokens[start]?.start, tokens[end - 1]?.end),
  )
}

/** Statements that hold `;`, BEGIN, CASE or END in all the ways in which one text may. */
const statements: readonly string[] = [
  'SELECT 1',
  "SELECT ';' || $$;$$",
  'SELECT CASE WHEN a THEN 1 END FROM t',
  'SELECT begin, end, declare FROM begin.end',
  'SELECT a AS begin, b AS end FROM t',
  'CREATE VIEW v AS SELECT a AS begin FROM task',
  'CREATE VIEW task AS SELECT a AS begin, b FROM t',
  'CREATE VIEW v AS SELECT a AS begin UNION SELECT 1',
  'BEGIN',
  'BEGIN WORK',
  'BEGIN TRANSACTION NAME t1',
  'COMMIT',
  'BEGIN SELECT 1; END',
  'BEGIN SELECT 1; END label',
  'BEGIN BEGIN SELECT 1; END; BEGIN TRANSACTION; BEGIN; COMMIT; END',
  'BEGIN SELECT case when a then 1 end; SELECT end FROM t; END',
  'BEGIN x := CASE WHEN a THEN CASE b WHEN 1 THEN 2 END ELSE 3 END; END',
  'BEGIN CASE x WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE; END',
  'BEGIN CASE WHEN a THEN CASE WHEN b THEN NULL; END; END; END',
  'BEGIN IF (a) THEN SELECT 1; ELSEIF (b) THEN SELECT 2; ELSE SELECT 3; END IF; END',
  'BEGIN FOR i IN 1 TO 3 DO SELECT 1; END FOR; FOR i IN c LOOP SELECT 1; END LOOP l; END',
  'BEGIN WHILE (a) DO LOOP SELECT 1; END LOOP; END WHILE; END',
  'BEGIN REPEAT SELECT 1; UNTIL (a) END REPEAT; SELECT 2; END',
  'BEGIN loop := 1; if := 2; end := 3; begin := 4; END',
  'BEGIN SELECT 1; EXCEPTION WHEN a THEN SELECT 2; SELECT 3; WHEN OTHER THEN RAISE; END',
  'BEGIN MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE; END',
  'DECLARE x INT; y INT DEFAULT CASE WHEN a THEN 1 END; BEGIN SELECT 1; END',
  'DECLARE p PROCEDURE () RETURNS INT AS DECLARE z INT; BEGIN RETURN 1; END; q INT; BEGIN CALL p(); END',
  'BEGIN DECLARE x INT; BEGIN SELECT 1; END; END',
  'CREATE OR REPLACE PROCEDURE p() RETURNS INT LANGUAGE SQL AS BEGIN RETURN 1; END',
  'CREATE PROCEDURE p(begin INT) RETURNS INT AS DECLARE x INT; BEGIN RETURN 1; END',
  "CREATE FUNCTION f() RETURNS INT AS 'BEGIN RETURN 1; END'",
  'CREATE TASK t AS BEGIN "x" := 1; SELECT 2; END',
  'BEGIN "x" := 1; SELECT 2; END',
  'CREATE TASK t WAREHOUSE = w AS BEGIN SELECT 1; SELECT 2; END',
  'ALTER TASK t MODIFY AS BEGIN SELECT 1; SELECT 2; END',
  'CREATE ALERT a IF (EXISTS (SELECT 1)) THEN BEGIN SELECT 1; SELECT 2; END',
  'ALTER ALERT a MODIFY ACTION BEGIN SELECT 1; SELECT 2; END',
  'WITH p AS PROCEDURE () RETURNS INT AS BEGIN SELECT 1; END CALL p()',
  'BEGIN CREATE TASK t AS BEGIN SELECT 1; SELECT 2; END; SELECT 3; END',
  'FOR i IN 1 TO 3 DO SELECT 1; END FOR',
  'IF (a) THEN SELECT 1; END IF',
  'CASE WHEN a THEN SELECT 1; END',
]

describe('a text is cut into its statements', () => {
  test.each(statements)('one alone, whatever it holds: %s', (text) => {
    expect(split(text)).toEqual([text])
    expect(split(`;;${text} ; ; `)).toEqual([text])
  })

  test('joined by ";", each is found again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...statements), { minLength: 1 }), (several) => {
        expect(split(several.join(';\n'))).toEqual(several)
      }),
      { numRuns: 300 },
    )
  })

  test.each(['', ' ', ';', '; ;', '-- only a comment'])('of %j there is none', (text) => {
    expect(split(text)).toEqual([])
  })

  test.each([
    'BEGIN SELECT 1; SELECT 2',
    'DECLARE x INT; SELECT 2',
    'BEGIN IF (a) THEN SELECT 1; END; SELECT 2',
    'SELECT (1; SELECT 2',
    'CREATE TASK t AS BEGIN SELECT 1; SELECT 2',
  ])('what is not closed keeps all that follows: %s', (text) => {
    expect(split(text)).toEqual([text])
  })

  test('in time that grows with the length', () => {
    const blocks = tokenize(
      'BEGIN IF (a) THEN x := CASE WHEN b THEN 1 END; END IF; END;'.repeat(4000),
    )
    const unclosed = tokenize('CREATE TASK t AS BEGIN '.repeat(15_000))
    const started = performance.now()
    expect(splitStatements(blocks.tokens)).toHaveLength(4000)
    expect(splitStatements(unclosed.tokens)).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
