/** One oracle in a process of its own, which its parent kills when an answer is late. */

import { nodeSqlParser } from './node-sql-parser.ts'
import type { Oracle, OracleName } from './oracle.ts'
import { polyglot } from './polyglot.ts'
import { sqlparserTs } from './sqlparser-ts.ts'
import type { TableName } from './tree.ts'

export interface Answer {
  /** Missing where the oracle cannot read the statement. */
  readonly tables?: readonly TableName[] | undefined
  /** Resident memory of this process, in bytes. */
  readonly memory: number
}

const oracles: Readonly<Record<OracleName, () => Promise<Oracle>>> = {
  'node-sql-parser': nodeSqlParser,
  polyglot,
  'sqlparser-ts': sqlparserTs,
}

const oracle = await oracles[process.argv[2] as OracleName]()

// What an oracle throws ends the process: a broken one must not answer again.
process.on('message', (sql: string) => {
  const tables = oracle(sql)
  const answer: Answer = { tables, memory: process.memoryUsage.rss() }
  process.send?.(answer)
})
process.send?.('ready')
