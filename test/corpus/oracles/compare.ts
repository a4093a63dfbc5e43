/** Asks all oracles about all statements of corpora, and finds where they see other tables. */

import { statementHash } from '../corpora.ts'
import type { Corpus, CorpusStatement } from '../corpora.ts'
import { readText } from '../reading.ts'
import { askOracle } from './ask.ts'
import type { Verdict } from './ask.ts'
import { comparableFacts, compareTables, ownTables } from './comparison.ts'
import { differenceKey } from './differences.ts'
import type { Difference } from './differences.ts'
import { oracleNames } from './oracle.ts'
import type { OracleName } from './oracle.ts'
import { provenReason } from './reasons.ts'

export interface Comparison {
  /** How many different statements each oracle and we both read. */
  readonly compared: Readonly<Record<OracleName, number>>
  /** One entry for each statement and way to differ, with a reason where one is proven. */
  readonly differences: readonly Difference[]
}

interface Asked extends CorpusStatement {
  readonly corpus: string
}

/** Takes seconds for thousands of statements. Rejects when an oracle does not start. */
export async function compareWithOracles(corpora: readonly Corpus[]): Promise<Comparison> {
  const all = statementsOf(corpora)
  const texts = all.map(({ sql }) => sql)
  const verdicts = await Promise.all(oracleNames.map((name) => askOracle(name, texts)))
  const compared = { 'node-sql-parser': 0, polyglot: 0, 'sqlparser-ts': 0 }
  const differences = all.flatMap((asked, index) => {
    const answers = oracleNames.map((oracle, which) => ({
      oracle,
      verdict: verdicts[which]?.[index],
    }))
    return compareOne(asked, answers, compared)
  })
  return { compared, differences }
}

/** Each statement once: corpora repeat each other and themselves. */
function statementsOf(corpora: readonly Corpus[]): readonly Asked[] {
  const byHash = new Map<string, Asked>()
  for (const { name, statements } of corpora) {
    for (const { sql, source } of statements) {
      const hash = statementHash(sql)
      if (!byHash.has(hash)) byHash.set(hash, { sql, source, corpus: name })
    }
  }
  return [...byHash.values()]
}

interface GivenAnswer {
  readonly oracle: OracleName
  readonly verdict: Verdict | undefined
}

function compareOne(
  { sql, source, corpus }: Asked,
  answers: readonly GivenAnswer[],
  compared: Record<OracleName, number>,
): readonly Difference[] {
  const { statements } = readText(sql)
  const facts = comparableFacts(statements)
  if (facts === undefined) return []
  const kind = facts.map((each) => each.kind).join(' ')
  const place = { statement: statementHash(sql), corpus, source, kind }
  const own = ownTables(facts)
  const found = new Map<string, Difference>()
  for (const { oracle, verdict } of answers) {
    if (verdict === undefined || !('tables' in verdict)) continue
    compared[oracle] += 1
    const names = compareTables(own, verdict.tables)
    if (names === undefined) continue
    const reason = provenReason({ ...names, oracle, statements, facts }) ?? ''
    const difference = { ...place, oracles: [], ...names, reason }
    const key = `${differenceKey(difference)} ${reason}`
    const oracles = [...(found.get(key)?.oracles ?? []), oracle]
    found.set(key, { ...difference, oracles })
  }
  return [...found.values()]
}
