import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { FrostgateError } from '../../../sidecar/errors.ts'
import {
  emit,
  factsOf,
  parseStatement,
  parseStatements,
  partsOf,
  verifyRoundTrip,
} from '../../../sidecar/sql/index.ts'
import { reads, refusal } from './support.ts'

function facts(text: string) {
  return factsOf(parseStatement(text).statement)
}

function parts(text: string): readonly string[] {
  return facts(text).parts.map(({ kind }) => kind)
}

/** One of each construct; each is a block that Snowflake takes. */
const blocks: readonly string[] = [
  'BEGIN SELECT 1; END',
  'BEGIN SELECT 1; END my_block',
  'DECLARE a INT; b VARCHAR(3) DEFAULT $$x$$; c := 1; d DEFAULT 2; e; BEGIN a := b; END',
  'DECLARE c CURSOR FOR SELECT x FROM t WHERE y > ?; BEGIN OPEN c USING (a, 1); FETCH c INTO p, :q; CLOSE c; END',
  'DECLARE r RESULTSET; s RESULTSET DEFAULT (SELECT 1); k CURSOR FOR s; BEGIN RETURN TABLE(s); END',
  'DECLARE r RESULTSET := ASYNC (SELECT x FROM t); BEGIN AWAIT r; AWAIT ALL; CANCEL r; END',
  "DECLARE e EXCEPTION (-20001, 'no'); f EXCEPTION; BEGIN RAISE e; EXCEPTION WHEN e OR f THEN RAISE; END",
  'BEGIN SELECT 1; EXCEPTION WHEN STATEMENT_ERROR CONTINUE THEN NULL; WHEN OTHER EXIT THEN RETURN SQLERRM; END',
  'BEGIN LET x NUMBER(3, 1) := 1; LET y DEFAULT x + 1; LET r RESULTSET := (SHOW TABLES); RETURN y; END',
  'BEGIN LET c CURSOR FOR SELECT 1; LET d CURSOR FOR r; FOR rec IN c DO x := rec.a; END FOR; END',
  'BEGIN FOR i IN REVERSE 1 TO n + 1 LOOP CONTINUE; END LOOP out; FOR reverse IN reverse DO BREAK; END FOR; END',
  'BEGIN WHILE (x < 3) DO ITERATE w; END WHILE w; WHILE (x < 3) LOOP EXIT w; END LOOP; END',
  'BEGIN REPEAT x := x + 1; UNTIL (x > 3) END REPEAT; LOOP BREAK; END LOOP forever; END',
  'BEGIN IF (a) THEN b := 1; ELSEIF (c OR d) THEN NULL; ELSE IF (e) THEN NULL; END IF; END IF; END',
  "BEGIN CASE (x) WHEN 'a' THEN y := CASE WHEN z THEN 1 END; ELSE NULL; END CASE; END",
  'BEGIN CASE WHEN x < 1 THEN NULL; WHEN x < 2 THEN NULL; END; END',
  'BEGIN r := (SELECT a FROM t); r := (CALL p()); r := (EXECUTE IMMEDIATE :q USING (a)); END',
  'BEGIN x := (show IS NULL); x := (insert(a, 1, 2, b)); loop := 1; begin := end; end := 2; END',
  'BEGIN ASYNC (INSERT INTO t SELECT 1); END',
  "BEGIN SYSTEM$LOG_INFO('x'); LOOP LOOP BREAK OUTER; END LOOP INNER; END LOOP OUTER; END",
  'BEGIN BEGIN TRANSACTION; BEGIN; COMMIT; ROLLBACK; RETURN; END',
  'BEGIN DECLARE x INT; BEGIN x := 1; END; RETURN (SELECT max(a) FROM t); END',
  'BEGIN RETURN TABLE(SELECT a FROM t UNION SELECT b FROM u); END',
  'DECLARE p PROCEDURE (a INT, b VARCHAR DEFAULT $$x$$) RETURNS TABLE (c INT) LANGUAGE SQL AS DECLARE d INT; BEGIN RETURN a; END; BEGIN CALL p(1) INTO :x; END',
]

