/** SHOW: https://docs.snowflake.com/en/sql-reference/sql/show. What it lists is in `show/`. */

import type { ObjectName, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { takePhrase } from '../parser/phrases.ts'
import { instances, showClassAt } from '../show/classes.ts'
import type { ShowClass } from '../show/classes.ts'
import { limitClause, optionClauses, privilegesClause, scopeClause, text } from '../show/clauses.ts'
import type { ShowIn, ShowLimit } from '../show/clauses.ts'
import { define, pascal } from './definition.ts'

export interface Show extends Spanned {
  readonly kind: 'Show'
  /** The words of the class: `TABLES`, `PRIMARY KEYS`; INSTANCES of a class that has a name. */
  readonly objects: string
  readonly className: ObjectName | undefined
  readonly terse: boolean
  /** Also what was dropped. */
  readonly history: boolean
  readonly like: string | undefined
  readonly in: ShowIn | undefined
  readonly startsWith: string | undefined
  /** Counts rows that the client sees, so it is applied by the gateway, not upstream. */
  readonly limit: ShowLimit | undefined
  /** Only objects on which the role has these. */
  readonly privileges: readonly string[]
  /** `ROOT ONLY`, `EXCLUDE JOBS`, `IS_IMPORTED = TRUE`. */
  readonly options: readonly string[]
}

function parse(p: Parser): Show {
  const start = p.index
  p.expect('SHOW')
  const terse = p.at('TERSE') && showClassAt(p, 1)?.terse === true
  if (terse) p.keywords(1)
  const { row, className } = listed(p)
  const history = row.history && p.accept('HISTORY')
  const early = optionClauses(p, row.options)
  const like = row.like && p.accept('LIKE') ? text(p) : undefined
  const within = scopeClause(p, row)
  const startsWith = row.paged && p.accept('STARTS', 'WITH') ? text(p) : undefined
  const late = early.length > 0 ? early : optionClauses(p, row.options)
  const limit = row.paged ? limitClause(p) : undefined
  const privileges = row.privileges ? privilegesClause(p) : []
  return {
    kind: 'Show',
    span: p.span(start),
    objects: row.objects,
    className,
    terse,
    history,
    like,
    in: within,
    startsWith,
    limit,
    privileges,
    options: late,
  }
}

function listed(p: Parser): { row: ShowClass; className: ObjectName | undefined } {
  if (p.at('.', 1)) {
    const className = p.objectName('a class')
    p.accept('INSTANCES')
    return { row: instances, className }
  }
  const row = showClassAt(p, 0)
  if (row === undefined) return p.fail('a class of objects such as TABLES')
  takePhrase(p, row.objects)
  return { row, className: undefined }
}

export const show = define<Show>({
  kind: 'Show',
  starts: ['SHOW'],
  parse,
  children: ['className', 'in'],
  classify: ({ objects }) => ({ kind: `Show${pascal(objects)}`, class: 'Meta' }),
  record({ className, in: within }, facts) {
    facts.use(className, 'CLASS', 'USAGE')
    facts.use(within?.name, within?.scope ?? '', 'USAGE')
    facts.use(within?.detail, 'RELATION', 'USAGE')
  },
})
