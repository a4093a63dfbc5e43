/** SHOW and DESCRIBE of what the gateway can filter; other forms are heads. */

import type { Describe, Show } from '../statements.ts'
import { headStatement } from './head.ts'
import type { HeadStatement } from '../statements.ts'
import { statementName } from './names.ts'
import type { Parser } from './parser.ts'

const shown = ['DATABASES', 'SCHEMAS', 'TABLES', 'VIEWS', 'OBJECTS', 'COLUMNS'] as const

type Scope = NonNullable<Show['in']>['scope']

/** What a bare name after IN is. */
const bareScope: Readonly<Record<Show['objects'], Scope>> = {
  DATABASES: 'ACCOUNT',
  SCHEMAS: 'DATABASE',
  TABLES: 'SCHEMA',
  VIEWS: 'SCHEMA',
  OBJECTS: 'SCHEMA',
  COLUMNS: 'TABLE',
}
const scopes = ['DATABASE', 'SCHEMA', 'TABLE', 'VIEW'] as const

export function show(p: Parser): Show | HeadStatement {
  const terseAhead = p.at('TERSE', 1) ? 2 : 1
  const objects = shown.find((word) => p.at(word, terseAhead))
  if (objects === undefined) return headStatement(p, 'SHOW')
  const start = p.index
  p.keywords(terseAhead + 1)
  p.accept('HISTORY')
  const like = p.accept('LIKE') ? text(p) : undefined
  const scope = p.accept('IN') ? showScope(p, objects) : undefined
  if (p.accept('STARTS', 'WITH')) text(p)
  const limit = showLimit(p)
  const span = p.span(start)
  return { kind: 'Show', span, limit, objects, terse: terseAhead === 2, like, in: scope }
}

function text(p: Parser): string {
  if (p.type() !== 'string') p.fail('text in quotes')
  return p.takeText('text in quotes').value
}

/** `LIMIT n FROM 'name'` counts rows from a name on, also of objects the client may not see. */
function showLimit(p: Parser): Show['limit'] {
  const start = p.index
  if (!p.accept('LIMIT')) return undefined
  if (p.type() !== 'number') p.fail('a number')
  const rows = Number(p.takeText('a number').value)
  if (!Number.isSafeInteger(rows)) p.fail('a whole number')
  return { span: p.span(start), rows }
}

function showScope(p: Parser, objects: Show['objects']): NonNullable<Show['in']> {
  if (p.accept('ACCOUNT')) return { scope: 'ACCOUNT', name: undefined }
  const given = scopes.find((word) => p.accept(word))
  const scope = given ?? bareScope[objects]
  if (scope === 'ACCOUNT') p.fail('ACCOUNT')
  // `IN DATABASE` alone is the current one.
  const ends = p.peek() === undefined || p.at('STARTS') || p.at('LIMIT')
  if (given !== undefined && ends) return { scope, name: undefined }
  return { scope, name: statementName(p, `the name of a ${scope.toLowerCase()}`) }
}

export function describe(p: Parser): Describe | HeadStatement {
  const given = (['TABLE', 'VIEW'] as const).find((word) => p.at(word, 1))
  // `DESC USER x` has two words; `DESC x` describes a table.
  const bare = given === undefined && (p.peek(2) === undefined || p.at('.', 2))
  if (given === undefined && !bare) return headStatement(p, 'DESCRIBE')
  const start = p.index
  p.keywords(given === undefined ? 1 : 2)
  const name = statementName(p, 'the name of a table or view')
  if (p.accept('TYPE', '=') && !p.accept('STAGE')) p.expect('COLUMNS')
  return { kind: 'Describe', span: p.span(start), object: given ?? 'TABLE', name }
}