describe('a block', () => {
  test.each(blocks)('is read to its last token and written again: %s', (text) => {
    const parsed = parseStatement(text)
    const { kind, class: statementClass, structured } = factsOf(parsed.statement)
    expect({ kind, statementClass, structured }).toEqual({
      kind: 'Block',
      statementClass: 'Script',
      structured: true,
    })
    expect(() => verifyRoundTrip(parsed, emit(parsed))).not.toThrow()
  })

  test.each(blocks)('takes no junk behind it: %s', (text) => {
    for (const junk of [')', "'s'", '123', 'DROP TABLE z', '; END', 'END']) {
      expect(
        refusal(() => parseStatement(`${text} ${junk}`)),
        junk,
      ).toBeDefined()
    }
  })

  test('lists every SQL statement inside it as a part, in text order', () => {
    expect(
      parts(
        `DECLARE c CURSOR FOR SELECT 1; r RESULTSET := (SHOW TABLES);
         p PROCEDURE () RETURNS INT AS BEGIN DELETE FROM q; RETURN 1; END;
         BEGIN
           IF (a) THEN INSERT INTO t SELECT 1; ELSE UPDATE t SET b = 1; END IF;
           FOR i IN 1 TO 2 DO TRUNCATE TABLE u; END FOR;
           BEGIN COMMIT; END;
           ASYNC (CALL p());
           RETURN TABLE(SELECT 1);
         EXCEPTION WHEN OTHER THEN ROLLBACK;
         END`,
      ),
    ).toEqual([
      ...['Select', 'ShowTables', 'Block', 'Delete', 'Insert', 'Update', 'Truncate'],
      ...['Block', 'Commit', 'Call', 'Select', 'Rollback'],
    ])
  })

  test('reads what any of its queries reads', () => {
    expect(
      reads(
        `DECLARE c CURSOR FOR SELECT x FROM a; x := (SELECT 1 FROM b);
         BEGIN
           r := (SELECT 1 FROM d);
           FOR rec IN (SELECT 1 FROM e) DO NULL; END FOR;
           IF (EXISTS (SELECT 1 FROM f)) THEN SELECT 1 FROM g; END IF;
           WHILE (x < (SELECT 1 FROM h)) DO INSERT INTO z SELECT 1 FROM i; END WHILE;
           REPEAT NULL; UNTIL (x IN (SELECT 1 FROM j)) END REPEAT;
           CASE (SELECT 1 FROM k) WHEN (SELECT 1 FROM l) THEN NULL; END;
           CALL p((SELECT 1 FROM m));
           EXECUTE IMMEDIATE 'SELECT 1 FROM n';
           RETURN TABLE(SELECT 1 FROM o);
         EXCEPTION WHEN OTHER THEN RETURN (SELECT 1 FROM q);
         END`,
      ),
    ).toEqual('A B D E F G H I J K L M N O Q'.split(' '))
  })

  test('writes what any of its statements writes', () => {
    const { writes, effects } = facts(
      'BEGIN LOOP INSERT INTO t SELECT a FROM s; DROP TABLE u; END LOOP; END',
    )
    expect(writes.map(({ name, privilege }) => [...partsOf(name), privilege])).toEqual([
      ['T', 'INSERT'],
      ['U', 'DROP'],
    ])
    expect(effects.persists).toBe(true)
  })

  test('leaves its variables out of the tables that they stand beside', () => {
    const { columns } = facts('BEGIN LET x := y; SELECT a FROM t WHERE b = :x; END')
    expect(columns.map(({ name, scope }) => [name[0], scope.kind])).toEqual([
      ['Y', 'Block'],
      ['A', 'Select'],
      ['B', 'Select'],
    ])
  })

  test('names what only run time tells', () => {
    const { dynamic } = facts('BEGIN EXECUTE IMMEDIATE a || b; DELETE FROM IDENTIFIER(:t); END')
    expect(dynamic).toHaveLength(2)
  })

  test('nests as deep as any other statement, and no deeper', () => {
    const nested = (depth: number) => 'BEGIN '.repeat(depth) + 'NULL; ' + 'END; '.repeat(depth)
    expect(facts(nested(100)).parts).toHaveLength(99)
    const branches = 'IF (a) THEN '.repeat(300) + 'NULL; ' + 'END IF; '.repeat(300)
    for (const text of [nested(300), `BEGIN ${branches}END`]) {
      expect(refusal(() => parseStatement(text))?.entry).toBe('SqlTooLarge')
    }
  })

  test('of 20,000 statements is read in time that grows with its length', () => {
    const text = `BEGIN ${'IF (a) THEN x := CASE WHEN b THEN 1 END; END IF; '.repeat(4000)}END`
    const started = performance.now()
    parseStatement(text)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

// ── Generated blocks ──────────────────────────────────────────────────────────────────────────

/** A statement of a block, and how many SQL statements and blocks are in it. */
interface Generated {
  readonly text: string
  readonly parts: number
}

const plain = (text: string, parts: number) => ({ text, parts })
const { statement } = fc.letrec<{ statement: Generated; list: Generated }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(
      plain('SELECT CASE WHEN a THEN b END FROM t', 1),
      plain('x := CASE WHEN a THEN 1 END', 0),
      plain('BEGIN TRANSACTION', 1),
      plain("EXECUTE IMMEDIATE 'SELECT 1'", 2),
      plain('RETURN TABLE(SELECT 1)', 1),
      plain('NULL', 0),
    ),
    tie('list').map(({ text, parts }) => plain(`IF (a) THEN ${text} END IF`, parts)),
    fc
      .tuple(tie('list'), tie('list'))
      .map(([a, b]) => plain(`CASE x WHEN 1 THEN ${a.text} ELSE ${b.text} END`, a.parts + b.parts)),
    tie('list').map(({ text, parts }) => plain(`FOR i IN 1 TO 2 DO ${text} END FOR`, parts)),
    tie('list').map(({ text, parts }) => plain(`REPEAT ${text} UNTIL (a) END REPEAT l`, parts)),
    fc
      .tuple(tie('list'), tie('list'))
      .map(([a, b]) =>
        plain(
          `DECLARE x INT; BEGIN ${a.text} EXCEPTION WHEN OTHER THEN ${b.text} END`,
          a.parts + b.parts + 1,
        ),
      ),
  ),
  list: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }).map((several) =>
    plain(
      several.map(({ text }) => `${text};`).join(' '),
      several.reduce((sum, { parts: count }) => sum + count, 0),
    ),
  ),
}))

