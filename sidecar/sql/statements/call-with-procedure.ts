/**
 * A procedure made for one call: `WITH p AS PROCEDURE (…) … CALL p(…)`.
 * https://docs.snowflake.com/en/sql-reference/sql/call-with
 */

import type { Body, Identifier, Parameter, Property, Spanned } from '../ast.ts'
import { codeBody } from '../ddl/body.ts'
import { recordNamedObjects } from '../ddl/named-objects.ts'
import { parameters, parameterType } from '../ddl/parameters.ts'
import { properties } from '../ddl/properties.ts'
import type { Phrases } from '../ddl/properties.ts'
import type { Parser } from '../parser/parser.ts'
import { callStatement } from './call.ts'
import type { Call } from './call.ts'
import { define } from './definition.ts'

export interface CallWithProcedure extends Spanned {
  readonly kind: 'CallWithProcedure'
  readonly name: Identifier
  readonly parameters: readonly Parameter[]
  /** Canonical text: `NUMBER(10,2)`, `TABLE(A INT)`. */
  readonly returns: string
  readonly properties: readonly Property[]
  readonly body: Body
  readonly call: Call
}

const phrases: Phrases = {
  'CALLED ON NULL INPUT': 'nothing',
  'RETURNS NULL ON NULL INPUT': 'nothing',
  STRICT: 'nothing',
  'EXECUTE AS CALLER': 'nothing',
  'EXECUTE AS OWNER': 'nothing',
}

function parse(p: Parser): CallWithProcedure {
  const start = p.index
  p.expect('WITH')
  const name = p.identifier('the name of a procedure')
  p.expect('AS', 'PROCEDURE')
  const given = parameters(p)
  p.expect('RETURNS')
  const returns = parameterType(p)
  p.accept('NOT', 'NULL')
  const before = properties(p, phrases)
  p.expect('LANGUAGE')
  if (p.type() !== 'word') p.fail('SQL, PYTHON, JAVA, JAVASCRIPT or SCALA')
  const language = p.takeText('a language').value
  const after = properties(p, phrases)
  p.expect('AS')
  const body = codeBody(p, language, 'statements')
  const call = ownCall(p, name)
  const span = p.span(start)
  const own = { name, parameters: given, returns, properties: [...before, ...after], body, call }
  return { kind: 'CallWithProcedure', span, ...own }
}

/** Nothing but this procedure can be called here, by its plain name. */
function ownCall(p: Parser, name: Identifier): Call {
  if (!p.at('CALL') || p.peek(1)?.value !== name.value || !p.at('(', 2)) {
    p.fail(`CALL ${name.value}(…)`)
  }
  return callStatement(p)
}

export const callWithProcedure = define<CallWithProcedure>({
  kind: 'CallWithProcedure',
  starts: ['WITH'],
  when: (p) => p.at('AS', 2) && p.at('PROCEDURE', 3),
  parse,
  children: ['name', 'parameters', 'properties', 'body', 'call'],
  classify: { kind: 'CallWithProcedure', class: 'Procedure' },
  record({ properties: given }, facts) {
    recordNamedObjects(given, facts)
  },
})
