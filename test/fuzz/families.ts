/**
 * Texts in which two openers alternate to any depth: a parser that tries one reading, and then
 * another, needs twice the time for each level.
 */

const openers = [
  ...['(', 'f(', '(SELECT ', 'SELECT (SELECT ', 'a + (', '-', 'NOT ', '[', "{'a': ", 'a[', 'a::'],
  ...[
    'CASE WHEN ',
    'CASE WHEN a THEN ',
    'CASE a WHEN 1 THEN b ELSE ',
    'CAST(',
    'TRY_CAST(a AS ARRAY(',
  ],
  ...[
    'EXISTS (SELECT ',
    'a IN (',
    'a IN (SELECT ',
    'a BETWEEN ',
    'a LIKE ',
    'x -> ',
    '(x) -> ',
    'f(x => ',
  ],
  ...[
    'SELECT * FROM (',
    'SELECT * FROM ((',
    'SELECT * FROM (SELECT * FROM ',
    'SELECT * FROM t JOIN (',
    'a JOIN b JOIN ',
  ],
  ...[
    'SELECT * FROM LATERAL (SELECT * FROM ',
    'SELECT * FROM TABLE(f(',
    'WITH x AS (',
    'WITH x AS (SELECT * FROM (',
  ],
  ...[
    '(VALUES (',
    'SELECT 1 UNION (',
    'SUM(a) OVER (PARTITION BY ',
    'SELECT a FROM t WHERE (',
    'IDENTIFIER(',
  ],
  ...[
    'BEGIN ',
    'BEGIN SELECT 1; ',
    'IF (a) THEN ',
    'FOR i IN 1 TO 2 DO ',
    'WHILE (',
    'LOOP ',
    'DECLARE x INT; BEGIN ',
  ],
  ...[
    'EXPLAIN ',
    'CREATE TASK t AS ',
    'CREATE TABLE t AS ',
    'CREATE TABLE t (a INT DEFAULT (',
    'CALL p(',
  ],
  ...[
    'INSERT INTO t SELECT (',
    'MERGE INTO t USING (',
    'COPY INTO t FROM (',
    'EXECUTE IMMEDIATE ',
    "EXECUTE IMMEDIATE '",
  ],
  ...[
    'CREATE PROCEDURE p() RETURNS INT AS BEGIN ',
    'GRANT a ON t TO ',
    'a ->> ',
    'SELECT 1 ->> SELECT ',
    '"',
    "'",
    '$$',
  ],
  ...[
    '/*',
    '--',
    '@s (',
    'a:b[',
    'OBJECT(a ',
    'a PIVOT (SUM(a) FOR b IN (',
    'TRIM(',
    'EXTRACT(YEAR FROM ',
  ],
]

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

function closing(opener: string): string {
  const open: string[] = []
  for (const character of opener) {
    const closer = closers[character]
    if (closer !== undefined) open.unshift(closer)
  }
  const words = /CASE/.test(opener) ? ' END' : /BEGIN|IF|LOOP|DO/.test(opener) ? '; END' : ''
  return words + open.join('')
}

export interface Family {
  readonly name: string
  /** A text of `depth` pairs of openers. */
  text(depth: number): string
}

const endings: Readonly<Record<string, (a: string, b: string, depth: number) => string>> = {
  open: () => '',
  closed: (a, b, depth) => `1${(closing(b) + closing(a)).repeat(depth)}`,
  garbage: () => '1 ) FROM , ;',
}

/** Every ordered pair of openers, with each ending. */
export function families(): readonly Family[] {
  return openers.flatMap((a) =>
    openers.flatMap((b) =>
      Object.entries(endings).map(([ending, end]) => ({
        name: `${a}${b}… ${ending}`,
        text: (depth: number) =>
          `SELECT ${(a + b).repeat(depth)}${end(a, b, depth)}`.slice(7 * startsItself(a)),
      })),
    ),
  )
}

/** 1 for an opener that begins a statement by itself. */
function startsItself(opener: string): number {
  return /^(SELECT|WITH|BEGIN|DECLARE|EXPLAIN|CREATE|CALL|INSERT|MERGE|COPY|EXECUTE|GRANT)/.test(
    opener,
  )
    ? 1
    : 0
}
