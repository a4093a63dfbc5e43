/**
 * CREATE of any class: https://docs.snowflake.com/en/sql-reference/sql/create, and DEFINE, which says
 * the same in the files of a DCM project.
 */

import type { ObjectName, Source, Spanned, TargetName } from '../ast.ts'
import { createTail } from '../ddl/create-tail.ts'
import { ddlHead } from '../ddl/head.ts'
import { recordNamedObjects } from '../ddl/named-objects.ts'
import { runsByItself } from '../ddl/scheduled.ts'
import type { CreateTail } from '../ddl/tails.ts'
import { partsOf } from '../names.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface Create extends Spanned, CreateTail {
  readonly kind: 'Create'
  readonly verb: 'CREATE' | 'DEFINE'
  readonly objectClass: string
  /** `SNOWFLAKE.ML.FORECAST`, for an INSTANCE. */
  readonly instanceOf: ObjectName | undefined
  /** `OR REPLACE`, `TEMPORARY`, `SECURE`, … in text order. */
  readonly modifiers: readonly string[]
  readonly ifNotExists: boolean
  readonly name: TargetName
}

function parse(p: Parser): Create {
  const verb = p.at('DEFINE') ? 'DEFINE' : 'CREATE'
  const head = ddlHead(p, verb)
  const { start, objectClass, instanceOf, modifiers, conditional, name } = head
  if (name === undefined) p.fail('a name')
  const tail = objectClass.create?.(p, head) ?? createTail(p, objectClass)
  return {
    kind: 'Create',
    verb,
    span: p.span(start),
    objectClass: objectClass.name,
    instanceOf,
    modifiers,
    ifNotExists: conditional,
    name,
    ...tail,
  }
}

/**
 * A backup set keeps what it is FOR and gives it back, an archive its table's rows; a replica has
 * the rows of its primary.
 */
function copies(source: Source | undefined): boolean {
  if (source === undefined) return false
  const { type, objectClass, table } = source
  if (type === 'CLONE' || type === 'FOR' || objectClass === 'BACKUP SET') return true
  return type === 'AS' ? objectClass === 'DATABASE' : type === 'FROM' && table !== undefined
}

export const create = define<Create>({
  kind: 'Create',
  starts: ['CREATE', 'DEFINE'],
  parse,
  children: [
    ...([
      'instanceOf',
      'name',
      'parameters',
      'returns',
      'columns',
      'constraints',
      'source',
    ] as const),
    ...(['arguments', 'properties', 'attachments', 'expressions', 'condition'] as const),
    ...(['query', 'semantics', 'body', 'statement'] as const),
  ],
  classify: ({ verb, objectClass }) => ({ kind: pascal(`${verb} ${objectClass}`), class: 'DDL' }),
  record({ name, objectClass, instanceOf, modifiers, query, source, properties = [] }, facts) {
    const replaces = modifiers.includes('OR REPLACE')
    facts.write(name, objectClass, replaces ? 'REPLACE' : 'CREATE')
    if (instanceOf !== undefined) {
      facts.use(instanceOf, 'CLASS', 'USAGE')
      // Making one runs the class's own code on what it is given.
      const { span } = instanceOf
      facts.functions.push({ name: partsOf(instanceOf), type: 'Procedure', span })
    }
    recordNamedObjects(properties, facts)
    const stores = query !== undefined && objectClass !== 'VIEW'
    if (stores || copies(source)) facts.effect('persists')
    if (runsByItself(objectClass)) facts.effect('schedules')
  },
})
