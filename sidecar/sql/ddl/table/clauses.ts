/**
 * What stands behind the name of a new table or view. Snowflake takes the clauses in any order, so
 * each class is a list of the clauses that it knows; each is taken at most once.
 */

import type { Attachment, Expression, Property, Query, Source } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import type { Statement } from '../../statements/table.ts'
import { attachmentClause, relationPolicies } from '../attachments.ts'
import { property } from '../properties.ts'
import type { Phrases } from '../properties.ts'
import type { CreateTail } from '../tails.ts'
import { columnList } from './columns.ts'
import type { ColumnList, ColumnRules } from './columns.ts'
import { failAt } from './fail-at.ts'
import { archiveSource, backupSource, tableSource, templateSource } from './source.ts'

/** Clauses as they are found. */
export interface Draft {
  list: ColumnList | undefined
  source: Source | undefined
  query: Query | undefined
  statement: Statement | undefined
  readonly attachments: Attachment[]
  readonly expressions: Expression[]
  readonly properties: Property[]
}

export interface Clause {
  /** The words that begin it. */
  readonly words: readonly string[]
  readonly read: (p: Parser, draft: Draft) => void
}

/** A clause that is read with its words behind the cursor. */
export function clause(words: string, read: Clause['read']): Clause {
  return { words: words.split(' '), read }
}

export interface Clauses {
  readonly clauses: readonly Clause[]
  /** Properties without `=`. */
  readonly phrases: Phrases
}

/** Reads all clauses, each with its words taken. Throws SqlSyntax where one is there twice. */
export function readClauses(p: Parser, { clauses, phrases }: Clauses): Draft {
  const draft: Draft = {
    ...{ list: undefined, source: undefined, query: undefined, statement: undefined },
    ...{ attachments: [], expressions: [], properties: [] },
  }
  const used = new Set<string>()
  const once = (words: string, start: number) => {
    if (used.has(words)) failAt(p, start, `a clause other than ${words}, which was given already`)
    used.add(words)
  }
  // A query is the last clause: nothing of it can be told from what would follow.
  while (draft.query === undefined) {
    const start = p.index
    const next = clauses.find(({ words }) => p.ahead(...words))
    if (next !== undefined) {
      once(next.words.join(' '), start)
      p.keywords(next.words.length)
      next.read(p, draft)
      continue
    }
    const attached = attachmentClause(p, relationPolicies)
    if (attached !== undefined) {
      for (const objectClass of classesOf(attached)) once(objectClass, start)
      draft.attachments.push(...attached)
      continue
    }
    // WITH may stand before any property.
    if (p.at('WITH') && p.type(1) === 'word' && p.at('=', 2)) p.keywords(1)
    const read = property(p, phrases)
    if (read === undefined) return draft
    once(read.name, start)
    draft.properties.push(read)
    if (p.at(',') && p.type(1) === 'word' && p.at('=', 2)) p.keywords(1)
  }
  return draft
}

function classesOf(attachments: readonly Attachment[]): ReadonlySet<string> {
  return new Set(attachments.map(({ objectClass }) => objectClass))
}

/** The draft as CREATE keeps it. */
export function tailOf({ list, source, query, statement, ...rest }: Draft): CreateTail {
  return {
    ...(list ?? { columns: [], constraints: [] }),
    ...rest,
    ...(source === undefined ? {} : { source }),
    ...(query === undefined ? {} : { query }),
    ...(statement === undefined ? {} : { statement }),
  }
}

// ── Clauses that several classes share ────────────────────────────────────────────────────────

export function columns(rules: ColumnRules): Clause {
  return clause('(', (p, draft) => {
    draft.list = columnList(p, rules)
  })
}

export const query = clause('AS', (p, draft) => {
  draft.query = p.rules.query(p)
})

/** `words (a, f(b), …)`: keys of clusters and partitions. */
export function keys(words: 'CLUSTER BY' | 'PARTITION BY'): Clause {
  return clause(words, (p, draft) => {
    if (words === 'CLUSTER BY') p.accept('LINEAR')
    draft.expressions.push(...keyList(p))
  })
}

export function keyList(p: Parser): readonly Expression[] {
  p.expect('(')
  const found = p.list(() => p.rules.expression(p))
  p.expect(')')
  return found
}

/** `words (condition)`. */
export function condition(words: string): Clause {
  return clause(words, (p, draft) => {
    p.expect('(')
    draft.expressions.push(p.rules.expression(p))
    p.expect(')')
  })
}

/** A source, of which there may be one. */
function from(words: string, read: (p: Parser, start: number, draft: Draft) => Source): Clause {
  return clause(words, (p, draft) => {
    const start = p.index - words.split(' ').length
    if (draft.source !== undefined) failAt(p, start, 'one source only')
    draft.source = read(p, start, draft)
  })
}

export const clone = from('CLONE', (p, start) => tableSource(p, start, 'CLONE'))
export const like = from('LIKE', (p, start) => tableSource(p, start, 'LIKE'))
/** Rows that a dynamic table has before its first refresh. */
export const backfill = from('BACKFILL FROM', (p, start) => tableSource(p, start, 'FROM'))
export const template = from('USING TEMPLATE', templateSource)

export const archive = from('FROM ARCHIVE OF', (p, start, draft) => {
  const { source, condition: where } = archiveSource(p, start)
  draft.expressions.push(where)
  return source
})

/** The older word for a backup is SNAPSHOT. */
export const backups: readonly Clause[] = ['BACKUP', 'SNAPSHOT'].map((word) =>
  from(`FROM ${word} SET`, (p, start, draft) => {
    const { source, id } = backupSource(p, start)
    draft.expressions.push(id)
    return source
  }),
)