describe('however statements stand inside each other', () => {
  test('each is counted, and the block ends where it ends', () => {
    fc.assert(
      fc.property(statement, ({ text, parts: count }) => {
        const [first, second, ...more] = parseStatements(`BEGIN ${text}; END; SELECT 1`)
        expect(more).toEqual([])
        expect(first && factsOf(first.statement).parts).toHaveLength(count)
        expect(second && factsOf(second.statement).kind).toBe('Select')
        if (first !== undefined) verifyRoundTrip(first, emit(first))
      }),
      { numRuns: 300 },
    )
  })

  test('a word left out is noticed', () => {
    fc.assert(
      fc.property(statement, fc.nat(), ({ text }, at) => {
        const words = `BEGIN ${text}; END`.split(/(?=;)| /)
        const left = ['BEGIN', 'END', 'THEN', 'DO', ';', 'IF', 'UNTIL']
        const places = words.flatMap((word, index) => (left.includes(word) ? [index] : []))
        const place = places[at % places.length] ?? 0
        const broken = words.filter((_, index) => index !== place).join(' ')
        const found = refusal(() => parseStatement(broken))
        expect(found ?? broken).toBeInstanceOf(FrostgateError)
      }),
      { numRuns: 300 },
    )
  })
})

describe('Snowflake refuses', () => {
  test.each([
    ['END', 'a statement'],
    ['BEGIN END', 'a statement'],
    ['BEGIN SELECT 1', 'END'],
    ['BEGIN SELECT 1 END', ';'],
    ['BEGIN x := 1 y := 2; END', ';'],
    ['BEGIN IF (a) THEN NULL; END; END', 'IF'],
    ['BEGIN IF (a) THEN NULL; END', 'IF'],
    ['BEGIN IF a THEN NULL; END IF; END', '"("'],
    ['BEGIN IF (a) THEN END IF; END', 'a statement'],
    ['BEGIN IF (a) THEN NULL; ELSE NULL; ELSEIF (b) THEN NULL; END IF; END', 'END'],
    ['BEGIN WHILE (a) DO NULL; END FOR; END', 'WHILE'],
    ['BEGIN WHILE (a) DO NULL; END LOOP; END', 'WHILE'],
    ['BEGIN FOR i IN REVERSE x DO NULL; END FOR; END', 'TO'],
    ['BEGIN REPEAT NULL; END REPEAT; END', 'UNTIL'],
    ['BEGIN LOOP NULL; END; END', 'LOOP'],
    ['BEGIN CASE ELSE NULL; END; END', 'an expression'],
    ['BEGIN LOOP BREAK; END LOOP NULL; END', ';'],
    ['BEGIN LET x INT; END', ':='],
    ['BEGIN LET 1 := 2; END', 'the name of a variable'],
    ['BEGIN EXCEPTION WHEN OTHER THEN NULL; END', 'a statement'],
    ['BEGIN NULL; EXCEPTION WHEN OTHER THEN NULL; WHEN a THEN NULL; END', 'END'],
    ['BEGIN NULL; EXCEPTION WHEN a AND b THEN NULL; END', 'THEN'],
    ['BEGIN NULL; EXCEPTION WHEN OTHER THEN NULL; EXCEPTION WHEN a THEN NULL; END', 'END'],
    ['BEGIN IF (a) THEN NULL; EXCEPTION WHEN OTHER THEN NULL; END IF; END', 'END'],
    ['DECLARE BEGIN NULL; END', 'a data type'],
    ['DECLARE x INT BEGIN NULL; END', ';'],
    ['DECLARE x NOSUCHTYPE; BEGIN NULL; END', 'a data type'],
    ['DECLARE r RESULTSET DEFAULT; BEGIN NULL; END', '('],
    ["DECLARE e EXCEPTION ('no', -20001); BEGIN NULL; END", 'a number'],
    ['BEGIN SELECT FROM WHERE; END', 'an expression'],
    ['BEGIN SELECT 1; FROBNICATE x; END', 'a statement'],
    ['BEGIN f(1); END', 'a statement'],
    ['BEGIN FETCH c; END', 'INTO'],
    ['BEGIN OPEN c USING a; END', '('],
    ['BEGIN ASYNC SELECT 1; END', '('],
    ['BEGIN ASYNC (LET x := 1); END', 'a statement'],
    ['RETURN 1', 'a statement'],
    ['RAISE', 'a statement'],
    ['BREAK', 'a statement'],
    ['x := 1', 'a statement'],
  ])('%s', (text, expected) => {
    const error = refusal(() => parseStatements(text))
    expect(error?.entry).toBe('SqlSyntax')
    expect(error?.message).toContain(`expected ${expected}`)
  })
})

