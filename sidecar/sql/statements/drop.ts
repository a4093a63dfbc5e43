/** DROP and UNDROP: https://docs.snowflake.com/en/sql-reference/sql/drop */

import type { ObjectName, Parameter, Property, Spanned, TargetName } from '../ast.ts'
import { ddlHead } from '../ddl/head.ts'
import { phrased } from '../ddl/properties.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface Drop extends Spanned {
  readonly kind: 'Drop'
  readonly verb: 'DROP' | 'UNDROP'
  readonly objectClass: string
  /** `SNOWFLAKE.ML.FORECAST`, for an INSTANCE. */
  readonly instanceOf: ObjectName | undefined
  readonly ifExists: boolean
  readonly name: TargetName
  /** The argument types of a function or procedure. */
  readonly signature: readonly Parameter[]
  /** CASCADE drops what refers to it, RESTRICT refuses; undefined for the default. */
  readonly behaviour: 'CASCADE' | 'RESTRICT' | undefined
  readonly properties: readonly Property[]
}

function parse(p: Parser): Drop {
  const verb = p.at('DROP') ? 'DROP' : 'UNDROP'
  const head = ddlHead(p, verb)
  const { start, objectClass, instanceOf, conditional, name, signature } = head
  if (name === undefined) p.fail('a name')
  const behaviours = verb === 'DROP' ? (['CASCADE', 'RESTRICT'] as const) : []
  const behaviour = behaviours.find((word) => p.accept(word))
  const given = verb === 'DROP' ? phrased(p, objectClass.drop ?? {}) : undefined
  return {
    kind: 'Drop',
    span: p.span(start),
    verb,
    objectClass: objectClass.name,
    instanceOf,
    ifExists: conditional,
    name,
    signature,
    behaviour,
    properties: given === undefined ? [] : [given],
  }
}

export const drop = define<Drop>({
  kind: 'Drop',
  starts: ['DROP', 'UNDROP'],
  parse,
  children: ['instanceOf', 'name', 'signature', 'properties'],
  classify: ({ verb, objectClass }) => ({
    kind: pascal(`${verb} ${objectClass}`),
    class: verb === 'DROP' ? 'Drop' : 'DDL',
  }),
  record({ name, objectClass, instanceOf, verb }, facts) {
    facts.write(name, objectClass, verb)
    facts.use(instanceOf, 'CLASS', 'USAGE')
  },
})
