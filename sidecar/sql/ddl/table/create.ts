/** CREATE of every class of tables: https://docs.snowflake.com/en/sql-reference/sql/create-table */

import type { Parser } from '../../parser/parser.ts'
import type { DdlHead } from '../head.ts'
import type { Phrases } from '../properties.ts'
import type { CreateTail } from '../tails.ts'
import {
  archive,
  backfill,
  backups,
  clone,
  columns,
  condition,
  tailOf,
  keys,
  like,
  query,
  readClauses,
  template,
} from './clauses.ts'
import type { Clause, Draft } from './clauses.ts'
import { tableColumns } from './columns.ts'
import { executeAs, refreshUsing } from './dynamic.ts'

interface TableClass {
  readonly clauses: readonly Clause[]
  readonly phrases?: Phrases
  /** What it cannot be without: one of these. */
  readonly needs: readonly Need[]
}

/** A part of the draft, or a property by its name. */
type Need = 'columns' | 'query' | 'source' | 'statement' | `${string} =`

const phrases: Phrases = { COMMENT: 'value', 'COPY GRANTS': 'nothing', 'COPY TAGS': 'nothing' }
const cluster = keys('CLUSTER BY')
const partition = keys('PARTITION BY')
const typed = columns(tableColumns)

const standard: TableClass = {
  clauses: [typed, cluster, query, clone, like, template, archive, ...backups],
  needs: ['columns', 'query', 'source'],
}

const iceberg: TableClass = {
  clauses: [typed, cluster, partition, query, clone, like, template],
  // Of a table that another catalog holds, the columns come from there.
  needs: [
    ...(['columns', 'query', 'source'] as const),
    ...(['CATALOG_TABLE_NAME =', 'METADATA_FILE_PATH =', 'BASE_LOCATION ='] as const),
  ],
}

const dynamic: TableClass = {
  clauses: [
    ...[typed, cluster, query, clone, backfill, refreshUsing, executeAs],
    ...[condition('IMMUTABLE WHERE'), condition('FROZEN WHERE')],
  ],
  phrases: { ...phrases, 'REQUIRE USER': 'nothing' },
  needs: ['query', 'source', 'statement'],
}

const classes = {
  TABLE: standard,
  'ICEBERG TABLE': iceberg,
  'DYNAMIC TABLE': dynamic,
  'DYNAMIC ICEBERG TABLE': { ...dynamic, clauses: [...dynamic.clauses, partition] },
  'EXTERNAL TABLE': {
    clauses: [typed, partition, template],
    needs: ['LOCATION ='],
  },
  'HYBRID TABLE': {
    clauses: [columns({ ...tableColumns, indexes: true }), query, like, clone],
    needs: ['columns', 'query', 'source'],
  },
  'EVENT TABLE': { clauses: [cluster], needs: [] },
  'INTERACTIVE TABLE': {
    clauses: [typed, cluster, query, clone, like],
    needs: ['columns', 'query', 'source'],
  },
} as const satisfies Readonly<Record<string, TableClass>>

/** What CREATE reads behind the name of a table of this class. */
export function createTable(name: keyof typeof classes): (p: Parser, head: DdlHead) => CreateTail {
  const { clauses, needs, ...rest }: TableClass = classes[name]
  return (p, { modifiers }) => {
    const draft = readClauses(p, { clauses, phrases: rest.phrases ?? phrases })
    check(p, draft, needs)
    const clones = draft.source?.type === 'CLONE'
    if (modifiers.includes('READ ONLY') && !clones) p.fail('CLONE')
    return tailOf(draft)
  }
}

function check(p: Parser, draft: Draft, needs: readonly Need[]): void {
  const { list, source, query: rows } = draft
  const untyped = list?.columns.some(({ type, value }) => type === undefined && value === undefined)
  if (untyped === true && rows === undefined) p.fail('AS and a query, or a type for every column')
  const taken = source !== undefined && source.type !== 'FROM'
  if (taken && (list !== undefined || rows !== undefined)) {
    p.fail(`either ${source.type} or columns and a query`)
  }
  if (needs.length > 0 && !needs.some((need) => has(draft, need))) {
    p.fail(needs.map((need) => (need === 'columns' ? '"("' : (wording[need] ?? need))).join(' or '))
  }
}

const wording: Readonly<Record<string, string>> = {
  query: 'AS and a query',
  source: 'CLONE',
  statement: 'REFRESH USING',
}

function has(draft: Draft, need: Need): boolean {
  if (need === 'columns') return draft.list !== undefined
  if (need === 'query' || need === 'source' || need === 'statement') {
    return draft[need] !== undefined
  }
  return draft.properties.some(({ name }) => `${name} =` === need)
}
