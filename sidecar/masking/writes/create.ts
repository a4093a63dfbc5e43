/** CREATE TABLE, also AS a query, CREATE VIEW, CREATE SCHEMA. */

import {
  displayObject,
  isInformationSchema,
  matchesColumn,
  matchesObject,
} from '../../catalog/names.ts'
import { FrostgateError } from '../../errors.ts'
import type { Query } from '../../sql/ast.ts'
import { printName } from '../../sql/names.ts'
import type { Create } from '../../sql/statements.ts'
import type { Shape } from '../lineage/types.ts'
import { refuseDefinitions } from './definitions.ts'
import { namedByColumn } from '../item-names.ts'
import { itemsOf, keepShape } from './insert.ts'
import { schemaName } from './names.ts'
import { changeRefused, refuseKeyed, refuseReached } from './reach.ts'
import { valueRefused } from './values.ts'
import type { Target, Writing } from './writing.ts'

type Shaped = (statement: Create, writing: Writing) => void

const classes: Readonly<Record<string, Shaped>> = { TABLE: table, VIEW: view, SCHEMA: schema }

export function create(statement: Create, writing: Writing): void {
  const { verb, objectClass, modifiers, source, attachments = [], body, semantics } = statement
  const shaped = verb === 'CREATE' ? classes[objectClass] : undefined
  if (shaped === undefined || modifiers.includes('OR ALTER')) writing.unsupported()
  if (source !== undefined || body !== undefined || semantics !== undefined) writing.unsupported()
  if (attachments.length > 0) writing.unsupported(`${writing.words} with policies or tags`)
  shaped(statement, writing)
}

function table(statement: Create, writing: Writing): void {
  const { name, modifiers, columns = [], constraints = [], query } = statement
  const target = writing.target(name)
  refuseDefinitions(writing, columns, constraints)
  refuseKeyed(writing, target, columns)
  if (modifiers.includes('OR REPLACE') && target.masked !== null) refuseReached(writing, target)
  if (query === undefined) return
  fill(statement, target, query, writing)
}

/** What a query gives, stored in a table, or shown by a view. */
function fill({ columns = [] }: Create, target: Target, query: Query, writing: Writing): void {
  const { binding, harmless } = writing.setting
  const named = binding.some((mask) =>
    mask.columns.some((pattern) => matchesObject(pattern, target.name)),
  )
  if (harmless && !named) return
  const shape = writing.query(query)
  const names = columns.length > 0 ? columns.map((column) => column.name.value) : null
  if (named) refuseFilled(writing, target, names, shape, query)
  keepShape(writing, shape)
}

/**
 * A new relation may have a column that a rule with wildcards will protect. Of what a query computes
 * there, masks would be read: those of all values, where the mask is a token.
 */
function refuseFilled(
  writing: Writing,
  { name }: Target,
  names: readonly string[] | null,
  shape: Shape,
  query: Query,
): void {
  const filled = names ?? shape.columns.map((column) => column.name)
  const unknown = names === null && (!shape.known || mayBeNamed(shape, query))
  for (const { columns, name: rule } of writing.setting.binding) {
    for (const pattern of columns) {
      const column = filled.find((given) => given !== null && matchesColumn(pattern, name, given))
      const unsure = unknown && matchesColumn(pattern, name, pattern.column ?? '')
      if (column === undefined && !unsure) continue
      const shown = `${displayObject(name)}.${printName([column ?? pattern.column ?? '*'])}`
      throw valueRefused(writing, { rule, shown }, 'a query', query.span.start)
    }
  }
}

/** Is there a column whose name is not known, and which is not named by the text of an expression? */
function mayBeNamed({ columns }: Shape, query: Query): boolean {
  const items = itemsOf(query)
  return columns.some(
    ({ name }, index) => name === null && namedByColumn.has(items[index]?.kind ?? 'Star'),
  )
}

/** Its body runs later, for whom it was not judged, so nothing protected may be behind it. */
function view(statement: Create, writing: Writing): void {
  const { name, modifiers, query } = statement
  const target = writing.target(name)
  if (modifiers.includes('OR REPLACE') && target.masked !== null) refuseReached(writing, target)
  if (writing.setting.facts.priorResults.length > 0)
    writing.unsupported(`${writing.words} of a result`)
  for (const { relation, columns, hidden, touchesProtected } of writing.setting.relations) {
    const [column] = [...columns.values(), ...hidden.keys()]
    if (column !== undefined) throw writing.persistRefused(column, query?.span.start ?? 0)
    if (!touchesProtected && !isInformationSchema(relation.name)) continue
    const object = displayObject(relation.name)
    throw FrostgateError.of('ConstructOnProtected', { construct: writing.words, object })
  }
  if (query !== undefined) fill(statement, target, query, writing)
}

/** Replacing one drops all that is in it. */
function schema({ name, modifiers, query }: Create, writing: Writing): void {
  if (query !== undefined) writing.unsupported()
  if (!modifiers.includes('OR REPLACE')) return
  const [database, own] = schemaName(name, writing.setting.context)
  for (const { name: rule, columns, tags } of writing.setting.all) {
    const inside = columns.some(
      (pattern) => (pattern.database ?? database) === database && (pattern.schema ?? own) === own,
    )
    if (inside || tags.length > 0) throw changeRefused(writing, printName([database, own]), rule)
  }
}
