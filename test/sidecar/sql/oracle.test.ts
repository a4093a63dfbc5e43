/** Other parsers as second readers: where one of them reads a statement too, it sees our tables. */

import { beforeAll, describe, expect, test } from 'vitest'

import { corporaRemedy, readCorpora } from '../../corpus/corpora.ts'
import { askOracle } from '../../corpus/oracles/ask.ts'
import { compareWithOracles } from '../../corpus/oracles/compare.ts'
import type { Comparison } from '../../corpus/oracles/compare.ts'
import { comparableFacts, compareTables, ownTables } from '../../corpus/oracles/comparison.ts'
import { disagreements, lacking, readDifferences } from '../../corpus/oracles/differences.ts'
import { oracleNames } from '../../corpus/oracles/oracle.ts'
import { readText } from '../../corpus/reading.ts'

/** Each is read by all three. */
const statements = [
  'SELECT a FROM t',
  'SELECT a, b FROM db.s.t x JOIN u ON x.a = u.a LEFT JOIN v ON 1 = 1',
  'SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = 1)',
  'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)',
  'SELECT (SELECT max(a) FROM t) AS m FROM u',
  'SELECT a FROM t UNION ALL SELECT b FROM u UNION SELECT c FROM v',
  'WITH x AS (SELECT a FROM t) SELECT a FROM x, u',
  'SELECT a FROM (SELECT b FROM t) AS x, (SELECT c FROM u) AS y',
  'SELECT a FROM (t JOIN u ON t.a = u.a)',
  'SELECT sum(a) OVER (PARTITION BY b ORDER BY c) FROM t QUALIFY row_number() OVER (ORDER BY a) = 1',
  'SELECT CASE WHEN a > 1 THEN (SELECT 1 FROM u) ELSE 2 END FROM t',
  'SELECT a::int, CAST(b AS varchar(3)) FROM t GROUP BY a, b HAVING count(*) > 1 ORDER BY 1 LIMIT 3',
  "SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c LIKE 'x%' AND d IS NOT NULL",
  'SELECT "a"."b" FROM "DB"."S"."t"',
  // A name is a CTE only where it is in scope: the first x here is a table.
  'SELECT a FROM x WHERE b IN (WITH x AS (SELECT c FROM t) SELECT c FROM x)',
  'WITH x AS (SELECT a FROM y), y AS (SELECT b FROM x) SELECT a FROM y',
]

describe.each(oracleNames)('%s sees the same tables in', (oracle) => {
  const verdicts = askOracle(oracle, statements)
  test.each(statements)('%s', async (sql) => {
    const verdict = (await verdicts)[statements.indexOf(sql)]
    const own = ownTables(comparableFacts(readText(sql).statements) ?? [])
    expect(own).not.toEqual([])
    expect(verdict).toHaveProperty('tables')
    if (verdict !== undefined && 'tables' in verdict) {
      expect(compareTables(own, verdict.tables)).toBeUndefined()
    }
  })
})

describe('an oracle that fails', () => {
  test('by hanging costs no more than its own answer', async () => {
    const hangs = 'SELECT CAST(CAST(CAST(CAST(CAST(CAST(CAST(a'
    const texts = [hangs, 'SELECT 1 FROM t']
    expect(await askOracle('node-sql-parser', texts, { deadlineMs: 500 })).toEqual([
      { fault: 'late' },
      { tables: [['t']] },
    ])
  })

  test('by breaking its WebAssembly costs no more than its own answer', async () => {
    const breaks = `SELECT a${'::int'.repeat(3_000)}`
    expect(await askOracle('sqlparser-ts', [breaks, 'SELECT 1 FROM t'])).toEqual([
      { fault: 'broken' },
      { tables: [['t']] },
    ])
  })

  test('on a long text is not asked', async () => {
    const texts = ['SELECT 1 FROM a_long_name']
    expect(await askOracle('polyglot', texts, { maxLength: 20 })).toEqual([{ fault: 'long' }])
  })

  test('by growing too big gets a fresh process', async () => {
    const texts = ['SELECT 1 FROM t', 'SELECT 1 FROM u']
    let processes = 0
    const started = () => (processes += 1)
    expect(await askOracle('sqlparser-ts', texts, { maxMemory: 1 }, started)).toEqual([
      { tables: [['t']] },
      { tables: [['u']] },
    ])
    expect(processes).toBe(2)
    await askOracle('sqlparser-ts', texts, {}, started)
    expect(processes).toBe(3)
  })
})

describe('the list of differences', () => {
  test('has a reason for each, and somebody has checked where oracles agree', () => {
    const open = readDifferences().filter((difference) => lacking(difference) !== undefined)
    expect(open).toEqual([])
  })

  const folder = process.env['FROSTGATE_CORPORA']
  if (folder === undefined) console.log(`SKIPPED: oracles over the corpora; ${corporaRemedy}`)

  describe.skipIf(folder === undefined)('over the corpora', () => {
    const corpora = folder === undefined ? [] : readCorpora(folder)
    let comparison: Comparison
    beforeAll(async () => {
      comparison = await compareWithOracles(corpora)
    })

    test('is complete, and has no entry that is no difference any more', () => {
      expect(disagreements(readDifferences(), comparison.differences, corpora)).toEqual([])
    })

    test('is about statements that oracles do read', () => {
      for (const oracle of oracleNames) expect(comparison.compared[oracle]).toBeGreaterThan(100)
    })
  })
})
