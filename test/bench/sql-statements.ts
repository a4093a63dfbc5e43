/** What `npm run bench:sql` reads: statements of our own, and third-party corpora where given. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Workload {
  readonly name: string
  readonly statements: readonly string[]
}

/** Statements longer than this (UTF-16 units) are not small. */
const small = 500

/** Each is read with several names in place of `T`, `A` and `B`. */
const templates = [
  'SELECT 1',
  'SELECT * FROM T',
  'SELECT A, B FROM db.s.T WHERE A = 1',
  "SELECT A FROM T WHERE B = 'x' AND A > 2 OR A IS NULL",
  'SELECT count(*) FROM T',
  'SELECT A, count(*) AS n FROM T GROUP BY A HAVING count(*) > 1 ORDER BY n DESC LIMIT 10',
  'SELECT DISTINCT A FROM T ORDER BY 1',
  'SELECT x.A, y.B FROM T x JOIN T_2 y ON x.A = y.A LEFT JOIN T_3 z ON y.B = z.B',
  'SELECT A FROM T WHERE B IN (SELECT B FROM T_2 WHERE A = 3)',
  'SELECT A FROM T WHERE EXISTS (SELECT 1 FROM T_2 WHERE T_2.A = T.A)',
  'WITH c AS (SELECT A, B FROM T) SELECT A FROM c WHERE B BETWEEN 1 AND 2',
  "SELECT CASE WHEN A > 1 THEN 'many' ELSE 'one' END AS label FROM T",
  'SELECT A FROM T UNION ALL SELECT B FROM T_2',
  "SELECT coalesce(A, 0), upper(B), concat(A, '-', B) FROM T",
  'SELECT A::int, CAST(B AS varchar(10)) FROM T',
  'SELECT row_number() OVER (PARTITION BY A ORDER BY B) AS r FROM T',
  "SELECT A FROM T WHERE B LIKE 'a%' AND A NOT IN (1, 2, 3)",
  'SELECT sum(A * (1 - B)) / 100 FROM T WHERE A + B < 10',
  'SELECT (SELECT max(A) FROM T) AS m FROM T_2',
  '-- a comment\nSELECT A /* another */ FROM T',
]

const names = [
  ['orders', 'amount', 'customer_id'],
  ['PATIENTS', 'SSN', 'DATE_OF_BIRTH'],
  ['events', 'id', 'kind'],
  ['web_sales', 'ws_item_sk', 'ws_net_paid'],
  ['t', 'a', 'b'],
] as const

/** Queries of the size of TPC-DS: one list, join chain and set of arms after the other. */
function large(arms: number): string {
  const columns = Array.from({ length: 12 }, (_none, index) => `t${index % 4}.column_${index}`)
  const arm = `SELECT ${columns.join(', ')}, sum(t0.amount * (1 - t1.discount)) AS total
    FROM sales t0 JOIN items t1 ON t0.item_sk = t1.item_sk AND t1.kind IN ('a', 'b', 'c')
      LEFT JOIN stores t2 ON t0.store_sk = t2.store_sk
      JOIN dates t3 ON t0.date_sk = t3.date_sk
    WHERE t3.year BETWEEN 1998 AND 2002
      AND (t1.price > 10 OR t1.colour = 'red' AND t2.state IN (SELECT state FROM regions))
    GROUP BY ${columns.join(', ')} HAVING sum(t0.amount) > 1000`
  const unions = Array.from({ length: arms }, () => arm).join('\nUNION ALL\n')
  return `WITH all_sales AS (${unions})
    SELECT column_1, CASE WHEN total > 10 THEN total ELSE 0 END AS kept FROM all_sales
    ORDER BY column_1, kept DESC LIMIT 100`
}

function built(): readonly string[] {
  return names.flatMap(([table, first, second]) =>
    templates.map((template) =>
      template.replaceAll(/\b[TAB](?=\b|_)/g, (letter) =>
        letter === 'T' ? table : letter === 'A' ? first : second,
      ),
    ),
  )
}

/** Both workloads; without a folder of corpora from our own statements, saying what was skipped. */
export function loadWorkloads(
  folder: string | undefined,
  say: (line: string) => void,
): readonly Workload[] {
  const files =
    folder === undefined ? [] : readdirSync(folder).filter((file) => /^a_tpc/.test(file))
  const others = folder === undefined ? [] : readdirSync(folder).filter(isCorpus)
  if (folder === undefined || files.length === 0) {
    say(
      'SKIPPED: TPC-H and TPC-DS; set FROSTGATE_CORPORA to a folder with a_tpch.json and a_tpcds.json. Large queries of our own take their place.',
    )
  }
  const load = (file: string): readonly string[] => read(join(folder ?? '', file))
  const tpc = files.flatMap(load)
  const rest = others.flatMap(load).filter(({ length }) => length <= small)
  return [
    { name: 'small statements', statements: [...built(), ...rest] },
    tpc.length > 0
      ? { name: 'TPC-H and TPC-DS', statements: tpc }
      : { name: 'large queries', statements: [1, 2, 3, 4, 6, 8].map(large) },
  ]
}

function isCorpus(file: string): boolean {
  return file.endsWith('.json') && !/^a_tpc/.test(file)
}

/** A corpus is a list of `{"sql": …}`; other JSON in the folder is none. */
function read(file: string): readonly string[] {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Array.isArray(content)) return []
  return content.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'sql' in entry && typeof entry.sql === 'string'
      ? [entry.sql]
      : [],
  )
}
