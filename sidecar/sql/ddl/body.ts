/** Code inside a string: `AS $$ … $$` of functions, procedures and tasks, EXECUTE IMMEDIATE '…'. */

import { FrostgateError } from '../../errors.ts'
import type { Body } from '../ast.ts'
import type { CodeKind, Parser } from '../parser/parser.ts'
import type { Parsed } from '../parsed.ts'

/**
 * Reads one string as code in `language` (upper case). SQL is parsed to its last token; other
 * languages are not read. Throws SqlCode, which names the string and the place in it, for SQL that
 * is empty or wrong, and SqlTooLarge for code nested deeper than `limits.codeDepth`.
 */
export function codeBody(p: Parser, language: string, kind: CodeKind): Body {
  if (p.type() !== 'string') p.fail('code in quotes or between $$')
  const start = p.index
  const { value } = p.take('code')
  const span = p.span(start)
  const code = language === 'SQL' ? sqlCode(p, start, value, kind) : undefined
  return { kind: 'Body', span, language, code }
}

function sqlCode(p: Parser, at: number, text: string, kind: CodeKind): readonly Parsed[] {
  let code: readonly Parsed[]
  try {
    code = p.rules.code(text, kind, p.codeDepth + 1)
  } catch (error) {
    if (error instanceof FrostgateError && error.entry !== 'SqlTooLarge') {
      throw wrongCode(p, at, reasonOf(error))
    }
    throw error
  }
  if (code.length === 0) throw wrongCode(p, at, 'it holds no statement.')
  return code
}

function wrongCode(p: Parser, at: number, reason: string): FrostgateError {
  const position = p.position(at)
  return FrostgateError.of('SqlCode', { ...position, reason }, position)
}

/** The inner message counts lines from the string's first character, which must be said. */
function reasonOf({ message, line, column }: FrostgateError): string {
  const text = message.replace(/ \[Frostgate \w+\]$/, '')
  const place = `Line ${line}, column ${column}: `
  return text.startsWith(place)
    ? `in line ${line}, column ${column} of it, ${text.slice(place.length)}`
    : text
}
