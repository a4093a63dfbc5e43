/** node-sql-parser as a second reader: where both understand a query they must see the same tables. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { emit, parseStatement, verifyRoundTrip, walk } from '../../../sidecar/sql/index.ts'
import { reads } from './support.ts'

interface Oracle {
  parse(sql: string): { readonly tableList: readonly string[] }
}
// The package is CommonJS, and its types name only the build for all dialects.
const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/snowflake') as {
  readonly Parser: new () => Oracle
}
const oracle = new Parser()

/** Table names without qualifiers, lower case, sorted; undefined where the oracle cannot read. */
function oracleTables(sql: string): readonly string[] | undefined {
  try {
    const names = oracle.parse(sql).tableList.map((entry) => entry.split('::').at(-1) ?? '')
    return normal(names)
  } catch {
    return undefined
  }
}

function normal(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.split('.').at(-1)?.toLowerCase() ?? ''))].sort()
}

const queries = [
  'SELECT a FROM t',
  'SELECT a, b FROM db.s.t x JOIN u ON x.a = u.a LEFT JOIN v ON 1 = 1',
  'SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = 1)',
  'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)',
  'SELECT (SELECT max(a) FROM t) AS m FROM u',
  'SELECT a FROM t UNION ALL SELECT b FROM u UNION SELECT c FROM v',
  'WITH x AS (SELECT a FROM t) SELECT a FROM x, u',
  'SELECT a FROM (SELECT b FROM t) AS x, (SELECT c FROM u) AS y',
  'SELECT sum(a) OVER (PARTITION BY b ORDER BY c) FROM t QUALIFY row_number() OVER (ORDER BY a) = 1',
  'SELECT CASE WHEN a > 1 THEN (SELECT 1 FROM u) ELSE 2 END FROM t',
  'SELECT a::int, CAST(b AS varchar(3)) FROM t GROUP BY a, b HAVING count(*) > 1 ORDER BY 1 LIMIT 3',
  "SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c LIKE 'x%' AND d IS NOT NULL",
]

describe('node-sql-parser sees the same tables', () => {
  test.each(queries)('%s', (sql) => {
    const own = reads(sql)
    // It lists names of common table expressions too.
    expect(oracleTables(sql)?.filter((name) => name !== 'x')).toEqual(normal(own))
  })
})

const folder = process.env['FROSTGATE_CORPORA']
if (folder === undefined) {
  console.log(
    'SKIPPED: TPC-H and TPC-DS; set FROSTGATE_CORPORA to a folder with a_tpch.json and a_tpcds.json',
  )
}

describe.skipIf(folder === undefined)('the TPC corpora', () => {
  const load = (file: string) =>
    JSON.parse(readFileSync(join(folder ?? '', file), 'utf8')) as readonly {
      readonly sql: string
    }[]

  test.each(['a_tpch.json', 'a_tpcds.json'])(
    '%s: all is read, and the oracle sees no more',
    (file) => {
      for (const { sql } of load(file)) {
        const parsed = parseStatement(sql)
        verifyRoundTrip(parsed, emit(parsed))
        const own = new Set(normal(reads(sql)))
        const ctes = new Set<string>()
        walk(parsed.statement, {
          Cte({ name }) {
            ctes.add(name.value.toLowerCase())
            return undefined
          },
        })
        // It loses tables in parenthesised joins; it must not find one that we do not.
        const more = (oracleTables(sql) ?? []).filter((name) => !own.has(name) && !ctes.has(name))
        expect(more, sql).toEqual([])
      }
    },
  )
})