describe('a section of a block on its own, as the documentation shows it,', () => {
  const sections: readonly (readonly [string, string])[] = [
    ['DECLARE c CURSOR FOR SELECT a FROM t; r RESULTSET', 'Block'],
    ['EXCEPTION WHEN a OR b THEN RETURN 1; WHEN OTHER THEN ROLLBACK; RAISE', 'ExceptionSection'],
    ['LET x := 1', 'ControlFlow'],
    ['IF (a) THEN SELECT 1; END IF', 'ControlFlow'],
    ['FOR i IN 1 TO 2 DO SELECT 1; END FOR', 'ControlFlow'],
    ['CASE WHEN a THEN SELECT 1; END', 'ControlFlow'],
    ['LOOP BREAK; END LOOP', 'ControlFlow'],
  ]
  test.each(sections)('is a script: %s', (text, kind) => {
    const parsed = parseStatement(text)
    expect(factsOf(parsed.statement)).toMatchObject({ kind, class: 'Script', structured: true })
    expect(() => verifyRoundTrip(parsed, emit(parsed))).not.toThrow()
  })

  test.each(sections)('never swallows a statement behind it: %s', (text) => {
    for (const junk of [')', "'s'", '123', 'DROP TABLE z']) {
      expect(
        refusal(() => parseStatements(`${text} ${junk}`)),
        junk,
      ).toBeDefined()
    }
    const more = `${text}; DROP TABLE z`
    const error = refusal(() => parseStatements(more))
    if (error === undefined) expect(parseStatements(more)).toHaveLength(2)
  })

  test.each(['DECLARE x INT', 'EXCEPTION WHEN OTHER THEN NULL', 'LET x := 1'])(
    'is no body of code: %s',
    (text) => {
      const error = refusal(() => parseStatement(`EXECUTE IMMEDIATE '${text}'`))
      expect(error?.entry).toBe('SqlCode')
    },
  )
})
