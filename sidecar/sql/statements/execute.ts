/**
 * EXECUTE of stored code: https://docs.snowflake.com/en/sql-reference/sql/execute-task and the pages
 * of EXECUTE ALERT, NOTEBOOK, DBT PROJECT, DCM PROJECT and JOB SERVICE
 */

import type { Expression, Property, Spanned, TargetName } from '../ast.ts'
import { recordNamedObjects } from '../ddl/named-objects.ts'
import { OnceEach, property } from '../ddl/properties.ts'
import type { Phrases } from '../ddl/properties.ts'
import { argumentList } from '../ddl/property-values.ts'
import type { FactCollector } from '../facts/collector.ts'
import { namedBy } from '../facts/named-by.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { executables } from '../scripting/executables.ts'
import type { Executable } from '../scripting/executables.ts'
import { define, pascal } from './definition.ts'

export interface Execute extends Spanned {
  readonly kind: 'Execute'
  readonly objectClass: string
  readonly ifExists: boolean
  /** Of a job service the compute pool that it runs in. */
  readonly name: TargetName
  /** Of a notebook. */
  readonly arguments: readonly Expression[]
  readonly properties: readonly Property[]
}

function parse(p: Parser): Execute {
  const start = p.index
  p.expect('EXECUTE')
  const executable = executables.find(({ name }) => p.ahead(...name.split(' ')))
  if (executable === undefined) return p.fail('IMMEDIATE, TASK, ALERT, NOTEBOOK or JOB SERVICE')
  const { name: objectClass } = executable
  p.expect(...objectClass.split(' '))
  const ifExists = objectClass === 'DBT PROJECT' && p.accept('IF', 'EXISTS')
  if (objectClass === 'JOB SERVICE') p.expect('IN', 'COMPUTE', 'POOL')
  else if (objectClass === 'DBT PROJECT') p.accept('FROM', 'WORKSPACE')
  const name = targetName(p, `the name of the ${objectClass.toLowerCase()}`)
  const values = objectClass === 'NOTEBOOK' ? notebookArguments(p) : []
  const properties = options(p, executable)
  const span = p.span(start)
  return { kind: 'Execute', span, objectClass, ifExists, name, arguments: values, properties }
}

function notebookArguments(p: Parser): readonly Expression[] {
  p.expect('(')
  const values = p.at(')') ? [] : p.list(() => p.rules.expression(p))
  p.expect(')')
  return values
}

/** Options are known by name: of these statements Snowflake takes no others. */
function options(p: Parser, executable: Executable): readonly Property[] {
  const { options: known, phrases, oneOf } = executable
  const found: Property[] = []
  const once = new OnceEach(p)
  for (;;) {
    if (p.at('=', 1) && !known.includes(p.peek()?.keyword ?? '') && !atPhrase(p, phrases)) break
    const next = property(p, phrases)
    if (next === undefined) break
    found.push(once.check(next))
    if (next.name === 'USING CONFIGURATION' && p.at('(')) found.push(once.check(configuration(p)))
  }
  const given = found.filter(({ name }) => oneOf.includes(name)).length
  if (oneOf.length > 0 && given !== 1) p.fail(`one of ${oneOf.join(', ')}`)
  return found
}

/** `(name => value)` behind the name of a configuration. */
function configuration(p: Parser): Property {
  const start = p.index
  const value = argumentList(p)
  return { kind: 'Property', span: p.span(start), name: 'USING', value }
}

function atPhrase(p: Parser, phrases: Phrases): boolean {
  return Object.hasOwn(phrases, p.peek()?.keyword ?? '')
}

function record({ objectClass, name, properties }: Execute, facts: FactCollector): void {
  const executable = executables.find((row) => row.name === objectClass)
  const job = objectClass === 'JOB SERVICE'
  facts.use(name, job ? 'COMPUTE POOL' : objectClass, executable?.privilege ?? 'USAGE')
  if (executable?.detached === true) facts.effect('schedules')
  for (const option of properties) {
    if (job && option.name === 'NAME') facts.write(namedBy(option.value), 'SERVICE', 'CREATE')
    else if (option.name === 'PREVIEW') facts.use(namedBy(option.value), 'RELATION', 'SELECT')
    else recordNamedObjects([option], facts)
  }
}

export const execute = define<Execute>({
  kind: 'Execute',
  starts: ['EXECUTE'],
  parse,
  children: ['name', 'arguments', 'properties'],
  classify: ({ objectClass }) => ({ kind: pascal(`EXECUTE ${objectClass}`), class: 'Script' }),
  record,
})
