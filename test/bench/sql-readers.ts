/** The parsers that `npm run bench:sql` compares. */

import { createRequire } from 'node:module'
import { init, parse as parseSqlparser } from '@guanmingchiu/sqlparser-ts'
import { Dialect, parse as parsePolyglot } from '@polyglot-sql/sdk'
import { readOurs } from './sql-frostgate.ts'

export interface Reader {
  readonly name: string
  /** What one call includes. */
  readonly does: string
  /** Throws where it does not read the text as structured SQL. */
  read(sql: string): void
}

/** The reader that all ratios are to. */
export const baseline = '@guanmingchiu/sqlparser-ts'

interface NodeSqlParser {
  astify(sql: string): unknown
}

export async function loadReaders(): Promise<readonly Reader[]> {
  await init()
  // The package is CommonJS, and its types name only the build for all dialects.
  const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/snowflake') as {
    readonly Parser: new () => NodeSqlParser
  }
  const nodeSqlParser = new Parser()
  return [
    { name: 'frostgate', does: 'lex, parse, accounting, facts', read: readOurs },
    {
      name: baseline,
      does: 'parse',
      read: (sql) => {
        parseSqlparser(sql, 'snowflake')
      },
    },
    {
      name: '@polyglot-sql/sdk',
      does: 'parse',
      read: (sql) => {
        const { success, error } = parsePolyglot(sql, Dialect.Snowflake)
        if (!success) throw new Error(error)
      },
    },
    {
      name: 'node-sql-parser',
      does: 'parse',
      read: (sql) => {
        nodeSqlParser.astify(sql)
      },
    },
  ]
}

export function accepts(reader: Reader, sql: string): boolean {
  try {
    reader.read(sql)
    return true
  } catch {
    return false
  }
}
