/**
 * What the front end refuses although Snowflake takes it, with the reason and the way around it.
 * `docs/sql-support.md` is made of this, and a test sends each example through the parser.
 */

import type { ErrorName } from '../../sidecar/errors.ts'

export interface Refused {
  readonly what: string
  readonly example: string
  readonly entry: ErrorName
  readonly why: string
  readonly instead: string
}

export const refused: readonly Refused[] = [
  {
    what: 'An address without quotes in COPY',
    example: 'COPY INTO t FROM s3://bucket/path/',
    entry: 'SqlLexical',
    why: '`//` begins a comment for some readers.',
    instead: "Quote it: `'s3://bucket/path/'`.",
  },
  {
    what: 'A comment inside a comment',
    example: 'SELECT 1 /* a /* b */ FROM t',
    entry: 'SqlLexical',
    why: 'Readers disagree whether comments nest.',
    instead: 'Remove the inner `/*`.',
  },
  {
    what: '`//`, `--` and `/*` in a stage path',
    example: 'LIST @s/a--b/',
    entry: 'SqlLexical',
    why: 'Readers disagree whether a comment begins there.',
    instead: "Quote the stage: `'@s/a--b/'`.",
  },
  {
    what: 'Letters outside ASCII in a name without quotes',
    example: 'SELECT größe FROM t',
    entry: 'SqlLexical',
    why: 'Many of them look alike, and readers fold them differently.',
    instead: 'Quote the name.',
  },
  {
    what: 'Common table expressions between WITH … AS PROCEDURE and CALL',
    example:
      'WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$BEGIN RETURN 1; END$$, c AS (SELECT 1) CALL p()',
    entry: 'SqlSyntax',
    why: 'What the procedure sees of them is not documented.',
    instead: 'Write them inside the procedure.',
  },
  {
    what: 'Verified queries of a semantic view',
    example:
      "CREATE SEMANTIC VIEW v TABLES (t) METRICS (t.m AS SUM(a)) AI_VERIFIED_QUERIES (q AS (QUESTION 'x'))",
    entry: 'SqlSyntax',
    why: 'Their grammar is not documented in full.',
    instead: 'Add them in the console.',
  },
  {
    what: 'An index under the full name of its table',
    example: 'DROP INDEX db.s.t.i',
    entry: 'SqlSyntax',
    why: 'Names of objects have three parts at most.',
    instead: '`USE SCHEMA db.s`, then `DROP INDEX t.i`.',
  },
]
