/** EXECUTE IMMEDIATE: https://docs.snowflake.com/en/sql-reference/sql/execute-immediate */

import type { Body, Expression, Literal, Spanned, Stage } from '../ast.ts'
import { codeBody } from '../ddl/body.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd } from '../parser/phrases.ts'
import { usingList } from '../scripting/cursor.ts'
import { namedValues } from '../scripting/named-values.ts'
import type { NamedValue } from '../scripting/named-values.ts'
import { define } from './definition.ts'

/** Exactly one of `code`, `expression` and `file` is there. */
export interface ExecuteImmediate extends Spanned {
  readonly kind: 'ExecuteImmediate'
  /** Code that stands in the text. */
  readonly code: Body | undefined
  /** A value that only run time tells. */
  readonly expression: Expression | undefined
  /** A file on a stage, or a path relative to the file that says this. */
  readonly file: Stage | Literal | undefined
  /** USING (a, b): values for the `?` of the code. */
  readonly using: readonly Expression[]
  /** USING (name => value): of the template that the file is. */
  readonly variables: readonly NamedValue[]
  readonly dryRun: boolean
}

function parse(p: Parser): ExecuteImmediate {
  const start = p.index
  p.expect('EXECUTE', 'IMMEDIATE')
  return p.accept('FROM') ? fromFile(p, start) : fromText(p, start)
}

function fromText(p: Parser, start: number): ExecuteImmediate {
  // In an expression the string is only a part of the code.
  const alone = p.type() === 'string' && (atEnd(p, 1) || p.at('USING', 1))
  const code = alone ? oneStatement(p) : undefined
  const expression = code === undefined ? p.rules.expression(p) : undefined
  const using = p.accept('USING') ? usingList(p) : []
  const span = p.span(start)
  const none = { file: undefined, variables: [], dryRun: false } as const
  return { kind: 'ExecuteImmediate', span, code, expression, using, ...none }
}

/** Snowflake runs one statement or block, no more. */
function oneStatement(p: Parser): Body {
  const body = codeBody(p, 'SQL', 'statements')
  if ((body.code?.length ?? 0) > 1) {
    p.index = body.span.start
    p.fail('one statement, or a block')
  }
  return body
}

function fromFile(p: Parser, start: number): ExecuteImmediate {
  const file = fileName(p)
  const variables = p.accept('USING') ? namedValues(p) : []
  const dryRun = p.accept('DRY_RUN', '=') && boolean(p)
  const span = p.span(start)
  const none = { code: undefined, expression: undefined, using: [] } as const
  return { kind: 'ExecuteImmediate', span, file, variables, dryRun, ...none }
}

function fileName(p: Parser): Stage | Literal {
  const start = p.index
  if (p.type() !== 'stage' && p.type() !== 'string') p.fail('a file on a stage')
  const { type, value } = p.take('a file')
  const span = p.span(start)
  return type === 'stage' || value.startsWith('@')
    ? { kind: 'Stage', span, text: value }
    : { kind: 'Literal', span, type: 'string', value }
}

function boolean(p: Parser): boolean {
  if (p.accept('TRUE')) return true
  p.expect('FALSE')
  return false
}

export const executeImmediate = define<ExecuteImmediate>({
  kind: 'ExecuteImmediate',
  starts: ['EXECUTE IMMEDIATE'],
  parse,
  children: ['code', 'expression', 'file', 'using', 'variables'],
  classify: { kind: 'ExecuteImmediate', class: 'Script' },
  record({ expression, file }, facts) {
    const unknown = expression ?? file
    if (unknown === undefined) return
    const what =
      file === undefined ? 'the code that EXECUTE IMMEDIATE runs' : 'a file of statements'
    facts.dynamic.push({ what, span: unknown.span })
  },
})
